/** What nginx connects to, binds and sets by itself: not for a pass. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  analyzeFiles,
  analyzeFragment,
  analyzeHttp,
  analyzeLocation,
  analyzeMain,
  analyzeStream,
  connects,
} from "../../support/accesses.ts";
import type { Result } from "../../support/accesses.ts";

/** Lines of all that is no `listen`. */
function services(result: Result): string[] {
  return result.lines.filter((_, index) => !/^(?:listen|server)$/.test(result.accesses[index]?.directive ?? ""));
}

const cases: readonly (readonly [text: string, expected: readonly string[], place?: string])[] = [
  // syslog
  ["error_log syslog:server=unix:/dev/log,tag=nginx;", ["connect unix /dev/log"], "unix:/dev/log"],
  ["error_log syslog:tag=a,server=10.0.0.1;", ["connect udp 10.0.0.1:514"], "10.0.0.1"],
  ["error_log syslog:server=[::1]:1514 debug;", ["connect udp [::1]:1514"], "[::1]:1514"],
  ["error_log syslog:tag=a;", []],
  ["error_log /var/log/nginx/error.log;", []],
  ["http { access_log syslog:server=log.example:1514,nohostname main; }", ["connect udp log.example:1514"]],
  ["http { access_log syslog:server=$host; }", []],
  // limits
  ["worker_rlimit_nofile 65535;", ["limit process"], "65535"],
  ["worker_rlimit_core 500m;", ["limit process"], "500m"],
  // resolvers
  [
    "http { resolver 127.0.0.53 valid=30s ipv6=off; }",
    ["connect udp 127.0.0.53:53", "connect tcp 127.0.0.53:53 (one-of)"],
    "127.0.0.53",
  ],
  ["stream { resolver [::1]:5353; }", ["connect udp [::1]:5353", "connect tcp [::1]:5353 (one-of)"]],
  ["http { resolver $nameserver; }", []],
  ["mail { resolver off; }", []],
  // mail
  ["mail { auth_http 127.0.0.1; }", ["connect tcp 127.0.0.1:80"], "127.0.0.1"],
  ["mail { auth_http http://auth.example:9000/mail?a; }", ["connect tcp auth.example:9000"], "auth.example:9000"],
  ["mail { auth_http unix:/run/auth.sock:/mail; }", ["connect unix /run/auth.sock"], "unix:/run/auth.sock"],
  ["mail { auth_http {{ auth }}; }", []],
  ["mail { auth_http '{{ auth }}'; }", ["connect tcp ?:? (unknown)"]],
  ["mail { server { listen 25; } server { listen 110; } }", ["connect tcp ?:? (unknown)"], "mail"],
  // OCSP
  ["http { ssl_stapling on; }", ["connect tcp ?:80 (one-of)"], "ssl_stapling"],
  ["http { ssl_stapling off; }", []],
  ["http { ssl_stapling on; ssl_stapling_file a; }", []],
  [
    "http { server { ssl_stapling on; } ssl_stapling_responder http://ocsp.example:8888/; }",
    ["connect tcp ocsp.example:8888"],
  ],
  ["http { ssl_stapling_responder http://ocsp.example/; }", []],
  ["http { ssl_stapling on; ssl_stapling_responder https://ocsp.example/; }", []],
  ["http { ssl_ocsp leaf; }", ["connect tcp ?:80 (one-of)"]],
  ["http { ssl_ocsp on; ssl_ocsp_responder http://ocsp.example; }", ["connect tcp ocsp.example:80"]],
  ["stream { server { listen 1; ssl_stapling on; } }", ["connect tcp ?:80 (one-of)"]],
  // local addresses
  ["http { proxy_bind 127.0.0.2:5000; }", ["bind tcp 127.0.0.2:5000"]],
  ["http { proxy_bind 127.0.0.2; }", []],
  ["http { proxy_bind $remote_addr transparent; }", ["right net_raw"], "transparent"],
  ["pcre_jit on;", ["right execmem (one-of)"], "on"],
  ["pcre_jit off;", []],
  // rtmp
  ["rtmp { server { application a { push rtmp://10.0.0.9/live; } } }", ["connect tcp 10.0.0.9:1935"], "10.0.0.9"],
  [
    "rtmp { server { application a { pull RTMP://cdn.example:1936/a/b name=c static; } } }",
    ["connect tcp cdn.example:1936"],
  ],
  ["rtmp { server { application a { push 10.0.0.9; push; push {} } } }", ["connect tcp 10.0.0.9:1935"]],
  ["rtmp { server { application a { push '{{ cdn }}'; } } }", ["connect tcp ?:? (unknown)"]],
  ["rtmp { server { on_connect http://127.0.0.1:8081/auth; } }", ["connect tcp 127.0.0.1:8081"], "127.0.0.1:8081"],
  ["rtmp { server { application a { on_publish http://auth.example/p?a=b; } } }", ["connect tcp auth.example:80"]],
  ["http { push rtmp://10.0.0.9/live; }", []],
  // other modules
  [
    "http { otel_exporter { endpoint 127.0.0.1:4317; interval 5s; } }",
    ["connect tcp 127.0.0.1:4317"],
    "127.0.0.1:4317",
  ],
  ["http { otel_exporter { endpoint https://otel.example; } endpoint 127.0.0.1:1; }", ["connect tcp otel.example:443"]],
  ["http { acme_issuer a { uri https://acme.example/dir; } }", ["connect tcp acme.example:443"], "acme.example"],
  [
    "http { acme_issuer a { uri https://acme.example:14000/dir; resolver 10.0.0.53; } }",
    ["connect tcp acme.example:14000", "connect udp 10.0.0.53:53", "connect tcp 10.0.0.53:53 (one-of)"],
  ],
  [
    "http { ldap_server a { url 'ldap://127.0.0.1:389/dc=x?uid?sub?(objectClass=*)'; } }",
    ["connect tcp 127.0.0.1:389"],
  ],
  ["http { ldap_server a { url ldaps://ldap.example/dc=x; } }", ["connect tcp ldap.example:636"], "ldap.example"],
  ["http { server { auth_ldap_url ldap://ldap.example/dc=x; } }", ["connect tcp ldap.example:389"]],
  ["http { upstream b { postgres_server 10.0.0.1 dbname=a user=b; } }", ["connect tcp 10.0.0.1:5432"], "10.0.0.1"],
  ["http { upstream b { drizzle_server 10.0.0.1:3307 protocol=mysql; } }", ["connect tcp 10.0.0.1:3307"]],
  ["http { upstream b { upsync 127.0.0.1:8500/v1/kv/b upsync_type=consul; } }", ["connect tcp 127.0.0.1:8500"]],
  ["http { upstream b { server 10.0.0.1; check interval=3000 port=8888 type=http; } }", ["connect tcp ?:8888"], "8888"],
  ["http { server { location / { health_check port=8898 uri=/ok; } } }", ["connect tcp ?:8898"], "8898"],
  ["http { server { location / { health_check; } } }", []],
  [
    "stream { server { listen 1; zone_sync_server cluster.example:12345 resolve; } }",
    ["connect tcp cluster.example:12345"],
  ],
  ["mgmt { usage_report endpoint=report.example; }", ["connect tcp report.example:443"], "report.example"],
  [
    "mgmt { usage_report; proxy proxy.example:3128; }",
    ["connect tcp product.connect.nginx.com:443 (one-of)", "connect tcp proxy.example:3128"],
  ],
  ["http { oidc_provider a { issuer https://id.example/realm; } }", ["connect tcp id.example:443"]],
  ["http { js_fetch_proxy http://user:word@proxy.example:3128; }", ["connect tcp proxy.example:3128"]],
  ["http { js_fetch_proxy http://proxy.example:3128; }", ["connect tcp proxy.example:3128"]],
  ["http { server { proxy_connect; } }", ["connect tcp ?:443 (one-of)", "connect tcp ?:563 (one-of)"]],
  [
    "http { server { proxy_connect; proxy_connect_allow 8443 all; } }",
    ["connect tcp ?:8443", "connect tcp ?:? (unknown)"],
  ],
  ["http { server { location / { ajp_pass ajp://127.0.0.1; } } }", ["connect tcp 127.0.0.1:8009"]],
  ["http { server { location / { tnt_pass 127.0.0.1:3301; } } }", ["connect tcp 127.0.0.1:3301"]],
  ["http { server { location / { ajp_pass tomcat; } } }", []],
  ["http { otel_exporter { endpoint; endpoint {} } otel_exporter a { endpoint 127.0.0.1:1; } }", []],
  [
    "http { modsecurity_rules_remote key https://rules.example/a?b; }",
    ["connect tcp rules.example:443"],
    "rules.example",
  ],
  ["http { modsecurity_rules_remote key http://10.0.0.1:8080/a; }", ["connect tcp 10.0.0.1:8080"]],
  ["http { modsecurity_rules_remote key; modsecurity_rules_remote key /etc/rules; }", []],
  ["http { nchan_redis_url 127.0.0.1; }", ["connect tcp 127.0.0.1:6379"]],
  [
    "http { nchan_redis_url redis://:pass@redis.example:7000/1; }",
    ["connect tcp redis.example:7000"],
    "redis.example:7000",
  ],
  ["http { upstream r { nchan_redis_server redis://10.0.0.1; } }", ["connect tcp 10.0.0.1:6379"]],
  ["http { init_worker_by_lua_block { local s = ngx.socket.tcp() s:connect('a', 1) } }", ["connect tcp ?:? (unknown)"]],
  ['http { init_worker_by_lua_block { local r = require "resty.redis" } }', ["connect tcp ?:? (unknown)"]],
  ["http { init_worker_by_lua_block { local l = require 'resty.lrucache' } }", []],
  [
    "http { js_import a.js; js_fetch_timeout 1s; js_fetch_verify off; }",
    ["connect tcp ?:? (unknown)"],
    "js_fetch_timeout",
  ],
  ["http { js_import a.js; }", []],
];

for (const [text, expected, place] of cases) {
  test(`"${text}" gives ${expected.join(" and ") || "nothing"}`, async () => {
    const result = await analyzeMain(`events {} ${text}`);
    assert.deepEqual(services(result), expected);
    if (place !== undefined) assert.equal(result.texts[result.lines.indexOf(expected[0] ?? "")], place);
  });
}

test("a limit is a number of files, or of bytes with a unit, as nginx reads it", async () => {
  for (const [text, resource, amount] of [
    ["worker_rlimit_nofile 65535", "nofile", 65535],
    ["worker_rlimit_nofile 64k", "nofile", null],
    ["worker_rlimit_core 500M", "core", 500 * 2 ** 20],
    ["worker_rlimit_core 7", "core", 7],
    ["worker_rlimit_core many", "core", null],
  ] as const) {
    const { accesses } = await analyzeMain(`events {} ${text};`);
    const limits = accesses.filter((access) => access.kind === "limit");
    assert.deepEqual(
      limits.map((access) => [access.resource, access.amount]),
      [[resource, amount]],
    );
  }
});

for (const [text, expected] of [
  ["memc_pass 127.0.0.1:11211;", "connect tcp 127.0.0.1:11211"],
  ["redis2_pass 127.0.0.1:6379;", "connect tcp 127.0.0.1:6379"],
  ["redis_pass cache;", "connect tcp 127.0.0.1:7000"],
  ["memc_pass $backend:11211;", "connect tcp ?:11211"],
] as const) {
  test(`"${text}" is a pass and gives ${expected}`, async () => {
    const result = await analyzeHttp(
      `upstream cache { server 127.0.0.1:7000; } server { listen 80; location / { ${text} } }`,
    );
    assert.deepEqual([...connects(result), ...result.problems], [expected]);
  });
}

test("several passes of other modules in a location are not duplicates of each other", async () => {
  const result = await analyzeLocation("memc_pass 127.0.0.1:1; redis2_pass 127.0.0.1:2; redis_pass 127.0.0.1:3;");
  assert.deepEqual(result.problems, []);
});

test("syslog is spoken in datagrams, and what comes in over UDP is passed to a socket in datagrams", async () => {
  const sockets = (result: Result): readonly string[] =>
    result.accesses.flatMap((access) => ("socket" in access ? [access.socket] : []));
  assert.deepEqual(sockets(await analyzeMain("events {} error_log syslog:server=unix:/dev/log;")), ["dgram"]);
  const pass = "proxy_pass unix:/run/a.sock;";
  assert.deepEqual(sockets(await analyzeStream(`server { listen 1 udp; ${pass} }`)), ["dgram"]);
  assert.deepEqual(sockets(await analyzeStream(`server { listen 1; ${pass} }`)), ["stream"]);
  assert.deepEqual(sockets(await analyzeStream(`server { listen 1; listen 1 udp; ${pass} }`)), ["stream", "dgram"]);
});

test("why mail backends are not known says which ports are usual", async () => {
  const result = await analyzeMain("events {} mail { server { listen 25; } }");
  assert.match(result.accesses.find((access) => access.directive === "mail")?.reason ?? "", /Auth-Port.*\b143\b/);
});

test("what stands in a template is not certain", async () => {
  const result = await analyzeFragment("server { listen 80; resolver 10.0.0.1; } # {{ x }}", "/w/a.conf.j2");
  assert.deepEqual(services(result), ["connect udp 10.0.0.1:53 (one-of)", "connect tcp 10.0.0.1:53 (one-of)"]);
});

test("a file that is included twice connects once", async () => {
  const result = await analyzeFiles({
    "/etc/nginx/nginx.conf": "events {} http { server { include a; listen 80; } server { include a; listen 81; } }",
    "/etc/nginx/a": "access_log syslog:server=unix:/dev/log; resolver 127.0.0.1;",
  });
  assert.deepEqual(services(result), [
    "connect unix /dev/log",
    "connect udp 127.0.0.1:53",
    "connect tcp 127.0.0.1:53 (one-of)",
  ]);
});

test("code that is long and hostile is looked through in linear time", async () => {
  const body = `${"connect ".repeat(200_000)}${":connect".repeat(100_000)}${" ".repeat(200_000)}`;
  const result = await analyzeLocation(`content_by_lua_block { ${body} }`);
  assert.deepEqual(connects(result), []);
});
