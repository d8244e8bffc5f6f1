/** What nginx itself rejects, in its words, and what must stay silent because another nginx, or a template, takes it. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { conditionalParts } from "../../../server/src/nginx/tree/template.ts";
import { analyzeFiles, analyzeFragment, analyzeMain } from "../../support/accesses.ts";

async function problemsOf(text: string): Promise<readonly string[]> {
  return (await analyzeMain(text)).problems;
}

/** Configurations with the one thing that nginx says of each. */
const rejected: readonly (readonly [text: string, problem: string])[] = [
  // ngx_http_add_addresses, in every spelling of an address.
  ["http { server { listen 80; listen 80; } }", "a duplicate listen 0.0.0.0:80"],
  ["http { server { listen 80; listen *:80; } }", "a duplicate listen 0.0.0.0:80"],
  ["http { server { listen 0.0.0.0; listen 0080 default_server; } }", "a duplicate listen 0.0.0.0:80"],
  ["http { server { listen 127.0.0.1:81; listen 127.000.0.01:81; } }", "a duplicate listen 127.0.0.1:81"],
  ["http { server { listen 8000-8002; listen 8001; } }", "a duplicate listen 0.0.0.0:8001"],
  ["http { server { listen [::]:80; listen [0:0::0]:80; } }", "a duplicate listen [::]:80"],
  ["http { server { listen unix:/run/a; listen unix:/run/a; } }", "a duplicate listen unix:/run/a"],
  [
    "http { server { listen 80 default_server; } server { listen *:80 default_server; } }",
    "a duplicate default server for 0.0.0.0:80",
  ],
  [
    "http { server { listen 80 backlog=5; } server { listen 80 reuseport; } }",
    "duplicate listen options for 0.0.0.0:80",
  ],
  ["stream { server { listen 1; listen *:1; return x; } }", "a duplicate listen 0.0.0.0:1"],
  [
    "mail { auth_http 127.0.0.1:1; server { listen 25; } server { listen *:25; } }",
    'duplicate "0.0.0.0:25" address and port pair',
  ],
  // ngx_http_core_listen, ngx_stream_core_listen
  ["http { server { listen 80 server_name a; } }", 'invalid parameter "server_name"'],
  ["http { server { listen 80 udp; } }", 'invalid parameter "udp"'],
  ["stream { server { listen 1 http2; return x; } }", 'the invalid "http2" parameter'],
  ["stream { server { listen 1; pass 127.0.0.1; } }", '"pass" directive has no port'],
  // ngx_http_variables_init_vars
  ["http { server { location / { if ($a) { return 404; } } } }", 'unknown "a" variable'],
  ["http { server { if ( $a != b ) { return 404; } } }", 'unknown "a" variable'],
  // ngx_syslog_parse_args
  ["error_log syslog:server=127.0.0.1:514/x;", 'invalid host in syslog server "127.0.0.1:514/x"'],
  ["http { access_log syslog:server=10.0.0.1:0,tag=a; }", 'invalid port in syslog server "10.0.0.1:0"'],
  // Names are looked up when nginx loads, and no variable is one.
  ["http { upstream b { server $foo; } }", 'host not found in upstream "$foo"'],
  ["http { upstream b { server $foo:80; } }", 'host not found in upstream "$foo:80"'],
  ["stream { upstream b { server $m; } }", 'no port in upstream "$m"'],
  // ngx_conf_handler
  ["http { worker_processes 1; }", '"worker_processes" directive is not allowed here'],
  ["http { server { upstream b { } } }", '"upstream" directive is not allowed here'],
  ["http { server { location / { server_name a; } } }", '"server_name" directive is not allowed here'],
  ["stream { server { listen 1; fastcgi_bind; return x; } }", '"fastcgi_bind" directive is not allowed here'],
  ["proxy_cache_path /srv/c keys_zone=a:1m;", '"proxy_cache_path" directive is not allowed here'],
  // ngx_http_block and its like, ngx_set_user
  ["http { } http { }", '"http" directive is duplicate'],
  ["events { } events { }", '"events" directive is duplicate'],
  ["user a; user b;", '"user" directive is duplicate'],
  ["http { server_tokens { } }", 'directive "server_tokens" is not terminated by ";"'],
  ["http { server { listen 80 spdy; } }", 'invalid parameter "spdy"'],
];

suite("nginx rejects", () => {
  for (const [text, problem] of rejected) {
    test(`${text}: ${problem}`, async () => {
      assert.deepEqual(await problemsOf(text), [problem]);
    });
  }

  test("an include of a directory", async () => {
    const { problems } = await analyzeFiles({
      "/etc/nginx/nginx.conf": "http { include conf.d; }",
      "/etc/nginx/conf.d/a.conf": "",
    });
    assert.deepEqual(problems, ['pread() "/etc/nginx/conf.d" failed (21: Is a directory)']);
  });

  test("a misplaced directive only if every place that reaches its file forbids it", async () => {
    const shared = (text: string): Promise<readonly string[]> =>
      analyzeFiles({
        "/etc/nginx/nginx.conf": "http { include shared; server { include shared; } }",
        "/etc/nginx/shared": text,
      }).then(({ problems }) => problems);
    assert.deepEqual(await shared("server_name a;"), []);
    assert.deepEqual(await shared("worker_processes 1;"), ['"worker_processes" directive is not allowed here']);
  });
});

suite("nginx, or another nginx, takes", () => {
  const accepted: readonly string[] = [
    // A socket's path is taken as it is written.
    "http { upstream b { server unix:/run/$app/x.sock; } }",
    "http { server { listen 80; listen 443; listen [::]:80; listen 127.0.0.1:80; } server { listen 80; } }",
    "http { server { listen 443 ssl; listen 443 quic; ssl_certificate a; } }",
    "http { server { listen 80 default_server backlog=5; } server { listen 80; } server { listen 81 backlog=5; } }",
    "http { server { listen 80 http2 so_keepalive=on ipv6only=off deferred proxy_protocol; } }",
    "http { server { listen 80 $a; listen 81 {{ b }}; } }",
    "http { server { set $a 1; if ($a) { return 404; } if ($arg_b = c) { } if (-f $request_filename) { } } }",
    "http { map $host $m { default 1; } server { if ($m) { return 404; } } }",
    "http { server { server_name ~^(?<sub>.+)$; if ($sub) { return 404; } } }",
    "vendor on; http { server { if ($of_a_vendor) { return 404; } } }",
    "http { upstream b { server $BACKEND:80; } upstream c { server ${HOST}; } }",
    "error_log syslog:server=unix:/dev/log,nohostname; http { access_log syslog:server=$host; }",
    "http { vendor { server_name a; worker_processes 1; } lua_package_path ''; init_by_lua ''; }",
    "rtmp { server { listen 1935; access_log off; allow all; application a { deny all; worker_processes 1; } } }",
  ];
  for (const text of accepted) {
    test(text, async () => {
      assert.deepEqual(await problemsOf(text), []);
    });
  }

  test("a fragment's directives wherever its guessed context is wrong", async () => {
    for (const text of ["worker_processes 1; server { listen 80; }", "upstream b { server $foo; }"]) {
      assert.deepEqual((await analyzeFragment(text)).problems, [], text);
    }
  });

  test("a template: a name in braces is a placeholder", async () => {
    const text =
      "events {}\nhttp {\n    server_tokens {EXPOSE};\n    server { listen {port}; root /srv/{NAME}/www; }\n}\n";
    const result = await analyzeMain(text);
    assert.deepEqual(result.configuration.template, [true]);
    const plain = await analyzeMain('http { log_format a "{NAME}"; server { location ~ "^/a{2}$" { return 200; } } }');
    assert.deepEqual(plain.configuration.template, [false]);
  });
});

suite("a template with branches", () => {
  const parts = (text: string): string[] => {
    const bytes = new TextEncoder().encode(text);
    return conditionalParts(bytes).map(({ start, end }) => text.slice(start, end));
  };

  test("has parts that are there under a condition", () => {
    assert.deepEqual(parts("a {% if b %} c {% else %} d {% endif %} e"), ["{% if b %} c {% else %} d "]);
    assert.deepEqual(parts("{{#if a}} b {{/if}} c {{ d }}"), ["{{#if a}} b "]);
    assert.deepEqual(parts("{{- if .A }} b {{ range .B }} c {{ end }} d {{ end }} e"), [
      "{{- if .A }} b {{ range .B }} c {{ end }} d ",
    ]);
    assert.deepEqual(parts("<% if a %> b <% end %> c"), ["<% if a %> b "]);
    assert.deepEqual(parts("{% if a %} b"), ["{% if a %} b"]);
    assert.deepEqual(parts("a {{ b }} c {% endif %} ${D}"), []);
  });

  test("gives one of several accesses there, and certain ones elsewhere", async () => {
    const { lines } = await analyzeMain(
      "http { server {\n{% if tls %}\nlisten 8443;\n{% else %}\nlisten 8080;\n{% endif %}\nlisten 9090; } }",
    );
    assert.deepEqual(lines, ["bind tcp *:8443 (one-of)", "bind tcp *:8080 (one-of)", "bind tcp *:9090"]);
  });
});
