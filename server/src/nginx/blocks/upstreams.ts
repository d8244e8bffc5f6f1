/** `server` lines of `upstream` blocks. */
import type { Address } from "./address.ts";
import { parseAddress } from "./address.ts";
import type { Upstream } from "./blocks.ts";
import type { ProblemList } from "./places.ts";
import type { StatementReader } from "./statementReader.ts";
import { hasPlaceholder, mayBeFilledIn } from "../tree/template.ts";

/**
 * Reads a `server` line (`ngx_http_upstream_server`, `ngx_stream_upstream_server`). In http the port is 80 where none is
 * written, whatever protocol reaches the upstream; in stream there is no default.
 *
 * @param isWhole of a whole configuration; a fragment may be text that another program fills in
 */
export function readUpstreamServer(
  statement: StatementReader,
  upstream: Upstream,
  kind: "http" | "stream",
  problems: ProblemList,
  isWhole: boolean,
): void {
  const text = statement.argument(1);
  const parameters = statement.arguments(2);
  const has = (name: string): boolean => parameters.includes(name);
  const service = parameters.some((parameter) => parameter.startsWith("service="));
  const push = (address: Address | null, reason: string | null): void => {
    const { file, statement: at } = statement;
    const flags = { down: has("down"), backup: has("backup"), resolve: has("resolve"), service };
    upstream.addServer({ file, statement: at, address, reason, ...flags });
  };
  if (hasPlaceholder(text)) return push(null, "a template placeholder");
  if (text.includes("$") && (!isWhole || mayBeFilledIn(text)))
    return push(null, `nginx does not expand variables here, so something else must replace "${text}"`);
  const address = parseAddress(text, { defaultPort: kind === "http" ? 80 : 0 });
  const mistake = mistakeIn(address, text, { kind, service, resolve: has("resolve") });
  if (mistake !== null) {
    upstream.rejected = true;
    problems.add(statement, mistake, statement.span(1));
  } else if (address.ok) {
    push(address, service ? "the port comes from DNS SRV records" : null);
  }
}

/** The reason why nginx rejects the address, in its words; null where it does not. */
function mistakeIn(
  address: ReturnType<typeof parseAddress>,
  text: string,
  given: { readonly kind: "http" | "stream"; readonly service: boolean; readonly resolve: boolean },
): string | null {
  if (!address.ok) return `${address.error} in upstream "${text}"`;
  if (!given.service) {
    if (given.kind === "stream" && address.noPort) return `no port in upstream "${text}"`;
    // nginx looks a name up as it is written, when it loads; a path of a socket is taken as it is written.
    return address.family === "name" && text.includes("$") && !given.resolve
      ? `host not found in upstream "${text}"`
      : null;
  }
  if (!given.resolve) return `service upstream "${text}" requires "resolve" parameter`;
  if (!address.noPort) return `service upstream "${text}" may not have port`;
  return address.family === "name" ? null : `service upstream "${text}" requires domain name`;
}
