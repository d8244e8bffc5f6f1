/** Directive names that change how the text after them is read. */

/**
 * Names whose block is read by a handler of its own: each statement in it is data, and nginx answers a nested `{` with
 * `unexpected "{"` (ngx_conf_parse with `cf->handler` set). `geoip2` is ngx_http_geoip2_module's.
 */
const RAW_BLOCKS: ReadonlySet<string> = new Set(["types", "map", "geo", "split_clients", "charset_map", "geoip2"]);

/** The `*_by_lua_block` directives of lua-nginx-module and stream-lua-nginx-module. */
const LUA_BLOCKS: ReadonlySet<string> = new Set(
  [
    "init",
    "init_worker",
    "exit_worker",
    "set",
    "server_rewrite",
    "rewrite",
    "access",
    "precontent",
    "content",
    "log",
    "header_filter",
    "body_filter",
    "balancer",
    "preread",
    "ssl_client_hello",
    "ssl_certificate",
    "ssl_session_fetch",
    "ssl_session_store",
    "proxy_ssl_certificate",
    "proxy_ssl_verify",
  ].map((phase) => `${phase}_by_lua_block`),
);

/** True where the statements inside the block of that name are data (`map`, `geo`, `types`, ...), not directives. */
export function isRawBlock(name: string): boolean {
  return RAW_BLOCKS.has(name);
}

/** True where the braces after that name hold Lua, which nginx's tokenizer never sees. */
export function isLuaBlock(name: string): boolean {
  return LUA_BLOCKS.has(name);
}

const LAST_BYTES = new Uint8Array(256);
for (const name of [...RAW_BLOCKS, ...LUA_BLOCKS]) LAST_BYTES[name.charCodeAt(name.length - 1)] = 1;

/**
 * False where no name of a raw or Lua block ends in this byte, so that most names (`server`, `location`, `if`) need not
 * be decoded to know that they are none.
 */
export function mayEndSpecialName(byte: number): boolean {
  return LAST_BYTES[byte] === 1;
}
