/** What nginx checks once it has read everything. */
import type { Space, Upstream } from "../blocks/blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import type { ProblemList } from "../blocks/places.ts";
import { treeOf } from "../blocks/places.ts";

/** `server ... resolve` needs shared memory and a resolver (`ngx_http_upstream_init_round_robin`). */
function checkResolve(configuration: Configuration, upstream: Upstream, problems: ProblemList): void {
  const { space } = upstream;
  if (upstream.rejected || upstream.unseen) return;
  const resolved = upstream.servers.some((server) => server.resolve && server.address?.family === "name");
  if (!resolved) return;
  const path = configuration.files[upstream.file]?.path ?? "";
  const line = treeOf(configuration, upstream.file).line(upstream.statement);
  if (!upstream.hasZone) {
    const name = `"${upstream.name}" in ${path}:${line}`;
    problems.add(upstream, `resolving names at run time requires upstream ${name} to be in shared memory`);
  } else if (!upstream.hasResolver && !space.hasResolver && !space.unseen) {
    problems.add(upstream, `no resolver defined to resolve names at run time in upstream "${upstream.name}"`);
  }
}

/**
 * `listen ... ssl` without any certificate anywhere. nginx looks at the default server of each address; where no server
 * has a certificate, none of them can.
 */
function checkCertificate(configuration: Configuration, http: Space, problems: ProblemList): void {
  const { secureListen } = http;
  if (secureListen === null || http.hasCertificate || http.unseenBelow) return;
  const span = treeOf(configuration, secureListen.file).wordSpan(secureListen.statement, secureListen.word);
  const message = `no "ssl_certificate" is defined for the "listen ... ${secureListen.parameter}" directive`;
  problems.add(secureListen, message, span);
}

export const checkSpace = { upstream: checkResolve, certificate: checkCertificate };
