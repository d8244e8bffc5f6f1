/** Text in chunks -> lines, bounded. */

/** Characters of a line that are looked at; a longer one is cut there. */
export const MOST_LINE = 131_072;

/** A copy of a line: what is cut out of a chunk holds the whole chunk in memory as long as it is kept itself. */
export function copyOf(line: string): string {
  return ` ${line}`.slice(1);
}

/** Cuts chunks into lines. A line feed ends one; so does a carriage return with a line feed. */
export class LineSplitter {
  #rest = "";
  #number = 0;
  /** True while the rest of a line that is too long is thrown away. */
  #skipping = false;
  readonly #line: (text: string, number: number) => void;

  /** `line` gets each line without its end, and its number, one-based. */
  constructor(line: (text: string, number: number) => void) {
    this.#line = line;
  }

  push(chunk: string): void {
    let from = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", from)) {
      const piece = chunk.slice(from, end);
      if (this.#skipping) this.#skipping = false;
      else this.#say(this.#rest === "" ? piece : this.#rest + piece);
      this.#rest = "";
      from = end + 1;
    }
    if (this.#skipping) return;
    this.#rest += chunk.slice(from);
    if (this.#rest.length <= MOST_LINE) return;
    this.#say(this.#rest);
    this.#rest = "";
    this.#skipping = true;
  }

  end(): void {
    if (this.#rest !== "" && !this.#skipping) this.#say(this.#rest);
    this.#rest = "";
    this.#skipping = false;
  }

  #say(text: string): void {
    this.#number++;
    this.#line(text.length > MOST_LINE ? text.slice(0, MOST_LINE) : text, this.#number);
  }
}
