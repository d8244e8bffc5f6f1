/** `server` lines of `upstream` blocks. */
import type { Address } from "./address.ts";
import { parseAddress } from "./address.ts";
import type { Upstream } from "./blocks.ts";
import type { ProblemList } from "./places.ts";
import type { StatementReader } from "./statementReader.ts";
import { hasPlaceholder } from "../tree/template.ts";

/**
 * Reads a `server` line (`ngx_http_upstream_server`, `ngx_stream_upstream_server`). In http the port is 80 where none is
 * written, whatever protocol reaches the upstream; in stream there is no default.
 */
export function readUpstreamServer(
  statement: StatementReader,
  upstream: Upstream,
  kind: "http" | "stream",
  problems: ProblemList,
): void {
  const text = statement.argument(1);
  let down = false;
  let backup = false;
  let resolve = false;
  let service = false;
  for (const parameter of statement.arguments().slice(1)) {
    if (parameter === "down") down = true;
    else if (parameter === "backup") backup = true;
    else if (parameter === "resolve") resolve = true;
    else if (parameter.startsWith("service=")) service = true;
  }
  const push = (address: Address | null, reason: string | null): void => {
    upstream.addServer({
      file: statement.file,
      statement: statement.statement,
      address,
      reason,
      down,
      backup,
      resolve,
      service,
    });
  };
  if (hasPlaceholder(text)) {
    push(null, "a template placeholder");
    return;
  }
  if (text.includes("$")) {
    const reason = `nginx does not expand variables here, so something else must replace "${text}"`;
    push(null, reason);
    return;
  }
  const span = statement.span(1);
  const reject = (message: string): void => {
    upstream.rejected = true;
    problems.add(statement, message, span);
  };
  const address = parseAddress(text, { defaultPort: kind === "http" ? 80 : 0 });
  if (!address.ok) {
    reject(`${address.error} in upstream "${text}"`);
    return;
  }
  if (service) {
    if (!resolve) {
      reject(`service upstream "${text}" requires "resolve" parameter`);
      return;
    }
    if (!address.noPort) {
      reject(`service upstream "${text}" may not have port`);
      return;
    }
    if (address.family !== "name") {
      reject(`service upstream "${text}" requires domain name`);
      return;
    }
    push(address, "the port comes from DNS SRV records");
    return;
  }
  if (kind === "stream" && address.noPort) {
    reject(`no port in upstream "${text}"`);
    return;
  }
  push(address, null);
}
