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

/** How text looks: colours and links, or neither where the output is no terminal. */
export interface Style {
  /** Characters of prose in a line; commands are never broken. */
  readonly width: number;
  /** Text that leads to a file, where the terminal has hyperlinks. `path`: absolute. */
  link(text: string, path: string): string;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  green(text: string): string;
}

/** Characters of prose in a line where the output is no terminal. */
const WIDTH = 100;

/** The terminal that is written to. */
export interface Terminal {
  /** Columns; undefined where it does not say. */
  readonly columns?: number | undefined;
  /** See `hasLinks`. */
  readonly links?: boolean;
}

/** `colour`: see `wantsColour`. */
export function styleFor(colour: boolean, { columns, links = false }: Terminal = {}): Style {
  const paint =
    (code: number) =>
    (text: string): string =>
      colour && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
  const width = columns === undefined ? WIDTH : Math.max(40, Math.min(columns, 160) - LEAD);
  const link = (text: string, path: string): string => {
    const uri = path.split("/").map(encodeURIComponent).join("/");
    return links && text !== "" ? `\u001b]8;;file://${uri}\u001b\\${text}\u001b]8;;\u001b\\` : text;
  };
  return {
    width,
    link,
    bold: paint(1),
    dim: paint(2),
    red: paint(31),
    yellow: paint(33),
    blue: paint(34),
    green: paint(32),
  };
}

/** Columns in front of the text of a named line. */
const LEAD = 9;

/**
 * Whether a terminal has hyperlinks (OSC 8): those that are known to, by the variables that they set. Others may print the
 * address as it is.
 */
export function hasLinks(environment: Readonly<Record<string, string | undefined>>): boolean {
  const { TERM = "", TERM_PROGRAM = "", VTE_VERSION = "", KONSOLE_VERSION = "", WT_SESSION = "" } = environment;
  if (["iTerm.app", "WezTerm", "vscode", "ghostty"].includes(TERM_PROGRAM)) return true;
  if (/^(?:xterm-kitty|xterm-ghostty|foot|alacritty)/u.test(TERM) || WT_SESSION !== "" || KONSOLE_VERSION !== "")
    return true;
  return Number(VTE_VERSION) >= 5000;
}

/** Colour on a terminal only, and not where NO_COLOR is set (no-color.org) or the terminal is dumb. */
export function wantsColour(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
}
