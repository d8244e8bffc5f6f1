/**
 * Addresses as nginx reads them (`ngx_parse_url` in src/core/ngx_inet.c). Names are never looked up: where nginx would
 * ask the resolver at load, the host stays a name.
 */

export interface AddressOptions {
  /** The caller takes a URI after the address: `proxy_pass`, `auth_http`, OCSP responders. */
  readonly uriPart?: boolean;
  /** The `listen` forms: a bare port, `*`, port ranges. */
  readonly listen?: boolean;
  /** Port where none is written; 0 or left out where the directive has no default. */
  readonly defaultPort?: number;
}

export interface Address {
  readonly ok: true;
  /** `unix`: `host` is the path. `wildcard`: a bare port or `*` of `listen`. `name`: needs a resolver. */
  readonly family: "unix" | "ipv4" | "ipv6" | "wildcard" | "name";
  /** As written, without the brackets of IPv6; `*` for a wildcard. */
  readonly host: string;
  /** 1-65535, or the default, or 0 where there is neither. 0 for unix. */
  readonly port: number;
  /** Last port of a `listen` range; equal to `port` otherwise. */
  readonly lastPort: number;
  /** No port was written (`u->no_port`); false for unix. */
  readonly noPort: boolean;
  /** What follows the address: `/path`, `?args`, or for unix what follows the second colon. */
  readonly uri: string;
  /** Length of the address itself at the start of the text, without the URI. */
  readonly length: number;
}

interface AddressFailure {
  readonly ok: false;
  /** nginx's words, for example `invalid port`. */
  readonly error: string;
}

/** Size of `sun_path` on Linux; the path and its terminating NUL must fit. */
const SUN_PATH = 108;

const invalidHost: AddressFailure = { ok: false, error: "invalid host" };
const invalidPort: AddressFailure = { ok: false, error: "invalid port" };
const invalidRange: AddressFailure = { ok: false, error: "invalid port range" };
const noHost: AddressFailure = { ok: false, error: "no host" };

/** `ngx_atoi`: decimal digits only. -1 where nginx answers NGX_ERROR. Values above the port range are not exact. */
function atoi(text: string, start: number, end: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > Number.MAX_SAFE_INTEGER / 16) return -1;
  }
  return value;
}

function isPort(n: number): boolean {
  return n >= 1 && n <= 65535;
}

/** Bytes that `text` takes in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) continue;
    // A surrogate pair is two code units and four bytes.
    bytes += c < 0x800 || (c >= 0xd800 && c <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

/** Strict dotted quad (`ngx_inet_addr`): four decimal octets, leading zeros are decimal; `127.1` is not one. */
export function isIpv4(text: string): boolean {
  let octet = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 48 && c <= 57) {
      octet = octet * 10 + (c - 48);
      if (octet > 255) return false;
    } else if (c === 46) {
      octet = 0;
      dots++;
    } else {
      return false;
    }
  }
  // All ones is INADDR_NONE, which nginx cannot tell from a failure: it asks the resolver, which gives the same address.
  return dots === 3;
}

/** IPv6 text without brackets and without a zone (`ngx_inet6_addr`). */
export function isIpv6(text: string): boolean {
  if (text.length === 0) return false;
  let zero = false;
  let nibbles = 0;
  let groups = 8;
  let digit = -1;
  for (let i = text.startsWith(":") ? 1 : 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 58) {
      if (nibbles > 0) {
        digit = i + 1;
        if (--groups === 0) return false;
        nibbles = 0;
        continue;
      }
      if (zero) return false;
      zero = true;
      digit = i + 1;
      continue;
    }
    if (c === 46 && nibbles > 0) {
      if (groups < 2 || digit < 0 || !isIpv4(text.slice(digit))) return false;
      groups--;
      break;
    }
    if (++nibbles > 4) return false;
    const lower = c | 0x20;
    if (!((c >= 48 && c <= 57) || (lower >= 97 && lower <= 102))) return false;
  }
  if (nibbles === 0 && !zero) return false;
  groups--;
  return groups > 0 ? zero : !zero;
}

/**
 * Reads an address. `text` starts at the address: the caller has taken off a scheme.
 *
 * @returns the address, or nginx's error without the `in upstream "..."` that each directive adds.
 */
export function parseAddress(text: string, options: AddressOptions = {}): Address | AddressFailure {
  if (text.length >= 5 && text.charCodeAt(4) === 58 && text.slice(0, 5).toLowerCase() === "unix:") {
    return parseUnix(text, options);
  }
  return text.startsWith("[") ? parseInet6(text, options) : parseInet(text, options);
}

function parseUnix(text: string, options: AddressOptions): Address | AddressFailure {
  let end = text.length;
  let uri = "";
  if (options.uriPart === true) {
    const colon = text.indexOf(":", 5);
    if (colon >= 0) {
      end = colon;
      uri = text.slice(colon + 1);
    }
  }
  const host = text.slice(5, end);
  if (host === "") return { ok: false, error: "no path in the unix domain socket" };
  if (utf8Length(host) + 1 > SUN_PATH) return { ok: false, error: "too long path in the unix domain socket" };
  return { ok: true, family: "unix", host, port: 0, lastPort: 0, noPort: false, uri, length: end };
}

/** Ports from `start` to the end of the address: `80`, for `listen` also `80-90`. Null where nginx says `invalid port`. */
function parsePorts(
  text: string,
  start: number,
  end: number,
  listen: boolean,
): { first: number; last: number } | AddressFailure {
  let portEnd = end;
  let last = 0;
  if (listen) {
    const dash = text.indexOf("-", start);
    if (dash >= 0 && dash < end) {
      last = atoi(text, dash + 1, end);
      if (!isPort(last)) return invalidPort;
      portEnd = dash;
    }
  }
  const first = atoi(text, start, portEnd);
  if (!isPort(first)) return invalidPort;
  if (last > 0 && first > last) return invalidRange;
  return { first, last: last > 0 ? last : first };
}

function parseInet(text: string, options: AddressOptions): Address | AddressFailure {
  const listen = options.listen === true;
  let end = text.length;
  let colon = text.indexOf(":");
  let uriStart = text.indexOf("/");
  const args = text.indexOf("?");
  if (args >= 0 && (uriStart < 0 || args < uriStart)) uriStart = args;
  if (uriStart >= 0) {
    if (listen || options.uriPart !== true) return invalidHost;
    end = uriStart;
    if (uriStart < colon) colon = -1;
  }
  const uri = text.slice(end);
  let port = options.defaultPort ?? 0;
  let lastPort = port;
  let noPort = false;
  let hostEnd = end;
  if (colon >= 0) {
    const ports = parsePorts(text, colon + 1, end, listen);
    if ("error" in ports) return ports;
    port = ports.first;
    lastPort = ports.last;
    hostEnd = colon;
  } else {
    if (listen) {
      const bare = parseBarePort(text);
      if (bare !== null) return bare;
    }
    noPort = true;
  }
  if (hostEnd === 0) return noHost;
  const host = text.slice(0, hostEnd);
  const family = listen && host === "*" ? "wildcard" : isIpv4(host) ? "ipv4" : "name";
  return { ok: true, family, host, port, lastPort, noPort, uri, length: end };
}

/** A `listen` value that is only a port or a range; null where it is a host. */
function parseBarePort(text: string): Address | AddressFailure | null {
  let end = text.length;
  let last = 0;
  let lastIsBad = false;
  const dash = text.indexOf("-");
  if (dash >= 0) {
    last = atoi(text, dash + 1, end);
    if (last < 0) return null;
    lastIsBad = !isPort(last);
    end = dash;
  }
  const port = atoi(text, 0, end);
  if (port < 0) return null;
  if (lastIsBad || !isPort(port)) return invalidPort;
  if (dash >= 0 && port > last) return invalidRange;
  return {
    ok: true,
    family: "wildcard",
    host: "*",
    port,
    lastPort: dash >= 0 ? last : port,
    noPort: false,
    uri: "",
    length: text.length,
  };
}

function parseInet6(text: string, options: AddressOptions): Address | AddressFailure {
  const listen = options.listen === true;
  const bracket = text.indexOf("]");
  if (bracket < 0) return invalidHost;
  let end = text.length;
  const slash = text.indexOf("/", bracket + 1);
  if (slash >= 0) {
    if (listen || options.uriPart !== true) return invalidHost;
    end = slash;
  }
  let port = options.defaultPort ?? 0;
  let lastPort = port;
  const noPort = bracket + 1 === end;
  if (!noPort) {
    if (text[bracket + 1] !== ":") return invalidHost;
    const ports = parsePorts(text, bracket + 2, end, listen);
    if ("error" in ports) return ports;
    port = ports.first;
    lastPort = ports.last;
  }
  const host = text.slice(1, bracket);
  if (host === "") return noHost;
  if (!isIpv6(host)) return { ok: false, error: "invalid IPv6 address" };
  return { ok: true, family: "ipv6", host, port, lastPort, noPort, uri: text.slice(end), length: end };
}

/**
 * The value of `proxy_bind` and its kind without variables (`ngx_parse_addr_port`): an IP address with or without a
 * port. Names and sockets are rejected.
 */
export function isBindAddress(text: string): boolean {
  if (isIpv4(text) || isIpv6(text)) return true;
  if (text.startsWith("[")) {
    const bracket = text.indexOf("]");
    // Brackets without a port are not an address here, unlike in a pass directive.
    if (bracket < 0 || text[bracket + 1] !== ":") return false;
    return isPort(atoi(text, bracket + 2, text.length)) && isIpv6(text.slice(1, bracket));
  }
  const colon = text.indexOf(":");
  return colon >= 0 && isPort(atoi(text, colon + 1, text.length)) && isIpv4(text.slice(0, colon));
}
