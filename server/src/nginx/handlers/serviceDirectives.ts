/** Directives for which nginx itself connects, binds or raises limits: the accesses are made in `services.ts`. */
import type { Access } from "../access.ts";
import { isBindAddress, parseAddress } from "../blocks/address.ts";
import { BlockFlag } from "../blocks/blocks.ts";
import type { Block } from "../blocks/blocks.ts";
import { directiveContexts } from "../tree/directives.ts";
import type { Ocsp } from "../blocks/services.ts";
import {
  authConnection,
  codeConnection,
  failing,
  fetchConnection,
  limit,
  localBind,
  ownRight,
  resolverConnections,
  responderConnection,
  remoteRulesConnection,
  responderFlag,
  syslogConnection,
  syslogProblem,
} from "../blocks/services.ts";
import { hasPlaceholder } from "../tree/template.ts";
import type { DirectiveRow, Handler } from "./handler.ts";
import { anyServer, foreign, own } from "./handler.ts";
import { isFirst } from "./once.ts";

export const readResolver: Handler = ({ found }, statement, block) => {
  if (!isFirst("resolver", statement, block, found.problems)) return;
  if (block.upstream !== null) block.upstream.hasResolver = true;
  else if ((block.kind === "http" || block.kind === "stream") && block.space !== null) block.space.hasResolver = true;
  // ngx_mail_core_resolver
  if ((block.kind === "mail" || block.kind === "mail.server") && statement.argument(1) === "off") return;
  let servers = 0;
  for (const [index, text] of statement.arguments().entries()) {
    if (/^(?:valid|ipv4|ipv6|status_zone)=/.test(text)) continue;
    servers++;
    // OpenResty's `local=on`.
    if (text.startsWith("local=") || text.includes("$") || hasPlaceholder(text)) continue;
    const address = parseAddress(text, { defaultPort: 53 });
    found.services.push(...resolverConnections(statement, index + 1));
    if (!address.ok) found.problems.add(statement, `${address.error} in resolver "${text}"`, statement.span(index + 1));
  }
  if (servers === 0) found.problems.add(statement, "no name servers defined");
};

const readBind: Handler = ({ found }, statement, block) => {
  const text = statement.argument(1);
  const { count } = statement;
  if ((count === 1 && text === "off") || text.includes("$") || hasPlaceholder(text)) return;
  if (!isBindAddress(text)) found.problems.add(statement, `invalid address "${text}"`, statement.span(1));
  else if (count > 1 && statement.argument(2) !== "transparent") {
    found.problems.add(statement, `invalid parameter "${statement.argument(2)}"`, statement.span(2));
  } else found.service(inSpace(block, localBind(statement)));
};

const inSpace = (block: Block, access: Access | null): Access | null =>
  block.space?.kind === "stream" ? failing("clients' connections are closed", access) : access;

/** `proxy_bind ADDRESS transparent`, with an address from the request as a rule (IP_TRANSPARENT, ip(7)). */
const readTransparent: Handler = ({ found }, statement, block) => {
  if (statement.argument(2) !== "transparent") return;
  found.service(inSpace(block, ownRight(statement, 2, "net_raw")));
};

const readJit: Handler = ({ found }, statement) => {
  if (statement.argument(1) === "on") found.service(ownRight(statement, 1, "execmem", SEALED));
};

const SEALED = "a PCRE library that was built for SELinux (--enable-jit-sealloc) asks for other permissions";

const readAuthHttp: Handler = ({ found }, statement) => {
  const text = statement.argument(1);
  found.service(authConnection(statement));
  if (hasPlaceholder(text) || text.includes("$")) return;
  const address = parseAddress(text.startsWith("http://") ? text.slice(7) : text, { uriPart: true, defaultPort: 80 });
  if (address.ok) return;
  const shown = text.startsWith("http://") ? text.slice(7) : text;
  found.problems.add(statement, `${address.error} in auth_http "${shown}"`, statement.span(1));
};

const readLimit: Handler = ({ found }, statement) => {
  found.service(limit(statement));
};

const readLog: Handler = ({ found }, statement) => {
  const problem = syslogProblem(statement);
  if (problem !== null) found.problems.add(statement, problem, statement.span(1));
  found.service(syslogConnection(statement));
};

const readOcsp =
  (what: Ocsp["what"]): Handler =>
  ({ found }, reader, block) => {
    const { file, statement } = reader;
    if (reader.argument(1) !== "off") found.ocsp.push({ file, statement, block, what });
  };

const readResponder =
  (what: Ocsp["what"]): Handler =>
  ({ found }, statement, block) => {
    block.flags |= responderFlag(what);
    const access = statement.directive.endsWith("_file") ? null : responderConnection(statement, what);
    if (access !== null) found.responders.push(access);
  };

const readCode: Handler = ({ found }, statement, block) => {
  if (statement.directive.startsWith("content_by_lua")) block.flags |= BlockFlag.answers;
  found.service(codeConnection(statement));
};

const readFetch: Handler = ({ found }, statement) => {
  if (found.filesThatFetch.has(statement.file)) return;
  found.filesThatFetch.add(statement.file);
  found.service(fetchConnection(statement));
};

const readRemoteRules: Handler = ({ found }, statement) => {
  found.service(remoteRulesConnection(statement));
};

const luaPhases =
  "init init_worker exit_worker set server_rewrite rewrite access precontent content log header_filter body_filter " +
  "ssl_client_hello ssl_certificate ssl_session_fetch ssl_session_store proxy_ssl_certificate proxy_ssl_verify preread";

const phasesWith = (ending: string): string[] => luaPhases.split(" ").map((phase) => `${phase}${ending}`);

/** Lua code of every phase: where the table has a directive, and where modules of stream have it. */
function codeRows(ending: string, counts: string, end: "simple" | "lua"): readonly DirectiveRow[] {
  const names = phasesWith(ending);
  const known = names.filter((name) => directiveContexts(name) !== undefined);
  return [own(known.join(" "), readCode), foreign(anyServer, counts, names.join(" "), readCode, end)];
}

export const serviceDirectives = [
  own("resolver", readResolver),
  own("proxy_bind fastcgi_bind uwsgi_bind scgi_bind grpc_bind memcached_bind tunnel_bind", readBind),
  own("proxy_bind fastcgi_bind uwsgi_bind scgi_bind grpc_bind memcached_bind tunnel_bind", readTransparent),
  own("auth_http", readAuthHttp),
  own("worker_rlimit_nofile worker_rlimit_core", readLimit),
  own("pcre_jit", readJit),
  own("error_log access_log", readLog),
  own("ssl_stapling", readOcsp("stapling")),
  own("ssl_stapling_file ssl_stapling_responder", readResponder("stapling")),
  own("ssl_ocsp", readOcsp("client")),
  own("ssl_ocsp_responder", readResponder("client")),
  foreign(
    anyServer,
    "1+",
    "js_fetch_timeout js_fetch_trusted_certificate js_fetch_verify js_fetch_verify_depth js_fetch_buffer_size " +
      "js_fetch_max_response_buffer_size js_fetch_ciphers js_fetch_protocols js_fetch_keepalive",
    readFetch,
  ),
  foreign(anyServer, "2+", "modsecurity_rules_remote", readRemoteRules),
  ...codeRows("_by_lua_block", "0+", "lua"),
  ...codeRows("_by_lua", "1+", "simple"),
];
