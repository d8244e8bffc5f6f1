/** What a message of nginx's says: the call that failed, on what, with which error, and for whom. */
import type { NginxLine } from "./denial.ts";

type Failure = Pick<
  NginxLine,
  "call" | "what" | "address" | "port" | "path" | "to" | "errno" | "refused" | "resource" | "value"
>;

/** A message, read. */
export interface ReadMessage {
  /** Nothing of what the message does not say. */
  readonly failure: Partial<Failure>;
  /** `while connecting to upstream`. */
  readonly phase: string | null;
  /** ` in FILE:LINE` at the end. */
  readonly place: { readonly file: string; readonly line: number } | null;
  /** What stands behind the failure: the names of the request, which `namesIn` reads. */
  readonly tail: string;
}

/** Longest message that is looked at; nginx itself stops at 2048 (`NGX_MAX_ERROR_STR`). */
export const MOST_TEXT = 16_384;

/** Reads a message without its head. */
export function readMessage(message: string): ReadMessage {
  const text = message.length > MOST_TEXT ? message.slice(0, MOST_TEXT) : message;
  const found = simpleFailure(text) ?? opensslFailure(text) ?? callFailure(text) ?? forbidden(text) ?? deniedFile(text);
  const tail = text.slice(found?.end ?? 0);
  return { failure: found?.fields ?? {}, phase: phaseIn(tail), place: placeIn(tail), tail };
}

/** The usual messages, in one step. */
const SIMPLE = /^([a-z_]{2,20})\(\) (?:to ([^\s"]{1,4096})|"([^"]{1,4096})") failed \((\d{1,3}): [A-Za-z ]{1,60}\)/u;

function simpleFailure(text: string): Found | null {
  const match = SIMPLE.exec(text);
  if (match === null) return null;
  const [whole, call = "", to, path, number] = match;
  const errno = Number(number);
  const refused = isRefusal(errno);
  if (path !== undefined) return { fields: { call, path, errno, refused }, end: whole.length };
  const { address, port, path: socket } = objectTo(to ?? "");
  return { fields: { call, address, port, path: socket, errno, refused }, end: whole.length };
}

interface Found {
  readonly fields: Partial<Failure>;
  /** Where the rest begins: the phase and the names. */
  readonly end: number;
}

/** `(13: Permission denied)`, also `(13:Permission denied)` where a break took the space. */
const ERROR = /\((\d{1,3}):\s?([A-Za-z][^()]{0,120})(?:\)|$)/gu;
const CALL = /(?:^|[^\w])([a-z_][a-z0-9_]{1,31})\(([^()]{0,4096})\)/gu;

/** `connect() to 127.0.0.1:3000 failed (13: Permission denied)`: the last call in front of the first error counts. */
function callFailure(text: string): Found | null {
  const failed = text.indexOf(" failed (");
  if (failed < 0) return null;
  ERROR.lastIndex = failed;
  const error = ERROR.exec(text);
  const call = lastCall(text.slice(0, failed + 1));
  if (call === null) return null;
  const end =
    error === null || error.index !== failed + 8 ? endOfParenthesis(text, failed + 8) : error.index + error[0].length;
  const reason = text.slice(failed + 9, end);
  const errno = error !== null && error.index === failed + 8 ? Number(error[1]) : null;
  const refused = errno === null ? /Permission denied|Operation not permitted/u.test(reason) : isRefusal(errno);
  return { fields: { call: call.name, errno, refused, ...objectOf(call, text.slice(call.end, failed)) }, end };
}

interface Call {
  readonly name: string;
  readonly argument: string;
  readonly end: number;
}

function lastCall(text: string): Call | null {
  let found: Call | null = null;
  for (const match of text.matchAll(CALL)) {
    const [whole, name = "", argument = ""] = match;
    // A quoted path may hold what looks like a call; the call is in front of it.
    if (found !== null && text.slice(found.end, match.index).includes('"')) break;
    found = { name, argument, end: match.index + whole.length };
  }
  return found;
}

/** What stands in the parentheses or behind them. */
function objectOf({ name, argument }: Call, rest: string): Partial<Failure> {
  if (name === "setrlimit" || name === "getrlimit") {
    const [resource = "", value = ""] = argument.split(/,\s*/u);
    return { resource, value: /^\d{1,15}$/u.test(value) ? Number(value) : null };
  }
  const paths = /^\s*"([^"]*)"(?:\s+to\s+"([^"]*)")?/u.exec(rest);
  if (paths !== null) return { path: paths[1] ?? null, to: paths[2] ?? null };
  const quoted = /^"([^"]*)"/u.exec(argument);
  if (quoted !== null) return { path: quoted[1] ?? null };
  const to =
    /^\s*to\s+"?([^"]+?)"?\s*$/u.exec(rest)?.[1] ?? (argument === "" || argument.includes(",") ? undefined : argument);
  if (to === undefined) return {};
  return objectTo(to);
}

/** What nginx connects, binds or writes to. */
function objectTo(to: string): Pick<Failure, "address" | "port" | "path"> {
  return to.startsWith("/") ? { address: null, port: null, path: to } : addressOf(to);
}

/** `127.0.0.1:3000`, `[::1]:8080`, `unix:/run/x.sock`, `192.0.2.77`. */
export function addressOf(address: string): Pick<Failure, "address" | "port" | "path"> {
  if (/^unix:/iu.test(address)) {
    const path = address.slice(5).replace(/^\/{2,}/u, "/");
    return { address, port: null, path: path === "" ? null : path };
  }
  const port = /^(?:\[[0-9a-fA-F:.%a-z]+\]|[^:\s]+):(\d{1,5})$/u.exec(address)?.[1];
  return { address, port: port === undefined ? null : Number(port), path: null };
}

function endOfParenthesis(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")" && --depth === 0) return i + 1;
  }
  return text.length;
}

function isRefusal(errno: number): boolean {
  return errno === 13 || errno === 1;
}

/** `"/srv/www/index.html" is forbidden (13: Permission denied)`: the index module's, and the static module's for a stat. */
function forbidden(text: string): Found | null {
  const match = /^"([^"]{1,4096})" is (?:forbidden|not found) \((\d{1,3}):\s?[A-Za-z][^()]{0,120}\)/u.exec(text);
  if (match === null) return null;
  const errno = Number(match[2]);
  return { fields: { call: "index", path: match[1] ?? null, errno, refused: isRefusal(errno) }, end: match[0].length };
}

const OPENSSL =
  /(?:cannot load ([A-Za-z ]{2,40}?) "([^"]{1,4096})": |([A-Za-z][A-Za-z0-9_]{3,60})\("([^"]{1,4096})"\) failed )(?:(?:BIO_new_file|[A-Za-z0-9_]+)\(\) failed )?\(SSL:/u;

/** `cannot load certificate key "/x.pem": BIO_new_file() failed (SSL: error:...Permission denied...)`. */
function opensslFailure(text: string): Found | null {
  if (!text.includes("(SSL:")) return null;
  const match = OPENSSL.exec(text);
  if (match === null) return null;
  const end = endOfParenthesis(text, text.indexOf("(SSL:", match.index));
  const reason = text.slice(match.index + match[0].length, end);
  const refused = /Permission denied|Operation not permitted/u.test(reason);
  return {
    fields: {
      call: "fopen",
      what: match[1] ?? match[3] ?? null,
      path: match[2] ?? match[4] ?? null,
      errno: refused ? (reason.includes("Permission denied") ? 13 : 1) : null,
      refused,
    },
    end,
  };
}

/** A third-party module's own words: `Failed to open file: /x.log Permission is denied.`, `cannot open /x.lua: Permission denied`. */
function deniedFile(text: string): Found | null {
  const denied = /[Pp]ermission (?:is )?denied/u.exec(text);
  if (denied === null) return null;
  const before = text.slice(0, denied.index);
  const path = /(?:"|'|\s)(\/[^\s"':]{1,4096})["':]*[^/]{0,80}$/u.exec(before)?.[1] ?? null;
  return { fields: { path, refused: true }, end: denied.index + denied[0].length };
}

const KEY =
  /(?:^|, )(?:(?:udp )?(client|server|request|subrequest|upstream|host|referrer|login|resolver|responder|peer|certificate|context|sent)|bytes from\/to (?:client|upstream)): ?/gu;

function phaseIn(tail: string): string | null {
  if (!tail.includes("while ")) return null;
  return /(?:^|[^\w])(while [a-zA-Z][a-zA-Z \-()]{2,80}?)(?=,|$|:)/u.exec(tail)?.[1]?.trim() ?? null;
}

/** `client: 192.0.2.1, server: x, request: "GET / HTTP/1.1", ...` in the tail of a message. */
export function namesIn(tail: string): NginxLine["said"] {
  const said: Record<string, string> = {};
  const keys = [...tail.matchAll(KEY)];
  keys.forEach((match, index) => {
    const [, key] = match;
    if (key === undefined) return;
    const value = tail.slice(match.index + match[0].length, keys[index + 1]?.index).trim();
    const text = value.startsWith('"') ? value.slice(1).replace(/"$/u, "") : value;
    // A request may hold anything, `", host: "` included: what comes last is nginx's own.
    if (said[key] === undefined || key === "host" || key === "upstream" || key === "referrer") said[key] = text;
  });
  return said;
}

function placeIn(tail: string): ReadMessage["place"] {
  const at = tail.lastIndexOf(" in /");
  const match = at < 0 ? null : /^ in (\/[^"]{1,4096}):(\d{1,9})\s*$/u.exec(tail.slice(at));
  return match === null ? null : { file: match[1] ?? "", line: Number(match[2]) };
}
