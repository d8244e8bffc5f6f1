import assert from "node:assert/strict";
import { test } from "node:test";
import {
  analyzeFiles,
  analyzeHttp,
  analyzeLocation,
  analyzeMain,
  analyzeStream,
  connects,
} from "../../support/accesses.ts";
import { compileScript } from "../../../server/src/nginx/blocks/script.ts";

test("a word is split at its variables as nginx splits it", () => {
  assert.deepEqual(compileScript("http://$host:${port}/a$12$b_c-d"), {
    ok: true,
    parts: ["http://", { name: "host" }, ":", { name: "port" }, "/a", { name: "1" }, "2", { name: "b_c" }, "-d"],
  });
  assert.deepEqual(compileScript("plain"), { ok: true, parts: ["plain"] });
  assert.deepEqual(compileScript(""), { ok: true, parts: [] });
});

for (const [text, error] of [
  ["a$", "invalid variable name"],
  ["a$-b", "invalid variable name"],
  ["${", "invalid variable name"],
  ["${}", "invalid variable name"],
  ["${a b}", 'the closing bracket in "a" variable is missing'],
] as const) {
  test(`the word ${text} is rejected`, () => {
    assert.deepEqual(compileScript(text), { ok: false, error });
  });
}

const cases: readonly (readonly [server: string, location: string, expected: readonly string[]])[] = [
  ["set $b 127.0.0.1:3000;", "proxy_pass http://$b;", ["connect tcp 127.0.0.1:3000"]],
  ["set $b 127.0.0.1:3000;", "proxy_pass http://${B}/x;", ["connect tcp 127.0.0.1:3000"]],
  ["set $u http://127.0.0.1:3000;", "proxy_pass $u;", ["connect tcp 127.0.0.1:3000"]],
  ["set $p 3000; set $b 127.0.0.1:$p;", "proxy_pass http://$b;", ["connect tcp 127.0.0.1:3000"]],
  ["set $b 127.0.0.1:3001; set $b 127.0.0.1:3000;", "proxy_pass http://$b;", ["connect tcp 127.0.0.1:3000"]],
  [
    "set $b 127.0.0.1:3000; if ($arg_x) { set $b 127.0.0.1:3001; }",
    "proxy_pass http://$b;",
    ["connect tcp 127.0.0.1:3000 (one-of)", "connect tcp 127.0.0.1:3001 (one-of)"],
  ],
  ["if ($arg_x) { set $b 127.0.0.1:3001; }", "proxy_pass http://$b;", ["connect tcp 127.0.0.1:3001 (one-of)"]],
  ["set $b 127.0.0.1:3000;", "set $b 127.0.0.1:3001; proxy_pass http://$b;", ["connect tcp 127.0.0.1:3001"]],
  ["set $s unix:/run/x.sock;", "fastcgi_pass $s;", ["connect unix /run/x.sock"]],
  ["set $s unix:/run/x.sock;", "proxy_pass http://$s:/;", ["connect unix /run/x.sock"]],
  ["set $h 127.0.0.1;", "grpc_pass grpc://$h:50051;", ["connect tcp 127.0.0.1:50051"]],
  ["set $h 127.0.0.1;", "uwsgi_pass $h:3031;", ["connect tcp 127.0.0.1:3031"]],
  ["set $h 127.0.0.1;", "memcached_pass $h:1;", ['host not found in upstream "$h:1"']],
  // What only a request tells.
  ["", "proxy_pass http://$host;", ["connect tcp ?:? (unknown)"]],
  ["", "proxy_pass http://$host:3000;", ["connect tcp ?:3000"]],
  ["", "proxy_pass http://$http_host:3000/x;", ["connect tcp ?:3000"]],
  ["", "proxy_pass http://127.0.0.1:$arg_port;", ["connect tcp 127.0.0.1:? (unknown)"]],
  ["", "proxy_pass http://127.0.0.1:30$arg_port;", ["connect tcp 127.0.0.1:? (unknown)"]],
  ["", "proxy_pass $arg_url;", ["connect tcp ?:? (unknown)"]],
  ["", "proxy_pass http://unix:/run/$arg_x.sock;", ["connect unix ? (unknown)"]],
  ["", "fastcgi_pass $arg_x:9000;", ["connect tcp ?:9000"]],
  ["", "proxy_pass http://app$arg_x.example.com;", ["connect tcp ?:? (unknown)"]],
  // A URI in variables does not hide the address.
  ["", "proxy_pass http://127.0.0.1:3000$request_uri;", ["connect tcp 127.0.0.1:3000"]],
  ["", "proxy_pass http://127.0.0.1:3000$uri$is_args$args;", ["connect tcp 127.0.0.1:3000"]],
  ["", "proxy_pass http://127.0.0.1:3000/$arg_x:1;", ["connect tcp 127.0.0.1:3000"]],
  ["", "proxy_pass http://127.0.0.1:3000$is_args$args;", ["connect tcp 127.0.0.1:3000"]],
  ["", "proxy_pass http://127.0.0.1:$server_port;", ["connect tcp 127.0.0.1:80"]],
  ["listen [::]:80;", "proxy_pass http://127.0.0.1:$server_port;", ["connect tcp 127.0.0.1:80"]],
  [
    "listen 8080-8081;",
    "proxy_pass http://127.0.0.1:$server_port;",
    ["connect tcp 127.0.0.1:80 (one-of)", "connect tcp 127.0.0.1:8080 (one-of)", "connect tcp 127.0.0.1:8081 (one-of)"],
  ],
  ["listen ${PORT};", "proxy_pass http://127.0.0.1:$server_port;", ["connect tcp 127.0.0.1:? (unknown)"]],
  ["", "proxy_pass $scheme://127.0.0.1:3000;", ["connect tcp 127.0.0.1:3000"]],
  ["", "proxy_pass $scheme://127.0.0.1;", ["connect tcp 127.0.0.1:80 (one-of)", "connect tcp 127.0.0.1:443 (one-of)"]],
  // Cycles and nonsense.
  ["set $a $b; set $b $a;", "proxy_pass http://$a;", ["connect tcp ?:? (unknown)"]],
  ["set $a $a.x;", "proxy_pass http://$a:3000;", ["connect tcp ?:3000"]],
  ["set $a '';", "proxy_pass $a;", ["connect tcp ?:? (unknown)"]],
];

for (const [server, location, expected] of cases) {
  test(`"${server} location / { ${location} }" gives ${expected.join(" and ")}`, async () => {
    const result = await analyzeLocation(location, server);
    assert.deepEqual([...connects(result), ...result.problems], expected);
  });
}

test("an unknown target names the variable that is missing", async () => {
  const result = await analyzeLocation("proxy_pass http://$upstream_of_request;");
  assert.match(result.accesses.at(-1)?.reason ?? "", /\$upstream_of_request/);
});

test("the place of a target in variables is the authority, or the whole argument", async () => {
  const result = await analyzeLocation("proxy_pass http://$b/x;", "set $b 127.0.0.1:3000;");
  assert.equal(result.texts.at(-1), "$b");
  const whole = await analyzeLocation("proxy_pass $b;", "set $b http://127.0.0.1:3000;");
  assert.equal(whole.texts.at(-1), "$b");
});

test("a set of one server says nothing of another", async () => {
  const result = await analyzeHttp(`
    server { listen 80; set $b 127.0.0.1:3000; location / { proxy_pass http://$b; } }
    server { listen 80; set $b 127.0.0.1:3001; location / { proxy_pass http://$b; } }`);
  assert.deepEqual(connects(result), ["connect tcp 127.0.0.1:3000", "connect tcp 127.0.0.1:3001"]);
});

test("a named location sees what the others set", async () => {
  const result = await analyzeHttp(`server { listen 80;
    location /a { set $b 127.0.0.1:3000; error_page 418 = @b; return 418; }
    location /c { set $b 127.0.0.1:3001; error_page 418 = @b; return 418; }
    location @b { proxy_pass http://$b; } }`);
  assert.deepEqual(connects(result), ["connect tcp 127.0.0.1:3000 (one-of)", "connect tcp 127.0.0.1:3001 (one-of)"]);
});

const maps: readonly (readonly [http: string, expected: readonly string[]])[] = [
  [
    "map $host $b { default 127.0.0.1:3000; a 127.0.0.1:3001; hostnames; }",
    ["connect tcp 127.0.0.1:3000 (one-of)", "connect tcp 127.0.0.1:3001 (one-of)"],
  ],
  ["map $host $b { default 127.0.0.1:3000; }", ["connect tcp 127.0.0.1:3000"]],
  ["map $host $b { a 127.0.0.1:3001; }", ["connect tcp 127.0.0.1:3001 (one-of)"]],
  ["map $host $B { default 127.0.0.1:$p; } map $host $p { default 3000; }", ["connect tcp 127.0.0.1:3000"]],
  [
    "geo $b { default 127.0.0.1:3000; proxy 10.0.0.1; delete 10.0.0.0/8; 10.1.0.0/16 127.0.0.1:3001; }",
    ["connect tcp 127.0.0.1:3000 (one-of)", "connect tcp 127.0.0.1:3001 (one-of)"],
  ],
  ["geo $arg_ip $b { default 127.0.0.1:3000; }", ["connect tcp 127.0.0.1:3000"]],
  [
    "split_clients $remote_addr $b { 10% 127.0.0.1:3000; * 127.0.0.1:3001; }",
    ["connect tcp 127.0.0.1:3000 (one-of)", "connect tcp 127.0.0.1:3001 (one-of)"],
  ],
  ["map $host $b { default up; } upstream up { server 127.0.0.1:3000; }", ["connect tcp 127.0.0.1:3000"]],
  [
    "map $host $b { default up; a other; } upstream up { server 127.0.0.1:3000; } upstream other { server 127.0.0.1:3001; }",
    ["connect tcp 127.0.0.1:3000 (one-of)", "connect tcp 127.0.0.1:3001 (one-of)"],
  ],
  [
    `map $host $b { ${Array.from({ length: 65 }, (_, i) => `h${i} 127.0.0.1:${3000 + i};`).join(" ")} }`,
    ["connect tcp ?:? (unknown)"],
  ],
];

for (const [http, expected] of maps) {
  test(`with "${http.slice(0, 120)}" a pass to $b gives ${expected.join(" and ")}`, async () => {
    const result = await analyzeHttp(`${http} server { listen 80; location / { proxy_pass http://$b; } }`);
    assert.deepEqual([...connects(result), ...result.problems], expected);
  });
}

test("values of a map come through its includes", async () => {
  const result = await analyzeFiles({
    "/etc/nginx/nginx.conf":
      "events {} http { map $host $b { default 127.0.0.1:3000; include map.inc; } server { listen 80; location / { proxy_pass http://$b; } } }",
    "/etc/nginx/map.inc": "a 127.0.0.1:3001;",
  });
  assert.deepEqual(connects(result), ["connect tcp 127.0.0.1:3000 (one-of)", "connect tcp 127.0.0.1:3001 (one-of)"]);
});

test("a variable that a module computes may have other values than those that are set", async () => {
  const result = await analyzeLocation(
    "auth_request_set $b $upstream_http_x; proxy_pass http://$b;",
    "set $b 127.0.0.1:3000;",
  );
  assert.deepEqual(connects(result), ["connect tcp 127.0.0.1:3000 (one-of)", "connect tcp ?:? (unknown)"]);
});

test("at run time an upstream is meant only by a name without a port", async () => {
  const upstream = "upstream b { server 127.0.0.1:3000; }";
  const withPort = await analyzeHttp(
    `${upstream} server { listen 80; set $u b; location / { proxy_pass http://$u:80; } }`,
  );
  assert.deepEqual(connects(withPort), ["connect tcp b:80"]);
  const without = await analyzeHttp(
    `${upstream} server { listen 80; set $u B; location / { proxy_pass https://$u; } }`,
  );
  assert.deepEqual(connects(without), ["connect tcp 127.0.0.1:3000"]);
});

test("a host that is not known may name any upstream, or those that its literal parts allow", async () => {
  const upstreams = "upstream app_1 { server 127.0.0.1:3000; } upstream other { server 127.0.0.1:3001; }";
  const any = await analyzeHttp(`${upstreams} server { listen 80; location / { proxy_pass http://$arg_x; } }`);
  assert.deepEqual(connects(any), [
    "connect tcp 127.0.0.1:3000 (one-of)",
    "connect tcp 127.0.0.1:3001 (one-of)",
    "connect tcp ?:? (unknown)",
  ]);
  assert.match(any.accesses[1]?.reason ?? any.accesses[0]?.reason ?? "", /\$arg_x/);
  const some = await analyzeHttp(`${upstreams} server { listen 80; location / { proxy_pass http://app_$arg_x; } }`);
  assert.deepEqual(connects(some), ["connect tcp 127.0.0.1:3000 (one-of)", "connect tcp ?:? (unknown)"]);
  const port = await analyzeHttp(`${upstreams} server { listen 80; location / { proxy_pass http://$arg_x:1; } }`);
  assert.deepEqual(connects(port), ["connect tcp ?:1"]);
});

test("a capture that begins with a slash ends the address", async () => {
  const path = await analyzeHttp(
    "server { listen 80; location ~ ^/app(/.*)$ { proxy_pass http://127.0.0.1:3000$1; } }",
  );
  assert.deepEqual(connects(path), ["connect tcp 127.0.0.1:3000"]);
  const digit = await analyzeHttp(
    String.raw`server { listen 80; location ~ ^/node(\d)/ { proxy_pass http://127.0.0.1:300$1; } }`,
  );
  assert.deepEqual(connects(digit), ["connect tcp 127.0.0.1:? (unknown)"]);
  const second = await analyzeHttp(
    "server { listen 80; location ~ ^/(?:x|y)([a-z(]+)(?<rest>/.*)$ { proxy_pass http://127.0.0.1:3000$2; } }",
  );
  assert.deepEqual(connects(second), ["connect tcp 127.0.0.1:3000"]);
});

test("stream has variables of its own", async () => {
  const result = await analyzeStream(`
    map $ssl_preread_server_name $b { default 127.0.0.1:8443; a up; }
    upstream up { server 127.0.0.1:9443; }
    server { listen 443; ssl_preread on; proxy_pass $b; }`);
  assert.deepEqual(connects(result), ["connect tcp 127.0.0.1:9443 (one-of)", "connect tcp 127.0.0.1:8443 (one-of)"]);
});

test("a chain of variables takes no stack, and wide ones no time", async () => {
  const chain = Array.from({ length: 5000 }, (_, i) => `set $v${i + 1} $v${i};`).join(" ");
  const long = await analyzeLocation("proxy_pass http://$v5000;", `set $v0 127.0.0.1:3000; ${chain}`);
  assert.deepEqual(connects(long), ["connect tcp ?:? (unknown)"]);
  const wide = Array.from({ length: 15 }, (_, i) => `set $w${i + 1} ${`$w${i}`.repeat(900)};`).join(" ");
  const result = await analyzeLocation("proxy_pass http://$w15;", `set $w0 127.0.0.1; ${wide}`);
  assert.deepEqual(connects(result), ["connect tcp ?:? (unknown)"]);
});

test("what nginx cannot compile is said in its words", async () => {
  assert.deepEqual((await analyzeLocation("proxy_pass http://$;")).problems, ["invalid variable name"]);
  assert.deepEqual((await analyzeLocation("proxy_pass http://${a;")).problems, [
    'the closing bracket in "a" variable is missing',
  ]);
});

test("a variable that nothing defines is said where everything is nginx's own and seen", async () => {
  const said = async (server: string, location: string): Promise<readonly string[]> =>
    (await analyzeLocation(location, server)).problems;
  assert.deepEqual(await said("", "proxy_pass http://$nope;"), ['unknown "nope" variable']);
  assert.deepEqual((await analyzeStream("server { listen 1; proxy_pass $nope:22; }")).problems, [
    'unknown "nope" variable',
  ]);
  const quiet: readonly (readonly [server: string, location: string])[] = [
    ["", "proxy_pass http://${nope};"],
    ["", "proxy_pass http://$NOPE;"],
    ["", "proxy_pass http://$upstream_of_a_module;"],
    ["", "some_directive; proxy_pass http://$nope;"],
    ["", "if ($uri ~ '^/(?<nope>.*)') { proxy_pass http://$nope; }"],
    ["server_name '~^(?P<Nope>.+)$';", "proxy_pass http://$nope;"],
    ["", "auth_request_set $nope $upstream_http_x; proxy_pass http://$nope;"],
    ["", "proxy_pass http://$nope; proxy_set_header X {{x}};"],
  ];
  for (const [server, location] of quiet) assert.deepEqual(await said(server, location), [], server + location);
  const module = await analyzeMain(
    "load_module modules/x.so; events {} http { server { listen 80; location / { proxy_pass http://$nope; } } }",
  );
  assert.deepEqual(module.problems, []);
});
