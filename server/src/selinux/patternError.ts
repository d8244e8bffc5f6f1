/** How patterns of file_contexts are refused. */

/** A pattern that cannot be matched faithfully; `message` says why. */
export class PatternError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PatternError";
  }
}

/** The budget does not suffice for this question. A later one may be answered. */
export class PatternBudgetError extends PatternError {
  constructor() {
    super("too much work");
    this.name = "PatternBudgetError";
  }
}
