/** How each pass directive reads its argument. */

export interface PassSyntax {
  /** Schemes with the port that stands for none; 0 where there is no default. */
  readonly schemes: readonly { readonly prefix: string; readonly port: number }[];
  /** Without a scheme nginx says `invalid URL prefix`. */
  readonly schemeRequired: boolean;
  /** A URI may follow the address. */
  readonly uriPart: boolean;
  /** Variables in the argument are expanded. */
  readonly variables: boolean;
}

const plain: PassSyntax = { schemes: [], schemeRequired: false, uriPart: false, variables: true };

const scheme = (prefix: string, port: number): { prefix: string; port: number } => ({ prefix, port });

/** Of http. Only `proxy_pass` has default ports: `grpc_pass` and `memcached_pass` have none (NGINX: `no port in upstream`). */
const http: ReadonlyMap<string, PassSyntax> = new Map([
  [
    "proxy_pass",
    { schemes: [scheme("http://", 80), scheme("https://", 443)], schemeRequired: true, uriPart: true, variables: true },
  ],
  ["fastcgi_pass", plain],
  ["scgi_pass", plain],
  ["tunnel_pass", plain],
  ["uwsgi_pass", { ...plain, schemes: [scheme("uwsgi://", 0), scheme("suwsgi://", 0)] }],
  ["grpc_pass", { ...plain, schemes: [scheme("grpc://", 0), scheme("grpcs://", 0)] }],
  ["ajp_pass", { ...plain, schemes: [scheme("ajp://", 8009)] }],
  ["memcached_pass", { ...plain, variables: false }],
]);

/** The syntax of a pass directive in http or stream. */
export function passSyntax(directive: string, kind: "http" | "stream"): PassSyntax {
  return (kind === "http" ? http.get(directive) : undefined) ?? plain;
}

/** Splits off a scheme. Null where one is required and there is none. Schemes are case-insensitive. */
export function splitScheme(
  syntax: PassSyntax,
  text: string,
): { readonly length: number; readonly port: number } | null {
  for (const { prefix, port } of syntax.schemes) {
    if (text.length >= prefix.length && text.slice(0, prefix.length).toLowerCase() === prefix) {
      return { length: prefix.length, port };
    }
  }
  return syntax.schemeRequired ? null : { length: 0, port: 0 };
}
