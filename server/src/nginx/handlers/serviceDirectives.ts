/** Directives for which nginx itself connects, binds or raises limits: the accesses are made in `services.ts`. */
import { isBindAddress, parseAddress } from "../address.ts";
import type { BlockKind } from "../blocks.ts";
import { BlockFlag } from "../blocks.ts";
import type { Ocsp } from "../services.ts";
import {
  authConnection,
  codeConnection,
  fetchConnection,
  limit,
  localBind,
  resolverConnections,
  responderConnection,
  remoteRulesConnection,
  responderFlag,
  syslogConnection,
} from "../services.ts";
import { hasPlaceholder } from "../template.ts";
import type { Handler } from "./handler.ts";
import { checked, unchecked } from "./handler.ts";
import { isFirst } from "./once.ts";

const readResolver: Handler = ({ configuration, found }, node, tree, block) => {
  const s = node.statement;
  if (!isFirst("resolver", node, block, found.problems)) return;
  if (block.upstream !== null) block.upstream.hasResolver = true;
  else if ((block.kind === "http" || block.kind === "stream") && block.space !== null) block.space.hasResolver = true;
  // ngx_mail_core_resolver
  if ((block.kind === "mail" || block.kind === "mail.server") && tree.word(s, 1) === "off") return;
  let servers = 0;
  for (let i = 1; i < tree.wordCount(s); i++) {
    const text = tree.word(s, i);
    if (/^(?:valid|ipv4|ipv6|status_zone)=/.test(text)) continue;
    servers++;
    // OpenResty's `local=on`.
    if (text.startsWith("local=") || text.includes("$") || hasPlaceholder(text)) continue;
    const address = parseAddress(text, { defaultPort: 53 });
    found.services.push(...resolverConnections(configuration, node, i));
    if (!address.ok) found.problems.add(node, `${address.error} in resolver "${text}"`, tree.wordSpan(s, i));
  }
  if (servers === 0) found.problems.add(node, "no name servers defined");
};

const readBind: Handler = ({ configuration, found }, node, tree) => {
  const s = node.statement;
  const text = tree.word(s, 1);
  const count = tree.wordCount(s);
  if ((count === 2 && text === "off") || text.includes("$") || hasPlaceholder(text)) return;
  if (!isBindAddress(text)) found.problems.add(node, `invalid address "${text}"`, tree.wordSpan(s, 1));
  else if (count > 2 && tree.word(s, 2) !== "transparent") {
    found.problems.add(node, `invalid parameter "${tree.word(s, 2)}"`, tree.wordSpan(s, 2));
  } else found.service(localBind(configuration, node));
};

const readAuthHttp: Handler = ({ configuration, found }, node, tree) => {
  const text = tree.word(node.statement, 1);
  found.service(authConnection(configuration, node));
  if (hasPlaceholder(text) || text.includes("$")) return;
  const address = parseAddress(text.startsWith("http://") ? text.slice(7) : text, { uriPart: true, defaultPort: 80 });
  if (address.ok) return;
  const shown = text.startsWith("http://") ? text.slice(7) : text;
  found.problems.add(node, `${address.error} in auth_http "${shown}"`, tree.wordSpan(node.statement, 1));
};

const readLimit: Handler = ({ configuration, found }, node) => {
  found.service(limit(configuration, node));
};

const readLog: Handler = ({ configuration, found }, node) => {
  found.service(syslogConnection(configuration, node));
};

const readOcsp =
  (what: Ocsp["what"]): Handler =>
  ({ found }, { file, statement }, tree, block) => {
    if (tree.word(statement, 1) !== "off") found.ocsp.push({ file, statement, block, what });
  };

const readResponder =
  (what: Ocsp["what"]): Handler =>
  ({ configuration, found }, node, tree, block) => {
    block.flags |= responderFlag(what);
    const access = tree.name(node.statement).endsWith("_file") ? null : responderConnection(configuration, node);
    if (access !== null) found.responders.push(access);
  };

const readCode: Handler = ({ configuration, found }, node, tree, block) => {
  if (tree.name(node.statement).startsWith("content_by_lua")) block.flags |= BlockFlag.answers;
  found.service(codeConnection(configuration, node));
};

const readFetch: Handler = ({ configuration, found }, node) => {
  if (found.filesThatFetch.has(node.file)) return;
  found.filesThatFetch.add(node.file);
  found.service(fetchConnection(configuration, node));
};

const readRemoteRules: Handler = ({ configuration, found }, node) => {
  found.service(remoteRulesConnection(configuration, node));
};

const luaPhases =
  "init init_worker exit_worker set server_rewrite rewrite access precontent content log header_filter body_filter " +
  "ssl_client_hello ssl_certificate ssl_session_fetch ssl_session_store proxy_ssl_certificate proxy_ssl_verify preread";

const phasesWith = (ending: string): string => luaPhases.replaceAll(/\w+/g, (phase) => `${phase}${ending}`);

const resolving: readonly BlockKind[] = [
  "http",
  "server",
  "location",
  "upstream",
  "stream",
  "stream.server",
  "stream.upstream",
  "mail",
  "mail.server",
];

export const serviceDirectives = [
  checked(resolving, "resolver", readResolver),
  checked(
    ["http", "server", "location"],
    "proxy_bind fastcgi_bind uwsgi_bind scgi_bind grpc_bind memcached_bind tunnel_bind",
    readBind,
  ),
  checked(["stream", "stream.server"], "proxy_bind", readBind),
  checked(["mail", "mail.server"], "auth_http", readAuthHttp),
  unchecked("worker_rlimit_nofile worker_rlimit_core", readLimit),
  unchecked("error_log access_log", readLog),
  unchecked("ssl_stapling", readOcsp("stapling")),
  unchecked("ssl_stapling_file ssl_stapling_responder", readResponder("stapling")),
  unchecked("ssl_ocsp", readOcsp("client")),
  unchecked("ssl_ocsp_responder", readResponder("client")),
  unchecked(
    "js_fetch_timeout js_fetch_trusted_certificate js_fetch_verify js_fetch_verify_depth js_fetch_buffer_size " +
      "js_fetch_max_response_buffer_size js_fetch_proxy",
    readFetch,
  ),
  unchecked("modsecurity_rules_remote", readRemoteRules),
  unchecked(phasesWith("_by_lua_block"), readCode),
  unchecked(phasesWith("_by_lua"), readCode),
];
