/** Directives of other modules that connect. A new one is a row here; one that only names a path, in `fileDirectives.ts`. */
import type { Failing } from "../access.ts";
import type { BlockKind } from "../blocks/blocks.ts";
import { fileDirective } from "../blocks/fileDirectives.ts";
import type { Schemes } from "../blocks/services.ts";
import { anyHostConnection, failing, httpSchemes, redisConnection, urlConnection } from "../blocks/services.ts";
import type { StatementReader } from "../blocks/statementReader.ts";
import { uncheckedAccess } from "../blocks/unknownDirectives.ts";
import type { Handler } from "./handler.ts";
import { anyServer, foreign, foreignBlock, here, upstreams, webBlocks } from "./handler.ts";
import { readFile } from "./pathDirectives.ts";
import { readResolver } from "./serviceDirectives.ts";

/** Connects to the URL, or address, in an argument. `fails`: what fails without; null for a request over HTTP. */
export const connecting =
  (schemes: Schemes, fails: Failing | null, otherPort = 0): Handler =>
  ({ found }, statement) => {
    const access = urlConnection(statement, { word: 1, from: 0 }, schemes, otherPort);
    found.service(fails === null ? access : failing(fails, access));
  };

/** Connects to the servers of an upstream at another port: `port=8080`. */
export const connectingOtherPort: Handler = ({ found }, statement) => {
  const at = statement.option("port=");
  if (at !== null) found.service(failing("servers count as failed", anyHostConnection(statement, at)));
};

/** A line of an upstream that takes the place of `server` lines, and connects. */
const serverOfModule =
  (run: Handler): Handler =>
  (walk, statement, block) => {
    if (block.upstream !== null) block.upstream.unseen = true;
    run(walk, statement, block);
  };

/** Something that is done by other processes, or by a library that nothing here knows. */
const uncheckedBecause =
  (reason: string): Handler =>
  ({ found }, statement) => {
    found.service(uncheckedAccess(statement, statement.span(1), "path", reason));
  };

const certificates = fileDirective("read", "certificate", "conf");
const ldap: Schemes = [
  ["ldap://", 389],
  ["ldaps://", 636],
];
const inRtmp: readonly BlockKind[] = ["rtmp", "rtmp.server", "rtmp.application"];

/** Ports that CONNECT may ask for where nothing else is said (ngx_http_proxy_connect_module). */
const CONNECT_PORTS = [443, 563];

/** True if another statement of the same block has a name. */
function hasSibling({ tree, statement }: StatementReader, name: string): boolean {
  const parent = tree.parent(statement);
  for (let s = tree.firstChild(parent); s >= 0; s = tree.nextSibling(s)) if (tree.name(s) === name) return true;
  return false;
}

const readProxyConnect: Handler = ({ found }, statement) => {
  if (hasSibling(statement, "proxy_connect_allow")) return;
  for (const port of CONNECT_PORTS) {
    const reason = "the client names the host; proxy_connect_allow tells other ports";
    const host = null;
    const common = { kind: "connect", protocol: "tcp", host, port, directive: statement.directive, via: [] } as const;
    found.service({ ...statement.place(0), ...common, certainty: "one-of", reason });
  }
};

const readProxyConnectAllow: Handler = ({ found }, statement) => {
  for (let word = 1; word <= statement.count; word++) found.service(anyHostConnection(statement, { word, from: 0 }));
};

const program = fileDirective("read", "program", "cwd", {
  by: "worker",
  // A name without a slash is searched in PATH (`execvp`).
  except: /^[^/]/,
  fails: "the program does not run",
});

/** The program may be executed or not; what it does, in nginx's domain, is not known. */
const runsProgram: Handler = (walk, statement, block) => {
  readFile(program)(walk, statement, block);
  walk.found.service(
    uncheckedAccess(
      statement,
      statement.span(1),
      "path",
      "nginx runs this program, and what the program does was not checked",
    ),
  );
};

export const moduleDirectives = [
  // nginx-otel: OTLP over gRPC; an address without a port means 443.
  foreignBlock(["http"], "0", "otel_exporter", [
    foreign(here, "1", "endpoint", connecting(httpSchemes, "traces are lost", 443)),
    foreign(here, "1", "trusted_certificate", readFile(certificates)),
  ]),
  // nginx-acme.
  foreignBlock(["http"], "1", "acme_issuer", [
    foreign(here, "1", "uri", connecting(httpSchemes, "no certificate is issued")),
    foreign(here, "1+", "resolver", readResolver),
    foreign(here, "1", "ssl_trusted_certificate", readFile(certificates)),
    foreign(
      here,
      "1",
      "state_path",
      readFile(fileDirective("write", "cache", "prefix", { object: "dir", except: /^off$/ })),
    ),
    foreign(
      here,
      "1",
      "account_key",
      readFile(fileDirective("read", "certificate", "conf", { except: /^(?:ecdsa|rsa|ed25519)(?::|$)/ })),
    ),
  ]),
  // nginx-auth-ldap, and nginx-ldap-auth's directive of one line.
  foreignBlock(["http"], "1", "ldap_server", [
    foreign(here, "1", "url", connecting(ldap, "logins fail")),
    foreign(here, "1", "ssl_ca_file", readFile(fileDirective("read", "certificate", "cwd"))),
    foreign(here, "1", "ssl_ca_dir", readFile(fileDirective("read", "certificate", "cwd", { object: "dir" }))),
  ]),
  foreign(webBlocks, "1+", "auth_ldap_url", connecting(ldap, "logins fail")),
  // Lines of upstreams: ngx_postgres, drizzle-nginx-module, nginx-upsync-module, nginx_upstream_check_module.
  foreign(["upstream"], "1+", "postgres_server", serverOfModule(connecting([], null, 5432))),
  foreign(["upstream"], "1+", "drizzle_server", serverOfModule(connecting([], null, 3306))),
  foreign(upstreams, "1+", "upsync", serverOfModule(connecting([], "the list of servers stays as it is", 80))),
  foreign(upstreams, "1+", "check", connectingOtherPort),
  foreign([...webBlocks, "upstream"], "1+", "nchan_redis_url nchan_redis_server", ({ found }, statement, block) => {
    // It takes the place of `server` lines.
    if (block.upstream !== null) block.upstream.unseen = true;
    found.service(redisConnection(statement));
  }),
  // ngx_http_proxy_connect_module.
  foreign(["server"], "0", "proxy_connect", readProxyConnect),
  foreign(["server"], "1+", "proxy_connect_allow", readProxyConnectAllow),
  // nginx-rtmp-module.
  foreign(
    inRtmp,
    "1+",
    "exec exec_push exec_pull exec_static exec_publish exec_publish_done exec_play exec_play_done exec_record_done",
    runsProgram,
  ),
  // Passenger's own processes, which SELinux puts into domains of their own where the policy has them.
  foreign(
    webBlocks,
    "1+",
    "passenger_ruby passenger_python passenger_nodejs passenger_app_root passenger_app_start_command",
    uncheckedBecause("Passenger's own processes use this, in a domain that is not known; it was not checked"),
  ),
  foreign(webBlocks, "1", "passenger_pre_start", connecting(httpSchemes, "applications start late")),
  foreign(
    webBlocks,
    "1+",
    "auth_pam",
    uncheckedBecause("PAM's modules run in nginx's process (httpd_mod_auth_pam is meant for them); it was not checked"),
  ),
  foreign(anyServer, "1", "js_fetch_proxy", connecting(httpSchemes, "fetches fail")),
];
