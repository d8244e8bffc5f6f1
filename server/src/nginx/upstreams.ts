/** `server` lines of `upstream` blocks. */
import type { Address } from "./address.ts";
import { parseAddress } from "./address.ts";
import type { Node, Upstream } from "./blocks.ts";
import type { Configuration } from "./configuration.ts";
import type { ProblemList } from "./places.ts";
import { treeOf } from "./places.ts";
import { hasPlaceholder } from "./template.ts";

/**
 * Reads a `server` line (`ngx_http_upstream_server`, `ngx_stream_upstream_server`). In http the port is 80 where none is
 * written, whatever protocol reaches the upstream; in stream there is no default.
 */
export function readUpstreamServer(
  configuration: Configuration,
  node: Node,
  upstream: Upstream,
  kind: "http" | "stream",
  problems: ProblemList,
): void {
  const tree = treeOf(configuration, node.file);
  const s = node.statement;
  const text = tree.word(s, 1);
  let down = false;
  let backup = false;
  let resolve = false;
  let service = false;
  for (let i = 2; i < tree.wordCount(s); i++) {
    const parameter = tree.word(s, i);
    if (parameter === "down") down = true;
    else if (parameter === "backup") backup = true;
    else if (parameter === "resolve") resolve = true;
    else if (parameter.startsWith("service=")) service = true;
  }
  const { file } = node;
  const push = (address: Address | null, reason: string | null): void => {
    upstream.addServer({ file, statement: s, address, reason, down, backup, resolve, service });
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
  const span = tree.wordSpan(s, 1);
  const reject = (message: string): void => {
    upstream.rejected = true;
    problems.add(node, message, span);
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
