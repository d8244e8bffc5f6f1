/**
 * Directives whose argument is a path: what nginx does there, who does it and what a relative path is relative to.
 *
 * Sources: `ngx_conf_full_name(cycle, name, conf_prefix)` in the handler of each directive (nginx 1.31.5), and
 * `ngx_http_lua_rebase_path` of lua-nginx-module. Not here: `lock_file`, which nginx never
 * opens where processors have atomic operations (`ngx_shmtx_create`).
 */
import type { FileAccess, FileUse } from "../access.ts";
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

/** What a directive does with a path; without options the master opens the file that is the first argument. */
export function fileDirective(
  kind: FileAccess["kind"],
  use: FileUse,
  base: FileDirective["base"],
  options: Partial<Omit<FileDirective, "kind" | "use" | "base">> = {},
): FileDirective {
  const common = { object: "file", by: "master", argument: 1, option: null, variables: false } as const;
  return { kind, use, base, except: null, fails: null, ...common, ...options };
}

const table: FileDirectiveRow[] = [];

function add(
  kind: FileAccess["kind"],
  use: FileUse,
  base: FileDirective["base"],
  names: string,
  { form = null, ...options }: Options = {},
): void {
  const what = fileDirective(kind, use, base, options);
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
add("write", "store-moved", "prefix", withPrefixes("proxy_ fastcgi_ uwsgi_ scgi_", "store"), {
  ...anyway,
  except: /^(?:on|off)$/,
});
add("write", "temp", "prefix", withPrefixes("client_body_ proxy_ fastcgi_ uwsgi_ scgi_ nchan_message_", "temp_path"), {
  object: "dir",
});
// ngx_http_file_cache_update: from the temporary directory, where `use_temp_path=off` does not forbid it.
add("write", "cache-moved", "prefix", withPrefixes("proxy_ fastcgi_ uwsgi_ scgi_", "cache_path"), { object: "dir" });
add("read", "chdir", "cwd", "working_directory", { object: "dir", by: "worker" });

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

// Other modules. Contexts are those of any server where nothing else is said.
const inRtmp = { blocks: ["rtmp", "rtmp.server", "rtmp.application"], counts: "1", end: "simple" } as const;
// ngx_rtmp_record_open makes files in place; ngx_rtmp_hls_ensure_directory makes the directory, too.
const recorded = { by: "worker", object: "dir", fails: "nothing is recorded" } as const;
add("write", "store", "cwd", "record_path", { ...recorded, form: inRtmp });
add("write", "cache", "cwd", "hls_path dash_path", { ...recorded, form: inRtmp });
add("write", "cache", "cwd", "ts_hls ts_dash", { ...recorded, option: "path=" });
add("write", "store", "prefix", "js_shared_dict_zone", { by: "worker", option: "state=" });
add("read", "certificate", "conf", "auth_jwt_key_file", { by: "worker", variables: true, fails: "logins fail" });
add("read", "certificate", "cwd", "auth_gss_keytab", { by: "worker", fails: "logins fail" });
add("read", "config", "conf", "auth_digest_user_file", { by: "worker", variables: true });
add("write", "store", "cwd", "vhost_traffic_status_dump upsync_dump_path", {
  by: "worker",
  form: { blocks: ["http", "upstream", "stream.upstream"], counts: "1+", end: "simple" },
});
add("read", "content", "cwd", "ip2location_database ip2proxy_database");
add("read", "config", "cwd", "passenger_root");
add("append", "log", "cwd", "passenger_log_file");
add("write", "temp", "cwd", "passenger_temp_path passenger_data_buffer_dir passenger_instance_registry_dir", {
  object: "dir",
});
add("append", "log", "prefix", "ssl_key_log proxy_ssl_key_log grpc_ssl_key_log uwsgi_ssl_key_log");
add("read", "module", "prefix", "js_load_http_native_module js_load_stream_native_module", {
  form: { blocks: ["main"], counts: "1+", end: "simple" },
});
add("read", "code", "cwd", withPrefixes("mruby_", "init init_worker content_handler access_handler rewrite_handler"), {
  form: { blocks: ["http", "server", "location"], counts: "12", end: "simple" },
});

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
  return fileDirective("read", "certificate", "conf", { object, argument: 2 });
}

/** An `include` of one file. */
export const includedFile = fileDirective("read", "config", "conf");
/** An `include` with wildcards: the directory that is searched. */
export const includedFiles = fileDirective("read", "include", "conf", { object: "dir" });
