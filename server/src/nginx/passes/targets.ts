/** Where an evaluated pass argument leads, as far as it is known. */
import type { Address } from "../blocks/address.ts";
import { parseAddress } from "../blocks/address.ts";
import type { PassSyntax } from "./passSyntax.ts";
import { splitScheme } from "./passSyntax.ts";
import { holeIndex, literalParts, missingVariable } from "../blocks/variables.ts";

export type Target =
  /** Everything is known. */
  | { readonly kind: "address"; readonly address: Address }
  /** A port is known and the host is not: no upstream has a port, so none can be meant. */
  | { readonly kind: "port"; readonly port: number }
  /** The host is known, or irrelevant, and the port is not. */
  | { readonly kind: "host"; readonly host: string | null; readonly variable: string }
  /** A name without a port that may be an upstream; `literals` are the texts around what is missing. */
  | { readonly kind: "name"; readonly literals: readonly string[]; readonly variable: string }
  | { readonly kind: "socket"; readonly variable: string }
  /** nginx answers such a request with an error: no connection. */
  | { readonly kind: "none" };

const none: Target = { kind: "none" };

/** A capture of the request's path, written right after the port, is a path: `http://127.0.0.1:3000$1`. */
export type CaptureIsPath = (variable: string) => boolean;

/**
 * @param value an evaluated argument, with holes for what is not known
 * @param captureIsPath tells whether what stands for a hole begins with a slash
 */
export function readTarget(syntax: PassSyntax, value: string, captureIsPath: CaptureIsPath): Target {
  const scheme = splitScheme(syntax, value);
  const first = holeIndex(value);
  if (scheme === null) {
    // `$scheme://...` of a variable that is not known, or a whole URL in one.
    if (first < 0) return none;
    const rest = value.indexOf("://");
    const variable = missingVariable(value) ?? "";
    if (rest < 0) return first === 0 ? readAuthority(value, 0, syntax, captureIsPath) : none;
    if (first > rest) return none;
    const target = readAuthority(value.slice(rest + 3), 0, syntax, captureIsPath);
    if (target.kind !== "address" || !target.address.noPort) return target;
    // The scheme would have told the default port.
    return { kind: "name", literals: [target.address.host], variable };
  }
  return readAuthority(value.slice(scheme.length), scheme.port, syntax, captureIsPath);
}

function readAuthority(text: string, defaultPort: number, syntax: PassSyntax, captureIsPath: CaptureIsPath): Target {
  const first = holeIndex(text);
  const uri = syntax.uriPart ? text.search(/[/?]/) : -1;
  const isUnix = /^unix:/i.test(text);
  const end = isUnix && syntax.uriPart ? text.indexOf(":", 5) : uri;
  if (first < 0 || (end >= 0 && end < first)) {
    const address = parseAddress(end >= 0 ? text.slice(0, end) : text, { uriPart: syntax.uriPart, defaultPort });
    return address.ok ? { kind: "address", address } : none;
  }
  const variable = missingVariable(text) ?? "";
  if (isUnix) return { kind: "socket", variable };
  const authority = end >= 0 ? text.slice(0, end) : text;
  const bracket = authority.startsWith("[") ? authority.indexOf("]") : 0;
  const colon = bracket < 0 ? -1 : authority.indexOf(":", bracket);
  const last = literalParts(authority).at(-1) ?? "";
  if (colon >= 0 && colon < first) {
    // `host:port` begins before anything is missing.
    const beforeHole = authority.slice(0, first);
    if (syntax.uriPart && captureIsPath(variable)) {
      const address = parseAddress(beforeHole, { defaultPort });
      return address.ok ? { kind: "address", address } : none;
    }
    return { kind: "host", host: authority.slice(0, colon), variable };
  }
  if (syntax.uriPart && first > 0 && captureIsPath(variable)) {
    const address = parseAddress(authority.slice(0, first), { defaultPort });
    return address.ok ? { kind: "address", address } : none;
  }
  const port = /^[^:[\]]*\]?:(\d{1,5})$/.exec(last)?.[1];
  if (port !== undefined) {
    const number = Number(port);
    return number >= 1 && number <= 65535 ? { kind: "port", port: number } : none;
  }
  if (literalParts(authority).some((part) => part.includes(":"))) return { kind: "host", host: null, variable };
  return { kind: "name", literals: literalParts(authority), variable };
}

/** True where a name can be what is around the holes, without regard to case. */
export function nameMatches(literals: readonly string[], name: string): boolean {
  const lower = name.toLowerCase();
  if (literals.length === 1) return lower === literals[0]?.toLowerCase();
  const first = (literals[0] ?? "").toLowerCase();
  const last = (literals.at(-1) ?? "").toLowerCase();
  if (lower.length < first.length + last.length || !lower.startsWith(first) || !lower.endsWith(last)) return false;
  let from = first.length;
  const end = lower.length - last.length;
  for (const literal of literals.slice(1, -1)) {
    const at = lower.indexOf(literal.toLowerCase(), from);
    if (at < 0 || at + literal.length > end) return false;
    from = at + literal.length;
  }
  return true;
}
