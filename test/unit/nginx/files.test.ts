/** Every directive that names a file or directory: what nginx does there, by whom, and relative to what. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { collectAccesses } from "../../../server/src/nginx/collectAccesses.ts";
import { loadConfiguration, loadFragment } from "../../../server/src/nginx/load/loadConfiguration.ts";
import {
  analyzeFiles,
  analyzeFragment,
  analyzeHttp,
  analyzeLocation,
  analyzeMain,
  analyzeStream,
  files,
} from "../../support/accesses.ts";
import { memoryReader } from "../../support/memoryReader.ts";

/** Directives at the top of nginx.conf -> the accesses. `P` stands for the prefix, which the build decides. */
const P = "/usr/share/nginx";
const atTop: readonly (readonly [text: string, expected: string])[] = [
  ["error_log /var/log/nginx/error.log warn;", "append log file /var/log/nginx/error.log master"],
  ["error_log logs/error.log;", `append log file ${P}/logs/error.log master (one-of)`],
  ["error_log stderr;", ""],
  ["error_log memory:32m debug;", ""],
  ["error_log syslog:server=unix:/dev/log;", ""],
  ["error_log /dev/stdout;", "append log file /dev/stdout master"],
  ["error_log /var/log/$host.log;", "append log file /? master (unknown)"],
  ["error_log /srv//log/./a/../b.log;", "append log file /srv/log/b.log master"],
  ["error_log /../../x.log;", "append log file /x.log master"],
  ["pid /run/nginx/nginx.pid;", "write pid file /run/nginx/nginx.pid master"],
  ["pid logs/nginx.pid;", `write pid file ${P}/logs/nginx.pid master (one-of)`],
  ["load_module /opt/m.so;", "read module file /opt/m.so master"],
  ["load_module modules/m.so;", `read module file ${P}/modules/m.so master (one-of)`],
  ["google_perftools_profiles /srv/prof/nginx;", "write store file /srv/prof/nginx worker"],
  // Asks for nothing that is ever refused.
  ["working_directory /srv/cores;", "read chdir dir /srv/cores worker"],
  // Never opened where the processor has atomic operations.
  ["lock_file /srv/nginx.lock;", ""],
  ["error_log;", ""],
  ['error_log "/srv/{{ name }}.log";', "append log file /? master (unknown)"],
];

for (const [text, expected] of atTop) {
  test(`at the top, "${text}" gives ${expected === "" ? "nothing" : expected}`, async () => {
    assert.deepEqual(files(await analyzeMain(`${text} events {}`)), expected === "" ? [] : [expected]);
  });
}

/** Directives of http. */
const inHttp: readonly (readonly [text: string, expected: string])[] = [
  ["access_log /srv/a.log main;", "append log file /srv/a.log master"],
  ["access_log logs/a.log;", `append log file ${P}/logs/a.log master (one-of)`],
  ["access_log off;", ""],
  ["access_log syslog:server=10.0.0.1;", ""],
  ["access_log /var/log/nginx/$host.log;", "append log file /var/log/nginx/? worker (one-of)"],
  ["access_log /var/log/nginx/a-$host.log;", "append log file /var/log/nginx/? worker (one-of)"],
  ["access_log /$host.log;", "append log file //? worker (unknown)"],
  ["access_log $file;", "append log file /? worker (unknown)"],
  ["ssl_certificate /srv/tls/a.pem;", "read certificate file /srv/tls/a.pem master"],
  ["ssl_certificate tls/a.pem;", "read certificate file /etc/nginx/tls/a.pem master"],
  ["ssl_certificate ../pki/a.pem;", "read certificate file /etc/pki/a.pem master"],
  ["ssl_certificate data:$pem;", ""],
  ["ssl_certificate_key engine:pkcs11:key;", ""],
  ["ssl_certificate_key store:pkcs11:key;", ""],
  ["ssl_certificate /srv/tls/$ssl_server_name.pem;", "read certificate file /srv/tls/? worker (one-of)"],
  ["ssl_certificate_key a.key;", "read certificate file /etc/nginx/a.key master"],
  ["ssl_conf_command Options KTLS;", ""],
  ["ssl_conf_command ChainCAFile ca.pem;", "read certificate file /etc/nginx/ca.pem master"],
  ["ssl_conf_command VerifyCAPath /srv/ca;", "read certificate dir /srv/ca master"],
  ["auth_basic_user_file .htpasswd;", "read config file /etc/nginx/.htpasswd worker"],
  ["auth_basic_user_file /srv/$host/.htpasswd;", "read config file /srv/? worker (one-of)"],
  ["proxy_cache_path /srv/cache levels=1:2 keys_zone=a:1m;", "write cache-moved dir /srv/cache master"],
  ["xml_entities /srv/e.dtd;", "read content file /srv/e.dtd master"],
  ["geoip_country /srv/g.dat;", "read content file /srv/g.dat master"],
  ["geoip_city g.dat;", "read content file /? master (unknown)"],
  ["geoip2 /srv/g.mmdb { $c country iso_code; }", "read content file /srv/g.mmdb master"],
  ["perl_modules /srv/perl;", "read code dir /srv/perl master"],
  ["perl_require a.pm;", "read code file /? master (unknown)"],
  ["js_path /srv/js/;", "read code dir /srv/js master"],
  ["js_import main.js;", "read code file /etc/nginx/main.js master"],
  ["js_import m from /srv/main.js;", "read code file /srv/main.js master"],
  ["init_by_lua_file /srv/i.lua;", "read code file /srv/i.lua master"],
  ["init_worker_by_lua_file /srv/i.lua;", "read code file /srv/i.lua worker"],
  ["lua_ssl_trusted_certificate ca.pem;", "read certificate file /etc/nginx/ca.pem master"],
  ["lua_package_path '/srv/?.lua';", "read code file /srv/? worker (one-of)"],
  ["lua_package_path ';;';", ""],
  ["lua_package_cpath '?.so;/opt/lua/lib/?.so;;';", "read code file /opt/lua/lib/? worker (one-of)"],
  ["keyval_zone zone=a:1m state=/srv/a.keyval;", "write store file /srv/a.keyval worker"],
  ["keyval_zone zone=a:1m;", ""],
  ["js_shared_dict_zone zone=a:1m state=/srv/a.json;", "write store file /srv/a.json worker"],
  ["upstream b { zone b 64k; state /srv/b.state; }", "write store file /srv/b.state worker"],
  ["acme_issuer a { state_path /srv/acme; }", "write cache dir /srv/acme master"],
  ["acme_issuer a { state_path off; account_key rsa:2048; }", ""],
  ["acme_issuer a { account_key /srv/key.pem; }", "read certificate file /srv/key.pem master"],
  ["otel_exporter { trusted_certificate /srv/ca.pem; }", "read certificate file /srv/ca.pem master"],
  ["oidc_provider a { ssl_trusted_certificate /srv/ca.pem; }", "read certificate file /srv/ca.pem master"],
  ["passenger_root /srv/passenger/locations.ini;", "read config file /srv/passenger/locations.ini master"],
  ["passenger_temp_path /srv/p;", "write temp dir /srv/p master"],
  ["auth_gss_keytab /srv/http.keytab;", "read certificate file /srv/http.keytab worker"],
  ["auth_jwt_key_file jwk.json;", "read certificate file /etc/nginx/jwk.json worker"],
  ["modsecurity_rules 'SecAuditLog /srv/a.log';", "append log file /srv/a.log master"],
  ["modsecurity_rules 'SecRuleEngine On\n SecDebugLog /srv/d.log';", "append log file /srv/d.log master"],
  ["vhost_traffic_status_dump /srv/vts.db 30s;", "write store file /srv/vts.db worker"],
  ["pagespeed FileCachePath /srv/ps;", "write cache dir /srv/ps worker"],
  ["pagespeed Domain https://a.example/srv;", ""],
  ["server { ts_hls path=/srv/hls segment=10s; }", "write cache dir /srv/hls worker"],
  ["proxy_ssl_key_log /srv/keys.log;", "append log file /srv/keys.log master"],
  ["mruby_init /srv/init.rb;", "read code file /srv/init.rb master"],
  ["ip2location_database /srv/ip.bin;", "read content file /srv/ip.bin master"],
  ["modsecurity_rules_file /srv/m.conf;", "read config file /srv/m.conf master"],
  ["client_body_in_file_only on;", "write temp dir /var/lib/nginx/tmp/client_body worker (one-of)"],
  ["client_body_in_file_only off;", ""],
  ["proxy_store /srv/m$uri;", "write store-moved file /srv/m/? worker (one-of)"],
  ["proxy_store off;", ""],
  ["proxy_cache_path /srv/cache keys_zone=a:1m use_temp_path=off;", "write cache dir /srv/cache master"],
  ["proxy_cache_path /srv/cache keys_zone=a:1m use_temp_path=on;", "write cache-moved dir /srv/cache master"],
  ["proxy_store /srv/mirror/$host/a;", "write store-moved file /srv/mirror/? worker (one-of)"],
  ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => [`${name}_temp_path /srv/t 1 2;`, "write temp dir /srv/t master"] as const,
  ),
  ...["fastcgi", "uwsgi", "scgi"].map(
    (name) => [`${name}_cache_path /srv/c keys_zone=a:1m;`, "write cache-moved dir /srv/c master"] as const,
  ),
  ...(
    "ssl_client_certificate ssl_trusted_certificate ssl_crl ssl_dhparam ssl_password_file ssl_session_ticket_key " +
    "ssl_stapling_file ssl_ech_file quic_host_key proxy_ssl_certificate proxy_ssl_certificate_key " +
    "proxy_ssl_trusted_certificate proxy_ssl_crl proxy_ssl_password_file grpc_ssl_certificate grpc_ssl_certificate_key " +
    "grpc_ssl_trusted_certificate uwsgi_ssl_certificate uwsgi_ssl_certificate_key uwsgi_ssl_crl js_fetch_trusted_certificate"
  )
    .split(" ")
    .map((name) => [`${name} tls/x;`, "read certificate file /etc/nginx/tls/x master"] as const),
];

for (const [text, expected] of inHttp) {
  test(`in http, "${text}" gives ${expected === "" ? "nothing" : expected}`, async () => {
    const result = await analyzeHttp(text);
    assert.deepEqual(files(result), expected === "" ? [] : [expected]);
  });
}

/** Directives of a location; what else is said of the location is left out. */
const inLocation: readonly (readonly [text: string, expected: readonly string[]])[] = [
  ["root /srv/www;", ["read content dir /srv/www worker"]],
  ["root /srv/www/;", ["read content dir /srv/www worker"]],
  ["root /;", ["read content dir / worker (unknown)"]],
  ["root /var; autoindex on;", ["read content dir /var worker (unknown)", "read listing dir /var worker (unknown)"]],
  ["root html;", [`read content dir ${P}/html worker (one-of)`]],
  ["root /srv/$host/htdocs;", ["read content dir /srv/? worker (one-of)"]],
  ["root $document_root;", ["read content dir /? worker (unknown)"]],
  ["root /home/$user;", ["read content dir /home/? worker (unknown)"]],
  ["set $site /srv/a; root $site;", ["read content dir /srv/a worker"]],
  ["root ${WEBROOT};", ["read content dir /? worker (unknown)"]],
  ["root /srv/www; index index.html /i.html; try_files $uri $uri/ =404;", ["read content dir /srv/www worker"]],
  ["alias /srv/img/;", ["read content dir /srv/img worker"]],
  ["root /srv/www; autoindex on;", ["read content dir /srv/www worker", "read listing dir /srv/www worker"]],
  ["root /srv/www; autoindex off;", ["read content dir /srv/www worker"]],
  [
    "root /srv/www; dav_methods PUT DELETE;",
    ["read content dir /srv/www worker", "write dav-moved dir /srv/www worker"],
  ],
  ["root /srv/www; dav_methods PUT MKCOL;", ["read content dir /srv/www worker", "write dav dir /srv/www worker"]],
  ["root /srv/www; dav_methods DELETE;", ["read content dir /srv/www worker", "write dav dir /srv/www worker"]],
  ["root /srv/www; dav_methods off;", ["read content dir /srv/www worker"]],
  ["root /srv/www; proxy_store on; proxy_pass http://127.0.0.1:1;", ["write store-moved dir /srv/www worker"]],
  ["root /srv/www; proxy_pass http://127.0.0.1:1;", []],
  ["proxy_pass http://127.0.0.1:1; root /srv/www;", []],
  ["root /srv/www; fastcgi_pass 127.0.0.1:1;", []],
  ["root /srv/www; return 404;", []],
  ["root /srv/www; if ($a) { return 404; }", ["read content dir /srv/www worker"]],
  [
    "root /srv/www; if ($a) { root /srv/other; }",
    ["read content dir /srv/other worker", "read content dir /srv/www worker"],
  ],
  ["proxy_pass http://127.0.0.1:1; if ($a) { root /srv/other; }", []],
  ["root /srv/www; stub_status;", []],
  ["root /srv/www; stub_status on;", []],
  ["root /srv/www; empty_gif;", []],
  ["root /srv/www; content_by_lua_block { ngx.say(1) }", []],
  ["root /srv/www; js_content a.b;", []],
  ["root /srv/www; nchan_subscriber;", []],
  ["root /srv/www; vhost_traffic_status_display;", []],
  ["root /srv/www; more_set_headers 'a: b';", ["read content dir /srv/www worker"]],
  ["root /srv/www; deny all;", []],
  ["root /srv/www; allow 127.0.0.1; deny all;", ["read content dir /srv/www worker"]],
  ["root /srv/www; rewrite ^ /index.php last;", []],
  ["root /srv/www; rewrite ^/a /b last;", ["read content dir /srv/www worker"]],
  ["root /srv/www; rewrite ^ /x break;", ["read content dir /srv/www worker"]],
  ["root /srv/www; try_files /nonexistent @app;", []],
  ["root /srv/www; try_files $uri @app;", ["read content dir /srv/www worker"]],
  ["xslt_stylesheet /srv/x.xslt a=b;", ["read content file /srv/x.xslt master"]],
  ["content_by_lua_file /srv/c.lua;", ["read code file /srv/c.lua worker"]],
  ["access_by_lua_file lua/$a.lua;", [`read code file ${P}/lua/? worker (one-of)`]],
  ["set_by_lua_file $a /srv/s.lua;", ["read code file /srv/s.lua worker"]],
  ["upload_store /srv/up 1; upload_pass @x;", ["write store dir /srv/up worker"]],
];

for (const [text, expected] of inLocation) {
  test(`in a location, "${text}" gives ${expected.join(" and ") || "nothing"}`, async () => {
    assert.deepEqual(files(await analyzeLocation(text)).sort(), [...expected].sort());
  });
}

test("a root is an access where it holds for what a file answers, and not where it is overridden", async () => {
  const result = await analyzeHttp(`
    root /srv/http;
    server { listen 80; root /srv/overridden; location / { root /srv/a; } location /app/ { proxy_pass http://127.0.0.1:1; } }
    server { listen 81; root /srv/b; location /app/ { proxy_pass http://127.0.0.1:1; } }
    server { listen 82; root /srv/c; location / { proxy_pass http://127.0.0.1:1; } }
    server { listen 83; root /srv/d; location / { proxy_pass http://127.0.0.1:1; } location /static/ { expires 1h; } }
    server { listen 84; root /srv/e; return 301 https://$host$request_uri; location /x/ { } }
    server { listen 85; root /srv/f; rewrite ^(.*)$ https://example.com$1 permanent; }
    server { listen 86; location ~ ^/ { proxy_pass http://127.0.0.1:1; } root /srv/g; }`);
  assert.deepEqual(
    files(result),
    ["a", "b", "d"].map((name) => `read content dir /srv/${name} worker`),
  );
});

test("the root of http is used by the server that has none, and settings are inherited wherever they stand", async () => {
  const result = await analyzeHttp(`
    server { listen 80; location /files/ { location /files/pub/ { dav_methods PUT; } } autoindex on; }
    root /srv/http;`);
  assert.deepEqual(files(result).sort(), [
    "read content dir /srv/http worker",
    "read listing dir /srv/http worker",
    "write dav-moved dir /srv/http worker",
  ]);
});

for (const [location, alias, object] of [
  ["= /robots.txt", "/srv/robots.txt", "file"],
  ["/robots.txt", "/srv/robots.txt", "file"],
  ["= /up", "/srv/status", "file"],
  ["/img/", "/srv/img/", "dir"],
  ["/img", "/srv/img", "dir"],
  ["/v1.2/", "/srv/v1.2", "dir"],
] as const) {
  test(`alias ${alias} in location ${location} is a ${object}`, async () => {
    const result = await analyzeHttp(`server { listen 80; location ${location} { alias ${alias}; } }`);
    assert.deepEqual(files(result), [`read content ${object} ${alias.replace(/\/$/, "")} worker`]);
  });
}

test("the values of a map are one access each", async () => {
  const result = await analyzeHttp("map $host $site { default /srv/a; b /srv/b; } server { listen 80; root $site; } ");
  assert.deepEqual(files(result), [
    "read content dir /srv/a worker (one-of)",
    "read content dir /srv/b worker (one-of)",
  ]);
  assert.deepEqual(
    result.files.map((access) => access.reason),
    ["one of the values of $site", "one of the values of $site"],
  );
});

test("in stream, certificates and logs are read and written", async () => {
  const result = await analyzeStream(
    "access_log /srv/s.log f; server { listen 1 ssl; ssl_certificate a.pem; proxy_ssl_trusted_certificate b.pem; proxy_pass 127.0.0.1:1; }",
  );
  assert.deepEqual(files(result), [
    "append log file /srv/s.log master",
    "read certificate file /etc/nginx/a.pem master",
    "read certificate file /etc/nginx/b.pem master",
  ]);
});

test("in mail, certificates are read", async () => {
  const result = await analyzeMain("events {} mail { ssl_certificate a.pem; server { listen 25; } }");
  assert.deepEqual(files(result), ["read certificate file /etc/nginx/a.pem master"]);
});

test("a directive in the wrong block, with the wrong end or without its path gives nothing", async () => {
  assert.deepEqual(files(await analyzeMain("events {} http { pid /srv/x; types { root /srv/y; } }")), []);
  assert.deepEqual(
    files(await analyzeHttp("server { root { } access_log { } ssl_certificate; location { root; } }")),
    [],
  );
});

test("includes are read: a file, or the directory in which a pattern is searched", async () => {
  const result = await analyzeFiles({
    "/etc/nginx/nginx.conf": `events {} http { include mime.types; include conf.d/*.conf; include /srv/*/a.conf; include *.x;
      map $a $b { include /srv/map; } }`,
    "/etc/nginx/mime.types": "",
    "/etc/nginx/conf.d/a.conf": "",
    "/srv/map": "",
  });
  assert.deepEqual(
    result.files.map((access) => `${access.use} ${access.object} ${access.path} ${access.certainty}`),
    [
      "config file /etc/nginx/mime.types certain",
      "include dir /etc/nginx/conf.d certain",
      "include dir /srv certain",
      "include dir /etc/nginx certain",
      "config file /srv/map certain",
    ],
  );
});

test("a relative module of njs is searched where js_path says, so it is not known", async () => {
  const result = await analyzeHttp("js_path /srv/js; js_import a.js; js_import b from /srv/b.js;");
  assert.deepEqual(files(result), [
    "read code dir /srv/js master",
    "read code file /? master (unknown)",
    "read code file /srv/b.js master",
  ]);
});

test("client_body_in_file_only keeps bodies where client_body_temp_path says", async () => {
  const result = await analyzeHttp(
    "client_body_temp_path /srv/t; server { listen 80; client_body_in_file_only clean; }",
  );
  assert.deepEqual(files(result), ["write temp dir /srv/t master"]);
});

test("the place of an access is the path, and a file that is included twice has it once", async () => {
  const result = await analyzeFiles({
    "/etc/nginx/nginx.conf": "events {} http { server { listen 80; include a; } server { listen 81; include a; } }",
    "/etc/nginx/a": "access_log '/srv/a b.log' main; root /srv/www;",
  });
  const own = result.files.filter((access) => access.directive !== "include");
  assert.deepEqual(
    own.map((access) => [access.path, access.span.end - access.span.start]),
    [
      ["/srv/a b.log", 12],
      ["/srv/www", 8],
    ],
  );
});

test("a path that is no UTF-8 is not known", async () => {
  const bytes = new Uint8Array([...new TextEncoder().encode("events {} error_log /srv/")].concat([0xe9, 0x3b]));
  const text = new TextDecoder().decode(bytes);
  assert.deepEqual(files(await analyzeMain(text)), ["append log file /? master (unknown)"]);
});

test("nothing is certain of what stands in a template, or under directives that are not seen", async () => {
  const template = await analyzeFragment(
    "server { listen 80; root /srv/www; access_log '/srv/{{ a }}'; }",
    "/w/a.conf.j2",
  );
  assert.deepEqual(files(template), [
    "append log file /? master (unknown)",
    "read content dir /srv/www worker (one-of)",
  ]);
  const unseen = await analyzeFiles({
    "/etc/nginx/nginx.conf": "events {} http { server { listen 80; root /srv/www; include gone; } }",
  });
  assert.deepEqual(files(unseen), ["read content dir /srv/www worker (one-of)"]);
});

test("relative paths follow the place for which a configuration was written", async () => {
  const text = "events {} error_log logs/e; http { ssl_certificate a.pem; }";
  const read = async (path: string, options = {}): Promise<readonly string[]> => {
    const { accesses } = collectAccesses(await loadConfiguration(path, memoryReader({ [path]: text }), options));
    return accesses.flatMap((access) => (access.protocol === "file" ? [`${access.path} ${access.certainty}`] : []));
  };
  const log = `${P}/logs/e one-of`;
  assert.deepEqual(await read("/etc/nginx/nginx.conf"), [log, "/etc/nginx/a.pem certain"]);
  assert.deepEqual(await read("/home/me/copy/etc/nginx/nginx.conf"), [log, "/etc/nginx/a.pem certain"]);
  assert.deepEqual(await read("/home/me/copy/opt/n/nginx.conf", { root: "/home/me/copy" }), [
    log,
    "/opt/n/a.pem certain",
  ]);
  assert.deepEqual(await read("/home/me/project/nginx.conf"), [log, "/etc/nginx/a.pem one-of"]);
  assert.deepEqual(await read("/home/me/x.conf", { confPrefix: "/etc/web/" }), [log, "/etc/web/a.pem certain"]);
  assert.deepEqual(await read("/usr/local/nginx/conf/nginx.conf"), [
    "/usr/local/nginx/logs/e certain",
    "/usr/local/nginx/conf/a.pem certain",
  ]);
});

test("a lone file's relative paths are taken to be below /etc/nginx", async () => {
  const path = "/etc/nginx/conf.d/app.conf";
  const reader = memoryReader({ [path]: "server { listen 80; ssl_certificate a.pem; }" });
  const { accesses } = collectAccesses(await loadFragment(path, reader));
  const found = accesses.find((access) => access.protocol === "file");
  assert.deepEqual([found?.path, found?.certainty], ["/etc/nginx/a.pem", "one-of"]);
});

test("deep locations that inherit take no stack and no quadratic time", async () => {
  const deep = 100_000;
  const text = `server { listen 80; root /srv/www; ${"location /a {".repeat(deep)} autoindex on; ${"}".repeat(deep)} }`;
  assert.deepEqual(files(await analyzeHttp(text)), [
    "read content dir /srv/www worker",
    "read listing dir /srv/www worker",
  ]);
});
