/** What the audit system encodes: names in hexadecimal, socket addresses, times, contexts. */

const HEX = /^(?:[0-9A-Fa-f]{2})+$/u;

/**
 * The text of a field that the kernel wrote in hexadecimal because it has a space, a quote, a control character or a
 * byte that is not ASCII (`audit_log_untrustedstring`); null where it is no such text. Bytes that are not UTF-8 become
 * U+FFFD.
 */
export function decodeHex(text: string): string | null {
  if (text.length < 2 || text.length > MOST_HEX || !HEX.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return utf8.decode(bytes);
}

const MOST_HEX = 16_384;
const utf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** The type of a context `user:role:type[:range]`; a lone word that has the form of a type is itself the type. */
export function typeOf(context: string | null): string | null {
  if (context === null) return null;
  const parts = context.split(":");
  const type = parts.length >= 3 ? parts[2] : parts.length === 1 ? parts[0] : undefined;
  return type !== undefined && IDENTIFIER.test(type) ? type : null;
}

/** Names of types, classes and permissions, as the policy language has them. */
export const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/u;

/**
 * The address of a SOCKADDR record: `saddr=0200...` in hexadecimal, or `saddr={ saddr_fam=inet laddr=... lport=... }` as
 * `ausearch -i` writes it. Null where it is no address of the kinds that nginx uses.
 */
export function decodeSocketAddress(text: string): string | null {
  const said = /saddr_fam=(\w+)(?: laddr=(\S+) lport=(\d+)| path=([^}]*?)) ?\}?$/u.exec(text.trim());
  if (said !== null) {
    const [, family, host, port, path] = said;
    if (path !== undefined) return path.trim();
    return family === "inet6" ? `[${host}]:${port}` : `${host}:${port}`;
  }
  if (text.length > MOST_HEX || !HEX.test(text)) return null;
  const byte = (index: number): number => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16);
  // The family is in the byte order of the machine, the port in that of the network (`struct sockaddr`).
  const family = byte(0) === 0 ? byte(1) : byte(0);
  if (family === UNIX) return unixPath(text.slice(4));
  const port = byte(2) * 256 + byte(3);
  if (family === INET && text.length >= 16) return `${byte(4)}.${byte(5)}.${byte(6)}.${byte(7)}:${port}`;
  if (family === INET6 && text.length >= 48) {
    const groups = Array.from({ length: 8 }, (_, i) => (byte(8 + 2 * i) * 256 + byte(9 + 2 * i)).toString(16));
    return `[${groups.join(":").replace(/(?:^|:)0(?::0)+(?:$|:)/u, "::")}]:${port}`;
  }
  return null;
}

const UNIX = 1;
const INET = 2;
const INET6 = 10;

/** An abstract socket's name begins with NUL and ends with the address; another's ends at the first NUL. */
function unixPath(hex: string): string | null {
  if (hex.startsWith("00")) return decodeHex(hex.replace(/(?:00)+$/u, ""));
  const whole = decodeHex(hex);
  return whole === null ? null : (whole.split("\0")[0] ?? null);
}
