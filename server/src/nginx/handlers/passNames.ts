/** The names of pass directives of http; `proxy_pass` is one of stream, too. */

/** nginx's own. */
const ownPasses: readonly string[] = [
  "proxy_pass",
  "fastcgi_pass",
  "uwsgi_pass",
  "scgi_pass",
  "grpc_pass",
  "memcached_pass",
  "tunnel_pass",
];

/** Those of memc-nginx-module, redis2-nginx-module, ngx_http_redis, nginx_ajp_module and nginx_upstream_tarantool. */
const modulePasses: readonly string[] = ["memc_pass", "redis2_pass", "redis_pass", "ajp_pass", "tnt_pass"];

/** All of them; each takes the address, or the name of an upstream, as its first argument. */
export const passNames: readonly string[] = [...ownPasses, ...modulePasses];
