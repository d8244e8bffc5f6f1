/** Text for a terminal or a log: nothing that it shows can move the cursor, change colours, hide, or be a command. */
import { withoutMarkers } from "../base/workflowCommands.ts";

/** Control, format and line-separating characters; tabs too, the excerpt expands its own. */
const unsafe = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** The text with every character that a terminal or a CI service would act on written as an escape. One line. */
export function printable(text: string): string {
  return isPlain(text)
    ? withoutMarkers(text)
    : withoutMarkers(text).replace(unsafe, (character) => {
        const value = character.charCodeAt(0);
        return value < 0x100
          ? `\\x${value.toString(16).padStart(2, "0")}`
          : `\\u${value.toString(16).padStart(4, "0")}`;
      });
}

/** True for printable ASCII, which nearly every text is: a column for each character, and nothing to escape. */
export function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** Columns that a printable text takes: wide characters take two, combining ones none. */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** First and last code points of characters that terminals draw two columns wide (East Asian Width W and F). */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

function widthOf(character: string): number {
  const value = character.codePointAt(0) ?? 0;
  if (value < 0x300) return 1;
  if (/^[\p{Mn}\p{Me}]$/u.test(character)) return 0;
  return wide.some(([first, last]) => first <= value && value <= last) ? 2 : 1;
}

/** Colours, or nothing where the output is no terminal. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  green(text: string): string;
}

/** `colour`: see `wantsColour`. */
export function styleFor(colour: boolean): Style {
  const paint =
    (code: number) =>
    (text: string): string =>
      colour && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: paint(1), dim: paint(2), red: paint(31), yellow: paint(33), blue: paint(34), green: paint(32) };
}

/** Colour on a terminal only, and not where NO_COLOR is set (no-color.org) or the terminal is dumb. */
export function wantsColour(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
}
