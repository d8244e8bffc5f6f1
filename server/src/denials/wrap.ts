/** Lines that a terminal, a mail or a web page broke: what belongs together, and whether a space was lost at the break. */
import { hasKey, isClass, isKnownWord } from "./vocabulary.ts";

/** Broken pieces of one record; more is another text. */
export const MOST_PIECES = 40;
/** Characters of one record, all pieces together. */
export const MOST_JOINED = 65_536;

/** The record with the next piece of it. `next` keeps the white space in front of it. */
export function join(text: string, next: string): string {
  const piece = next.trimStart();
  const head = text.trimEnd();
  if (head.length < text.length || piece.length < next.length) {
    // White space at the break is usually kept by what broke it; in front of a fragment it is an indent.
    return isFragment(head, piece) ? head + piece : `${head} ${piece}`;
  }
  return isFragment(head, piece) || !startsWord(head, piece) ? head + piece : `${head} ${piece}`;
}

/** True where the last word of a record is cut, and the piece has the rest of it. */
function isFragment(head: string, piece: string): boolean {
  if (/[=/]$/u.test(head) || /[a-z]_[ur]:$/u.test(head)) return true;
  const last = lastWord(head);
  const first = firstWord(piece);
  if (last.startsWith("tclass=")) return !isClass(last.slice(7)) && isClass(last.slice(7) + first);
  return !isKnownWord(last) && isKnownWord(last + first) && !isKnownWord(first);
}

function startsWord(head: string, piece: string): boolean {
  const first = firstWord(piece);
  if (isKnownWord(lastWord(head) + first) && !isKnownWord(lastWord(head))) return false;
  return (
    isKnownWord(first) ||
    /[,;]$/u.test(head) ||
    /^[({"[]/u.test(piece) ||
    /(?:client|server|host|upstream):$/u.test(head)
  );
}

function lastWord(text: string): string {
  return text.slice(Math.max(text.lastIndexOf(" "), text.lastIndexOf("\t"), text.length - 256) + 1);
}

function firstWord(text: string): string {
  const end = text.search(/\s/u);
  return end < 0 ? text.slice(0, 256) : text.slice(0, Math.min(end, 256));
}

/** True where `next`, which starts nothing of its own, goes on with an audit record. */
export function continuesRecord(text: string, next: string): boolean {
  if (next.trim() === "") return false;
  if (isCutByPager(text)) return false;
  return hasKey(next.trimStart()) || hangs(text) || isFragment(text.trimEnd(), next.trimStart()) || !hasBody(text);
}

/** An AVC record whose `avc:` is still to come: one key per line. */
function hasBody(text: string): boolean {
  return !/type=(?:USER_)?AVC/u.test(text) || /avc:|lsm=|apparmor=/u.test(text);
}

/** Something was opened and not closed: a quote, a brace, a context. */
function hangs(text: string): boolean {
  const tail = text.trimEnd();
  if (/[={(:]$/u.test(tail) || /avc:\s*(?:denied|granted)$/u.test(tail)) return true;
  if (tail.lastIndexOf("{") > tail.lastIndexOf("}")) return true;
  return isOdd(countOf(tail, '"'));
}

/** `journalctl` and `less -S` cut long lines and put `>` at the end. */
export function isCutByPager(text: string): boolean {
  return /[^\s>-]>\s*$/u.test(text) && !text.endsWith("/>");
}

/** True where `next`, which starts nothing of its own, goes on with a line of nginx's. */
export function continuesMessage(text: string, next: string): boolean {
  const piece = next.trim();
  if (piece === "") return false;
  const tail = text.trimEnd();
  const ended = /\((?:\d+: [A-Za-z][^()]*|SSL: [^()]*(?:\([^()]*\)[^()]*)*)\)|Permission denied\)/u.test(tail);
  if (!ended) return /\(|\[(?:emerg|alert|crit|error)\]|failed/u.test(tail) || /^\(?\d+: |denied\)/u.test(piece);
  if (isOdd(countOf(tail, '"')) || tail.endsWith(",")) return true;
  return /^(?:while |client: |server: |request: "|upstream: "|host: "|referrer: ")|, (?:server: |request: "|upstream: "|host: ")/u.test(
    piece,
  );
}

function isOdd(count: number): boolean {
  return count % 2 === 1;
}

function countOf(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++;
  return count;
}
