/** Text in HTML: every name comes from a file that anyone may have written. */

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Markup, as opposed to text: only `markup` makes it. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** No markup. */
export const nothing = new Markup("");

type Part = Markup | string | number | readonly Markup[];

/** A template whose values are escaped unless they are markup themselves. Control characters become visible. */
export function markup(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  let text = strings[0] ?? "";
  for (const [i, value] of values.entries()) text += partText(value) + (strings[i + 1] ?? "");
  return new Markup(text);
}

function partText(value: Part): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "string" || typeof value === "number") return escaped(String(value));
  return value.map((each) => each.text).join("");
}

/**
 * Direction marks and control characters could make a name look like another one. What a CI service that reads the page in a
 * log would take for a command (see `base/workflowCommands.ts`) is written with character references.
 */
function escaped(text: string): string {
  return text
    .replace(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    )
    .replace(/[&<>"']/gu, (character) => entities[character] ?? character)
    .replaceAll("##", "#&#35;")
    .replace(/^(\s*):(?=:)/gmu, "$1&#58;");
}
