/** Directives that are not known here, whose arguments look like something that SELinux decides about. */
import type { Access, FileAccess } from "../access.ts";
import { StatementReader } from "./statementReader.ts";
import { hasPlaceholder } from "../tree/template.ts";
import type { Span } from "../../base/text.ts";

/** What an argument looks like. */
type Looks = "port" | "socket" | "path";

interface Target {
  readonly looks: Looks;
  /** In UTF-16 units of the argument. */
  readonly from: number;
}

/** `unix:/run/x.sock`. */
const socket = /^unix:\/?[^/]/i;
/** `https://host`, `ldap://host`, `redis://user@host`: a scheme and something that can be a host. */
const url = /^[a-z][a-z0-9+.-]{1,15}:\/\/[\w$[{]/i;
/** `127.0.0.1:80`, `[::1]:80`, `localhost:80`, `a.example:80`. A bare word may be a zone: `cache:10`. */
const hostPort = /^(?:localhost|(?:[\w-]+\.)+[\w-]+|\[[0-9a-f:.]+\]):\d{2,5}(?:\/|$)/i;
/** Paths of a file system. `/api` and `/login` are more often paths of URLs. */
const path = /^\/(?:etc|var|usr|srv|opt|home|root|run|tmp|mnt|media|data|export)\/\S/;

/** What an argument, or the value of a `name=value` argument, looks like; null for anything else. */
function targetIn(text: string): Target | null {
  if (hasPlaceholder(text)) return null;
  const from = /^[A-Za-z_]\w*=/.exec(text)?.[0].length ?? 0;
  const value = text.slice(from);
  if (socket.test(value)) return { looks: "socket", from };
  if (url.test(value) || hostPort.test(value)) return { looks: "port", from };
  return path.test(value) ? { looks: "path", from } : null;
}

/** Statements of a block of an unknown module that are looked at. */
const MAX_STATEMENTS = 200;

/** The first target in a statement and in the block that it opens. */
function findTarget(statement: StatementReader): { readonly span: Span; readonly looks: Looks } | null {
  const { file, tree, statement: first } = statement;
  const end = Math.min(tree.subtreeEnd(first), first + MAX_STATEMENTS);
  for (let s = first; s < end; s++) {
    const reader = new StatementReader(file, s, tree);
    for (const [index, text] of reader.arguments().entries()) {
      const target = targetIn(text);
      if (target === null) continue;
      const span = reader.part(index + 1, target.from, text.length - target.from);
      return { span, looks: target.looks };
    }
  }
  return null;
}

/** True for what can be the name of a directive: modules name theirs in lower case. */
function isName(name: string): boolean {
  return /^[a-z][a-z0-9_]*$/.test(name);
}

/** Words of a file that is not a configuration read as directives, too. What names are like tells them apart. */
export function unknownDirective(statement: StatementReader): Access | null {
  if (!isName(statement.directive) || statement.terminator === "open" || statement.terminator === "lua") return null;
  const target = findTarget(statement);
  if (target === null) return null;
  return uncheckedAccess(statement, target.span, target.looks, "this directive is not known; it was not checked");
}

/**
 * An access whose target is not known, only its place.
 *
 * @param reason why it was not checked, for the user
 */
export function uncheckedAccess(
  { file, directive }: StatementReader,
  span: Span,
  looks: Looks,
  reason: string,
): Access {
  const common = { file, span, directive, via: [], certainty: "unknown", reason, unchecked: true } as const;
  if (looks === "port") return { ...common, kind: "connect", protocol: "tcp", host: null, port: null };
  if (looks === "socket") return { ...common, kind: "connect", protocol: "unix", path: null, socket: "stream" };
  return { ...common, ...unknownFile };
}

const unknownFile: Pick<FileAccess, "kind" | "protocol" | "path" | "below" | "object" | "use" | "by"> = {
  kind: "read",
  protocol: "file",
  path: null,
  below: null,
  object: "file",
  use: "config",
  by: "master",
};
