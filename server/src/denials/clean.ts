/** One line without what pasting adds: quoting, colours, escapes of Markdown and of HTML, byte 0x1D. */

const QUOTING = /^(?:[ \t]{0,8}>)+[ \t]?(?=\S)/u;
const ANSI = /\u001b(?:\[[0-9;?]*[A-Za-z]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/gu;
const ESCAPED = /\\([_{}[\]*.#()+!`>~|=-])/gu;
/** An escape where no log has a backslash: in a name of SELinux, around the level, behind a number. */
const IS_ESCAPED = /[a-z]\\_[a-z]|\\[[{*]|[0-9]\\\.(?:\s|$)/u;
/** An entity where a log has a quote or a bracket: an ampersand alone is a request's own. */
const IS_HTML = /&(?:quot|#34|gt|lt);/u;
const ENTITIES: Readonly<Record<string, string>> = {
  "&quot;": '"',
  "&#34;": '"',
  "&gt;": ">",
  "&lt;": "<",
  "&amp;": "&",
  "&#39;": "'",
  "&nbsp;": " ",
};

/** The line as the program wrote it, as far as that can be told. White space in front stays: it tells how a line was broken. */
export function cleanLine(line: string): string {
  let text = line;
  if (SPECIAL.test(text)) {
    text = text.replace(/\r+$/u, "").replace(ANSI, "").replaceAll("\u001d", " ").replaceAll("\u00a0", " ");
    text = text.replace(/[\u201c\u201d\u201e]/gu, '"').replace(/[\u2018\u2019]/gu, "'");
    text = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001c\u001e\u001f\u007f\u200b\ufeff]/gu, "");
  }
  if (IS_HTML.test(text))
    text = text.replace(/&(?:quot|gt|lt|amp|nbsp|#34|#39);/gu, (entity) => ENTITIES[entity] ?? entity);
  if (/^[ \t]*>/u.test(text)) text = text.replace(QUOTING, "");
  if (text.includes("\\") && IS_ESCAPED.test(text)) text = text.replace(ESCAPED, "$1");
  if (text.includes("`")) text = text.replace(/^(\s*)`+|`+\s*$/gu, "$1");
  return text;
}

const SPECIAL = /[\u0000-\u0008\u000b-\u001f\u007f\u00a0\u200b\u2018-\u201e\ufeff]/u;
