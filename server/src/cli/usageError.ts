/** A command line that cannot be obeyed, or work that cannot be done: exit code 2 and this message. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}
