/**
 * Directives whose argument is a path: what nginx does there, who does it and what a relative path is relative to.
 *
 * Sources: `ngx_conf_full_name(cycle, name, conf_prefix)` in the handler of each directive (nginx 1.31.5), and
 * `ngx_http_lua_rebase_path` of lua-nginx-module. Not here: `lock_file`, which nginx never
 * opens where processors have atomic operations (`ngx_shmtx_create`), and `working_directory`, for `chdir` asks for nothing
 * but `search` on directories, and httpd_t may search those of every type.
 */
import type { FileAccess, FileUse } from "./access.ts";
import type { BlockKind } from "./blocks.ts";
import type { FileDirective } from "./fileDirective.ts";

/** Where another module allows its directive, and in which form. */
interface ForeignForm {
  readonly blocks: readonly BlockKind[];
  /** Accepted numbers of arguments: `1`, `12`, `1+`. */
  readonly counts: string;
  readonly end: "simple" | "block";
}

/** A directive whose argument is a path. `form`: null for one of nginx's own, and for a simple one of any server. */
export interface FileDirectiveRow {
  readonly name: string;
  readonly what: FileDirective;
  readonly form: ForeignForm | null;
}

type Options = Partial<Omit<FileDirective, "kind" | "use" | "base">> & { readonly form?: ForeignForm | null };

const table: FileDirectiveRow[] = [];

function add(
  kind: FileAccess["kind"],
  use: FileUse,
  base: FileDirective["base"],
  names: string,
  { form = null, ...options }: Options = {},
): void {
  const common = { object: "file", by: "master", argument: 1, variables: false, except: null } as const;
  const what = { kind, use, base, ...common, ...options };
  for (const name of names.split(" ")) table.push({ name, what, form });
}

function withPrefixes(prefixes: string, names: string): string {
  return prefixes
    .split(" ")
    .flatMap((prefix) => names.split(" ").map((name) => prefix + name))
    .join(" ");
}

add("append", "log", "prefix", "error_log", { except: /^(?:stderr$|syslog:|memory:)/ });
add("append", "log", "prefix", "access_log", { variables: true, except: /^(?:off$|syslog:)/ });
add("append", "log", "conf", "lua_ssl_key_log", { by: "worker" });
add("write", "pid", "prefix", "pid");
add("read", "module", "prefix", "load_module");

const notCertificates = { variables: true, except: /^(?:data|engine|store):/ };
const pair = "ssl_certificate ssl_certificate_key";
add("read", "certificate", "conf", `${pair} ${withPrefixes("proxy_ grpc_ uwsgi_", pair)}`, notCertificates);
add(
  "read",
  "certificate",
  "conf",
  `ssl_client_certificate ssl_dhparam ssl_session_ticket_key ssl_stapling_file ssl_ech_file quic_host_key ` +
    `lua_ssl_certificate lua_ssl_certificate_key lua_ssl_trusted_certificate lua_ssl_crl js_fetch_trusted_certificate ` +
    `ssl_trusted_certificate ssl_crl ssl_password_file ` +
    withPrefixes("proxy_ grpc_ uwsgi_", "ssl_trusted_certificate ssl_crl ssl_password_file"),
  { except: /^(?:data|engine|store):/ },
);
add("read", "config", "conf", "auth_basic_user_file", { variables: true, by: "worker" });

const anyway = { variables: true, by: "worker" } as const;
add("read", "content", "prefix", "root alias", { ...anyway, object: "dir" });
add("write", "store", "prefix", withPrefixes("proxy_ fastcgi_ uwsgi_ scgi_", "store"), {
  ...anyway,
  except: /^(?:on|off)$/,
});
add("write", "temp", "prefix", withPrefixes("client_body_ proxy_ fastcgi_ uwsgi_ scgi_ nchan_message_", "temp_path"), {
  object: "dir",
});
add("write", "cache", "prefix", withPrefixes("proxy_ fastcgi_ uwsgi_ scgi_", "cache_path"), { object: "dir" });

add("read", "content", "prefix", "xslt_stylesheet xml_entities");
add("read", "content", "cwd", "geoip_country geoip_city geoip_org");
add("read", "content", "cwd", "geoip2", { form: { blocks: ["http", "stream"], counts: "1", end: "block" } });
add("read", "code", "prefix", "perl_modules", { object: "dir" });
// Perl searches a relative one in @INC.
add("read", "code", "cwd", "perl_require");
add("read", "code", "conf", "js_path", { object: "dir" });
// `js_import main.js`, `js_import name from main.js`.
add("read", "code", "conf", "js_import js_preload_object", { argument: 0 });
add("read", "code", "prefix", "init_by_lua_file");
add("read", "code", "prefix", "init_worker_by_lua_file exit_worker_by_lua_file", { by: "worker" });
add(
  "read",
  "code",
  "prefix",
  withPrefixes(
    "access_ balancer_ body_filter_ content_ header_filter_ log_ precontent_ preread_ proxy_ssl_certificate_ " +
      "proxy_ssl_verify_ rewrite_ server_rewrite_ ssl_certificate_ ssl_client_hello_ ssl_session_fetch_ ssl_session_store_",
    "by_lua_file",
  ),
  anyway,
);
add("read", "code", "prefix", "set_by_lua_file", { ...anyway, argument: 2 });
add("read", "config", "cwd", "modsecurity_rules_file");
// ngx_google_perftools_worker: PATH.PID, as it is written.
add("write", "store", "cwd", "google_perftools_profiles", { by: "worker" });
add("write", "store", "cwd", "upload_store upload_state_store", { by: "worker", object: "dir" });

/** The directives whose argument is a path. */
export function fileDirectives(): readonly FileDirectiveRow[] {
  return table;
}

/** OpenSSL commands whose value is a file or directory (`SSL_CONF_cmd_value_type`), in lower case. */
const sslFiles: ReadonlyMap<string, FileAccess["object"]> = new Map([
  ["certificate", "file"],
  ["privatekey", "file"],
  ["serverinfofile", "file"],
  ["chaincafile", "file"],
  ["verifycafile", "file"],
  ["requestcafile", "file"],
  ["clientcafile", "file"],
  ["dhparameters", "file"],
  ["chaincapath", "dir"],
  ["verifycapath", "dir"],
]);

/** What `ssl_conf_command NAME VALUE` and its relatives do with the value; null where it is no path. */
export function sslCommandFile(name: string): FileDirective | null {
  const object = sslFiles.get(name.toLowerCase());
  if (object === undefined) return null;
  const base = "conf";
  return { kind: "read", use: "certificate", base, object, by: "master", argument: 2, variables: false, except: null };
}

/** An `include`: the file itself, or for a glob the directory that is searched. */
export function includedFile(object: FileAccess["object"]): FileDirective {
  const base = "conf";
  return { kind: "read", use: "config", base, object, by: "master", argument: 1, variables: false, except: null };
}
