/**
 * The one form of messages: the target with its label, the refusal, the consequence, the release. Two sentences and 240
 * characters at most; the first 70 characters tell one target from another.
 */
import type { Access } from "../nginx/access.ts";
import type { PolicyInfo } from "../selinux/policy.ts";
import type { Decision } from "../selinux/query.ts";
import { printable, releaseName, type Confidence } from "./phrases.ts";

/** Characters of a message. */
export const MOST_MESSAGE = 240;
/** Characters of a path in a message: with its label it ends within the first 70. */
const MOST_PATH = 48;
/** Characters of all that stands in brackets. */
const MOST_LABEL = 72;
/** Characters of a type, a process, a release: what a policy or a host names itself. */
const MOST_NAME = 40;

/** The parts of a refusal's message. */
export interface Refusal {
  /** The target as `shortPath` or `portName` gives it. */
  readonly target: string;
  /** In brackets behind the target: `ntop_port_t`, `in var_t`; "" for nothing. */
  readonly label: string;
  /** The act that is refused: `connection`. */
  readonly act: string;
  /** A main clause: `nginx does not start`. */
  readonly consequence: string;
  /** Main clauses for the second sentence, most useful first; those that do not fit are left out. */
  readonly advice?: readonly string[];
}

/** For example `tcp port 3000 (ntop_port_t): SELinux refuses nginx's connection, so requests fail (HTTP: 502) on RHEL 9.` */
export function refusalMessage(refusal: Refusal, { verb, blocks }: Confidence, info: PolicyInfo): string {
  const { act, consequence, advice = [] } = refusal;
  const release = shortened(printable(releaseName(info)), MOST_NAME);
  const result = { will: `, so ${consequence}`, may: `; then ${consequence}`, would: `, but ${blocks}` }[verb];
  const refuses = { will: "refuses", may: "may refuse", would: "would refuse" }[verb];
  const first = `${named(refusal)}: SELinux ${refuses} nginx's ${act}${result} on ${release}.`;
  return withAdvice(first, verb === "would" ? [] : advice);
}

/** `tcp port 3000 (ntop_port_t)`. */
export function named({ target, label }: Pick<Refusal, "target" | "label">): string {
  return label === "" ? target : `${target} (${shortened(printable(label), MOST_LABEL)})`;
}

/** A sentence, and after it as many clauses as fit, as the second sentence. */
export function withAdvice(first: string, clauses: readonly string[]): string {
  let second = "";
  for (const clause of clauses) {
    const longer = second === "" ? upperFirst(printable(clause)) : `${second}; ${printable(clause)}`;
    if (first.length + longer.length + 2 > MOST_MESSAGE) break;
    second = longer;
  }
  return second === "" ? cut(first) : `${first} ${second}.`;
}

/** A message as long as it may be; what is left out at the end is in the evidence. */
export function cut(message: string): string {
  return message.length <= MOST_MESSAGE ? message : `${message.slice(0, MOST_MESSAGE - 3).trimEnd()}...`;
}

/** A path, printable, shortened in the middle where it is long. */
export function shortPath(path: string): string {
  return shortened(printable(path), MOST_PATH);
}

/** A name that a host or a policy gives, printable and shortened. */
export function shortName(name: string): string {
  return shortened(printable(name), MOST_NAME);
}

/** Text of at most `most` characters: what is too long loses its middle, and keeps more of its end than of its beginning. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = Array.from(text);
  if (characters.length <= most) return text;
  const head = Math.floor((most - 3) / 3);
  return `${characters.slice(0, head).join("")}...${characters.slice(head + 3 - most).join("")}`;
}

/** A word of English begins a sentence with a capital letter; a name does not. */
function upperFirst(text: string): string {
  return /^(?!nginx\b)[a-z]+[ ,]/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** An access's target with the label that decides: `tcp port 3000 (ntop_port_t)`; null where the target is not known. */
export function accessName(access: Access, decision: Decision | null): string | null {
  const target = targetName(access);
  return target === null ? null : named({ target, label: decision?.target ?? "" });
}

function targetName(access: Access): string | null {
  if (access.protocol === "process") return access.directive;
  if (access.protocol === "unix") return access.path === null ? null : shortPath(access.path);
  if (access.protocol === "file") {
    if (access.path !== null) return shortPath(access.path);
    return access.below === null ? null : `files below ${shortPath(access.below)}`;
  }
  if (access.port === null) return null;
  const last = access.kind === "bind" ? access.lastPort : access.port;
  return access.port === last
    ? `${access.protocol} port ${access.port}`
    : `${access.protocol} ports ${access.port}-${last}`;
}

/** What is seen of a connection that is refused. */
export function connectionConsequence(access: Access): string {
  if (access.fails !== undefined) return access.fails;
  return "socket" in access && access.socket === "dgram" ? "the entries are lost" : "requests fail (HTTP: 502)";
}

/** What is seen where the master fails, and the advice that goes with it. */
export const NO_START = "nginx does not start";
export const NO_PROOF = '"nginx -t" as root passes all the same';
/** Where a socket of an application belongs. */
export const OWN_DIRECTORY = "move the socket to /run/<app>/ (RuntimeDirectory=<app> in the unit)";
