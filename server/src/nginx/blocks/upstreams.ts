/** `server` lines of `upstream` blocks. */
import type { Address } from "./address.ts";
import { parseAddress } from "./address.ts";
import type { Upstream, UpstreamServer } from "./blocks.ts";
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
  if (hasPlaceholder(text)) {
    upstream.addServer(serverAt(statement, null, "a template placeholder"));
    return;
  }
  if (text.includes("$") && (!isWhole || mayBeFilledIn(text))) {
    const reason = `nginx does not expand variables here, so something else must replace "${text}"`;
    upstream.addServer(serverAt(statement, null, reason));
    return;
  }
  const address = parseAddress(text, kind === "http" ? http : stream);
  const server = serverAt(statement, address.ok ? address : null, null);
  const mistake = mistakeIn(address, text, kind, server);
  if (mistake !== null) {
    upstream.rejected = true;
    problems.add(statement, mistake, statement.span(1));
  } else if (address.ok) {
    upstream.addServer(server.service ? { ...server, reason: "the port comes from DNS SRV records" } : server);
  }
}

const http = { defaultPort: 80 };
const stream = { defaultPort: 0 };

/** The server of a line, with its parameters. Written out: there can be a million. */
function serverAt(line: StatementReader, address: Address | null, reason: string | null): UpstreamServer {
  const { file, statement, count } = line;
  let down = false;
  let backup = false;
  let resolve = false;
  let service = false;
  for (let position = 2; position <= count; position++) {
    const parameter = line.parameter(position);
    down ||= parameter === "down";
    backup ||= parameter === "backup";
    resolve ||= parameter === "resolve";
    service ||= parameter.startsWith("service=");
  }
  return { file, statement, address, reason, down, backup, resolve, service };
}

/** The reason why nginx rejects the address, in its words; null where it does not. */
function mistakeIn(
  address: ReturnType<typeof parseAddress>,
  text: string,
  kind: "http" | "stream",
  given: UpstreamServer,
): string | null {
  if (!address.ok) return `${address.error} in upstream "${text}"`;
  if (!given.service) {
    if (kind === "stream" && address.noPort) return `no port in upstream "${text}"`;
    // nginx looks a name up as it is written, when it loads; a path of a socket is taken as it is written.
    return address.family === "name" && text.includes("$") && !given.resolve
      ? `host not found in upstream "${text}"`
      : null;
  }
  if (!given.resolve) return `service upstream "${text}" requires "resolve" parameter`;
  if (!address.noPort) return `service upstream "${text}" may not have port`;
  return address.family === "name" ? null : `service upstream "${text}" requires domain name`;
}
