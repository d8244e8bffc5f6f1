import assert from "node:assert/strict";
import { test } from "node:test";
import {
  analyzeFiles,
  analyzeHttp,
  analyzeLocation,
  analyzeMain,
  analyzeStream,
  binds,
  connects,
} from "../../support/accesses.ts";

/** Directives in a location of http -> the connections, or nginx's objection. */
const locations: readonly (readonly [text: string, expected: string])[] = [
  ["proxy_pass http://127.0.0.1;", "connect tcp 127.0.0.1:80"],
  ["proxy_pass https://127.0.0.1;", "connect tcp 127.0.0.1:443"],
  ["proxy_pass HTTPS://127.0.0.1;", "connect tcp 127.0.0.1:443"],
  ["proxy_pass http://127.0.0.1:3000;", "connect tcp 127.0.0.1:3000"],
  ["proxy_pass http://127.0.0.1:3000/x?y;", "connect tcp 127.0.0.1:3000"],
  ["proxy_pass http://127.0.0.1:81/a:b;", "connect tcp 127.0.0.1:81"],
  ["proxy_pass http://app.example.com;", "connect tcp app.example.com:80"],
  ["proxy_pass http://app:3000/;", "connect tcp app:3000"],
  ["proxy_pass http://[::1];", "connect tcp [::1]:80"],
  ["proxy_pass http://[::1]:3000/;", "connect tcp [::1]:3000"],
  ["proxy_pass http://unix:/run/app.sock;", "connect unix /run/app.sock"],
  ["proxy_pass http://unix:/run/app.sock:/uri/;", "connect unix /run/app.sock"],
  ["proxy_pass 127.0.0.1:80;", "! invalid URL prefix"],
  ["proxy_pass ftp://127.0.0.1:80;", "! invalid URL prefix"],
  ["proxy_pass http://127.0.0.1:;", '! invalid port in upstream "127.0.0.1:"'],
  ["proxy_pass http://127.0.0.1:99999;", '! invalid port in upstream "127.0.0.1:99999"'],
  ["proxy_pass http://u:p@127.0.0.1/;", '! invalid port in upstream "u:p@127.0.0.1/"'],
  ["proxy_pass http:///x;", '! no host in upstream "/x"'],
  ["proxy_pass http://127.0.0.1:1 http://127.0.0.1:2;", '! invalid number of arguments in "proxy_pass" directive'],
  ["fastcgi_pass 127.0.0.1:9000;", "connect tcp 127.0.0.1:9000"],
  ["fastcgi_pass unix:/run/php-fpm/www.sock;", "connect unix /run/php-fpm/www.sock"],
  ["fastcgi_pass localhost;", '! no port in upstream "localhost"'],
  ["fastcgi_pass 9000;", '! no port in upstream "9000"'],
  ["fastcgi_pass fastcgi://127.0.0.1:9000;", '! invalid host in upstream "fastcgi://127.0.0.1:9000"'],
  ["uwsgi_pass 127.0.0.1:3031;", "connect tcp 127.0.0.1:3031"],
  ["uwsgi_pass uwsgi://127.0.0.1:3031;", "connect tcp 127.0.0.1:3031"],
  ["uwsgi_pass suwsgi://127.0.0.1:3031;", "connect tcp 127.0.0.1:3031"],
  ["uwsgi_pass uwsgi://127.0.0.1:3031/x;", '! invalid host in upstream "127.0.0.1:3031/x"'],
  ["uwsgi_pass 127.0.0.1;", '! no port in upstream "127.0.0.1"'],
  ["uwsgi_pass unix:///run/app.sock;", "connect unix ///run/app.sock"],
  ["scgi_pass localhost:4000;", "connect tcp localhost:4000"],
  ["scgi_pass localhost;", '! no port in upstream "localhost"'],
  ["scgi_pass scgi://localhost:4000;", '! invalid host in upstream "scgi://localhost:4000"'],
  ["grpc_pass 127.0.0.1:50051;", "connect tcp 127.0.0.1:50051"],
  ["grpc_pass grpc://127.0.0.1:50051;", "connect tcp 127.0.0.1:50051"],
  ["grpc_pass grpcs://127.0.0.1:50051;", "connect tcp 127.0.0.1:50051"],
  ["grpc_pass grpcs://127.0.0.1;", '! no port in upstream "127.0.0.1"'],
  ["grpc_pass grpc://127.0.0.1:50051/x;", '! invalid host in upstream "127.0.0.1:50051/x"'],
  ["memcached_pass 127.0.0.1:11211;", "connect tcp 127.0.0.1:11211"],
  ["memcached_pass 127.0.0.1;", '! no port in upstream "127.0.0.1"'],
  ["memcached_pass $backend:11211;", '! host not found in upstream "$backend:11211"'],
  ["memcached_pass $BACKEND:11211;", "connect tcp ?:? (unknown)"],
  ["memcached_pass $backend;", '! no port in upstream "$backend"'],
  ["tunnel_pass 127.0.0.1:3128;", "connect tcp 127.0.0.1:3128"],
  ["tunnel_pass 127.0.0.1;", '! no port in upstream "127.0.0.1"'],
  ["tunnel_pass;", "connect tcp ?:? (unknown)"],
  ["proxy_bind 127.0.0.2:5000; proxy_pass http://127.0.0.1;", "connect tcp 127.0.0.1:80"],
  ["proxy_bind localhost;", '! invalid address "localhost"'],
  ["proxy_bind unix:/x;", '! invalid address "unix:/x"'],
  ["proxy_pass http://127.0.0.1:1; proxy_pass http://127.0.0.1:2;", '! "proxy_pass" directive is duplicate'],
  ["return 404;", ""],
];

for (const [text, expected] of locations) {
  test(`in a location, "${text}" gives ${expected === "" ? "nothing" : expected}`, async () => {
    const result = await analyzeLocation(text);
    const said = result.problems.map((message) => `! ${message}`);
    if (expected.startsWith("!")) assert.deepEqual(said, [expected]);
    else assert.deepEqual([...connects(result), ...said], expected === "" ? [] : [expected]);
  });
}

test("no access comes from an address that nginx rejects", async () => {
  const result = await analyzeLocation("fastcgi_pass localhost;");
  assert.deepEqual(connects(result), []);
});

test("the place of a target is the address alone", async () => {
  const spans = async (text: string): Promise<readonly string[]> =>
    (await analyzeLocation(text)).texts.filter((shown) => shown !== "80");
  assert.deepEqual(await spans("proxy_pass http://127.0.0.1:3000/x;"), ["127.0.0.1:3000"]);
  assert.deepEqual(await spans('proxy_pass "https://app.example.com/é";'), ["app.example.com"]);
  assert.deepEqual(await spans("proxy_pass http://é.example:3000/x;"), ["é.example:3000"]);
  assert.deepEqual(await spans("proxy_pass http://unix:/run/app.sock:/x;"), ["unix:/run/app.sock"]);
  assert.deepEqual(await spans("fastcgi_pass unix:/run/app.sock;"), ["unix:/run/app.sock"]);
  assert.deepEqual(await spans("grpc_pass grpcs://[::1]:50051;"), ["[::1]:50051"]);
  assert.deepEqual(await spans(String.raw`proxy_pass http://a\\b:3000/x;`), [String.raw`http://a\\b:3000/x`]);
});

test("the last of several kinds of pass in a location is the one that nginx uses", async () => {
  const result = await analyzeLocation("proxy_pass http://127.0.0.1:3000; fastcgi_pass 127.0.0.1:9000;");
  assert.deepEqual(connects(result), ["connect tcp 127.0.0.1:9000"]);
});

test("passes in if, limit_except and nested locations connect", async () => {
  const result = await analyzeLocation(`
    if ($arg_a) { proxy_pass http://127.0.0.1:3001; }
    limit_except GET { proxy_pass http://127.0.0.1:3002; }
    location /x/ { proxy_pass http://127.0.0.1:3003; }`);
  assert.deepEqual(connects(result), [
    "connect tcp 127.0.0.1:3001",
    "connect tcp 127.0.0.1:3002",
    "connect tcp 127.0.0.1:3003",
  ]);
});

for (const [name, text] of [
  ["a regular expression", "location ~ ^/x { proxy_pass http://127.0.0.1/x; }"],
  ["a regular expression without a blank", "location ~*^/x { proxy_pass http://127.0.0.1/; }"],
  ["a name", "location @x { proxy_pass http://127.0.0.1/x; }"],
  ["if", "location / { if ($arg_a) { proxy_pass http://127.0.0.1/x; } }"],
  ["limit_except", "location / { limit_except GET { proxy_pass http://127.0.0.1/x; } }"],
] as const) {
  test(`a URI in proxy_pass is rejected in a location with ${name}`, async () => {
    const result = await analyzeHttp(`server { listen 80; ${text} }`);
    assert.match(result.problems.join(), /^"proxy_pass" cannot have URI part in location given by regular expression/);
  });
}

test("a location inside one with a regular expression may have a URI", async () => {
  const result = await analyzeHttp(
    "server { listen 80; location ~ ^/a { location /a/b { proxy_pass http://127.0.0.1:3000/x; } } }",
  );
  assert.deepEqual(result.problems, []);
});

test("known directives in the wrong place are rejected in nginx's words", async () => {
  assert.deepEqual((await analyzeHttp("server { proxy_pass http://127.0.0.1; }")).problems, [
    '"proxy_pass" directive is not allowed here',
  ]);
  assert.deepEqual((await analyzeMain("events {} server { listen 80; }")).problems, [
    '"server" directive is not allowed here',
  ]);
  assert.deepEqual((await analyzeHttp("listen 80;")).problems, ['"listen" directive is not allowed here']);
});

test("unknown directives are left alone, with everything in them", async () => {
  const result = await analyzeHttp("foo bar; rtmp { server { listen 1; } } server { listen 80; baz { listen 2; } }");
  assert.deepEqual(result.problems, []);
  assert.deepEqual(result.lines, ["bind tcp *:80"]);
});

// --- listen -------------------------------------------------------------------------------------------------------

const listens: readonly (readonly [text: string, expected: string])[] = [
  ["listen 8080;", "bind tcp *:8080"],
  ["listen *:8080 default_server;", "bind tcp *:8080"],
  ["listen 127.0.0.1:8080;", "bind tcp 127.0.0.1:8080"],
  ["listen 127.0.0.1;", "bind tcp 127.0.0.1:80"],
  ["listen *;", "bind tcp *:80"],
  ["listen localhost:8080;", "bind tcp localhost:8080"],
  ["listen [::]:8080 ipv6only=on;", "bind tcp [::]:8080"],
  ["listen [::1];", "bind tcp [::1]:80"],
  ["listen 8000-8010;", "bind tcp *:8000-8010"],
  ["listen unix:/run/nginx.sock;", "bind unix /run/nginx.sock"],
  ["listen $port;", "bind tcp ?:? (unknown)"],
  ["listen ${PORT};", "bind tcp ?:? (unknown)"],
  ["", "bind tcp *:80"],
  ["listen 70000;", '! invalid port in "70000" of the "listen" directive'],
  ["listen 80 90;", '! invalid parameter "90"'],
  ["listen;", '! invalid number of arguments in "listen" directive'],
];

for (const [text, expected] of listens) {
  test(`a server of http with "${text}" gives ${expected}`, async () => {
    const result = await analyzeHttp(`server { ${text} }`);
    const said = result.problems.map((message) => `! ${message}`);
    if (expected.startsWith("!")) assert.deepEqual(said, [expected]);
    else assert.deepEqual([...result.lines, ...said], [expected]);
  });
}

test("quic listens on UDP beside the TCP of ssl", async () => {
  const result = await analyzeHttp("ssl_certificate a; server { listen 443 ssl; listen 443 quic reuseport; }");
  assert.deepEqual(result.lines, ["bind tcp *:443", "bind udp *:443"]);
  assert.deepEqual(result.problems, []);
});

test("ssl without any certificate in the configuration is rejected", async () => {
  const result = await analyzeHttp("server { listen 443 ssl; }");
  assert.deepEqual(result.problems, ['no "ssl_certificate" is defined for the "listen ... ssl" directive']);
});

test("a server without listen is marked at its name", async () => {
  const result = await analyzeHttp("server { server_name a; }");
  assert.deepEqual(result.texts, ["server"]);
  assert.equal(result.accesses[0]?.directive, "server");
});

test("every listen of the same address is an access at its own place", async () => {
  const result = await analyzeHttp("server { listen 8888; } server { listen 8888; }");
  assert.deepEqual(result.lines, ["bind tcp *:8888", "bind tcp *:8888"]);
  assert.notEqual(result.accesses[0]?.span.start, result.accesses[1]?.span.start);
});

test("listen of stream is TCP, or UDP with udp, and has no default port", async () => {
  const result = await analyzeStream(`
    server { listen 127.0.0.1; return x; }
    server { listen 5353-5355 udp; return x; }
    server { listen unix:/run/s.sock; return x; }`);
  assert.deepEqual(result.lines, ["bind tcp 127.0.0.1:0", "bind udp *:5353-5355", "bind unix /run/s.sock"]);
});

test("listen of mail is TCP", async () => {
  const result = await analyzeMain(
    "events {} mail { auth_http 127.0.0.1:9000; server { listen 25; } server { listen 1143; protocol imap; } }",
  );
  assert.deepEqual(binds(result), ["bind tcp *:25", "bind tcp *:1143"]);
  assert.deepEqual(result.problems, []);
});

test("listen of rtmp is TCP, 1935 where an address alone is written, and no form of it is checked", async () => {
  const result = await analyzeMain(`events {} rtmp {
    server { listen 1936 so_keepalive=on; listen 127.0.0.1; listen [::]:1935 ipv6only=on; listen; listen {} }
    upstream a { server 127.0.0.1; } server { application a { listen 1; record all; } } }`);
  assert.deepEqual(result.lines, ["bind tcp *:1936", "bind tcp 127.0.0.1:1935", "bind tcp [::]:1935"]);
  assert.deepEqual(result.problems, []);
});

test("servers of stream and mail need a listen", async () => {
  assert.deepEqual((await analyzeStream("server { proxy_pass 127.0.0.1:1; }")).problems, [
    'no "listen" is defined for server',
  ]);
});

// --- upstreams ----------------------------------------------------------------------------------------------------

test("an upstream server of http has port 80 whatever reaches it", async () => {
  const upstream = "upstream b { server 127.0.0.1; server [::1]; server localhost; }";
  for (const pass of [
    "proxy_pass https://b;",
    "grpc_pass grpcs://b;",
    "fastcgi_pass b;",
    "uwsgi_pass b;",
    "scgi_pass b;",
    "memcached_pass b;",
  ]) {
    const result = await analyzeHttp(`${upstream} server { listen 80; location / { ${pass} } }`);
    const expected = ["connect tcp 127.0.0.1:80", "connect tcp [::1]:80", "connect tcp localhost:80"];
    assert.deepEqual([...connects(result), ...result.problems], expected, pass);
  }
});

test("upstream servers: backup connects, down does not, sockets do, and bare numbers are IPv4 addresses", async () => {
  const result = await analyzeHttp(`
    upstream b {
      server 127.0.0.1:3000 weight=5;
      server 127.0.0.1:3001 backup;
      server 127.0.0.1:3002 down;
      server unix:/run/app.sock;
      server unix:/run/x.sock:/u;
      server 8080;
    }
    server { listen 80; location / { proxy_pass http://b; } }`);
  assert.deepEqual(connects(result), [
    "connect tcp 127.0.0.1:3000",
    "connect tcp 127.0.0.1:3001",
    "connect unix /run/app.sock",
    "connect unix /run/x.sock:/u",
    "connect tcp 8080:80",
  ]);
  assert.deepEqual(result.problems, []);
});

test("an upstream server is one access whose chain lists every pass", async () => {
  const result = await analyzeHttp(`
    server { listen 80; location /a { proxy_pass http://b/x; } location /b { fastcgi_pass b; } }
    upstream b { server 127.0.0.1:3000; server 127.0.0.1:3001; }`);
  const servers = result.accesses.filter((access) => access.directive === "server");
  assert.deepEqual(
    servers.map((access) => access.via.map((step) => step.directive)),
    [
      ["proxy_pass", "fastcgi_pass"],
      ["proxy_pass", "fastcgi_pass"],
    ],
  );
  assert.equal(servers[0]?.via, servers[1]?.via);
});

test("upstream names are matched without regard to case, before addresses, and across files", async () => {
  const result = await analyzeFiles({
    "/etc/nginx/nginx.conf": "events {} http { include conf.d/*.conf; }",
    "/etc/nginx/conf.d/a.conf":
      "server { listen 80; location / { proxy_pass http://BackEnd; } location /x { proxy_pass http://10.0.0.1; } }",
    "/etc/nginx/conf.d/b.conf":
      "upstream backend { server 127.0.0.1:3000; } upstream 10.0.0.1 { server 127.0.0.1:3001; }",
  });
  assert.deepEqual(connects(result), ["connect tcp 127.0.0.1:3000", "connect tcp 127.0.0.1:3001"]);
  assert.equal(result.accesses.at(-1)?.file, 2);
  assert.equal(result.accesses.at(-1)?.via[0]?.file, 1);
});

test("an upstream may not be passed to with a port, defined before or after", async () => {
  const upstream = "upstream b { server 127.0.0.1; }";
  const server = "server { listen 80; location / { proxy_pass http://B:8080; } }";
  for (const [text, name] of [
    [upstream + server, "B"],
    [server + upstream, "b"],
  ] as const) {
    const result = await analyzeHttp(text);
    assert.deepEqual(result.problems, [`upstream "${name}" may not have port 8080`]);
    assert.deepEqual(connects(result), []);
  }
});

test("an upstream whose name has a port is never meant", async () => {
  const result = await analyzeHttp(
    "upstream b:1 { server 127.0.0.1; } server { listen 80; location / { proxy_pass http://b:1; } }",
  );
  assert.deepEqual(connects(result), ["connect tcp b:1"]);
});

test("an upstream named after a socket does not capture the socket", async () => {
  const result = await analyzeHttp(
    "upstream unix:/x { server 127.0.0.1; } server { listen 80; location / { proxy_pass http://unix:/x; } }",
  );
  assert.deepEqual(connects(result), ["connect unix /x"]);
  assert.deepEqual(result.problems, []);
});

test("an upstream that nothing uses is never connected to", async () => {
  const result = await analyzeHttp("upstream b { server 127.0.0.1:3000; } server { listen 80; }");
  assert.deepEqual(connects(result), []);
});

test("http and stream do not share upstreams", async () => {
  const result = await analyzeMain(`events {}
    http { upstream a { server 127.0.0.1:3000; } server { listen 80; location / { proxy_pass http://b; } } }
    stream { upstream b { server 127.0.0.1:5432; } server { listen 81; proxy_pass a:1; } }`);
  assert.deepEqual(connects(result), ["connect tcp b:80", "connect tcp a:1"]);
});

test("a pass without a port uses the port of an earlier pass to the same host, as nginx does", async () => {
  const result = await analyzeHttp(`server { listen 80;
    location /a { proxy_pass http://10.0.0.9:3000; }
    location /b { fastcgi_pass 10.0.0.9; } }`);
  assert.deepEqual(result.problems, []);
  assert.deepEqual(connects(result), ["connect tcp 10.0.0.9:3000", "connect tcp 10.0.0.9:3000"]);
});

const upstreamProblems: readonly (readonly [text: string, expected: string])[] = [
  ["upstream b { }", "no servers are inside upstream"],
  ["upstream b { server 127.0.0.1 backup; }", 'no servers in upstream "b"'],
  ["upstream b { server 127.0.0.1; } upstream B { server 127.0.0.1; }", 'duplicate upstream "B"'],
  ["upstream b { server ::1; }", 'invalid port in upstream "::1"'],
  ["upstream b { server :80; }", 'no host in upstream ":80"'],
  ["upstream b { server 127.0.0.1/foo; }", 'invalid host in upstream "127.0.0.1/foo"'],
  ["upstream b { server http://127.0.0.1; }", 'invalid host in upstream "http://127.0.0.1"'],
  ["upstream b { server 127.0.0.1:65536; }", 'invalid port in upstream "127.0.0.1:65536"'],
  [
    "upstream b { zone z 64k; server a.example:80 service=http resolve; }",
    'service upstream "a.example:80" may not have port',
  ],
  ["upstream b { server a.example service=http; }", 'service upstream "a.example" requires "resolve" parameter'],
  [
    "upstream b { zone z 64k; server a.example resolve; }",
    'no resolver defined to resolve names at run time in upstream "b"',
  ],
  ["upstream a b { server 127.0.0.1; }", 'invalid number of arguments in "upstream" directive'],
  ["upstream b;", 'directive "upstream" has no opening "{"'],
];

for (const [text, expected] of upstreamProblems) {
  test(`"${text}" is rejected`, async () => {
    assert.deepEqual((await analyzeHttp(text)).problems, [expected]);
  });
}

test("an unknown directive may stand for the servers of an upstream", async () => {
  const result = await analyzeHttp(
    "upstream b { zone z 64k; state /var/lib/nginx/b.state; } upstream c { jdomain a.example; }",
  );
  assert.deepEqual(result.problems, []);
});

test("names that are resolved at run time connect to the port that is written, or that DNS gives", async () => {
  const result = await analyzeHttp(`resolver 127.0.0.1;
    upstream b { zone z 64k; server a.example:3000 resolve; server a.example resolve; server a.example service=http resolve; }
    server { listen 80; location / { proxy_pass http://b; } }`);
  assert.deepEqual(connects(result).slice(2), [
    "connect tcp a.example:3000",
    "connect tcp a.example:80",
    "connect tcp a.example:? (unknown)",
  ]);
  assert.deepEqual(result.problems, []);
});

test("where Lua chooses the peer, the server lines are placeholders", async () => {
  const result = await analyzeHttp(`
    upstream b { server 0.0.0.1; balancer_by_lua_block { b.set_current_peer("127.0.0.1", 3000) } }
    server { listen 80; location / { proxy_pass http://b; } }`);
  assert.deepEqual(connects(result), ["connect tcp ?:? (unknown)"]);
});

// --- stream -------------------------------------------------------------------------------------------------------

const streams: readonly (readonly [text: string, expected: readonly string[]])[] = [
  ["server { listen 1; proxy_pass 127.0.0.1:5432; }", ["connect tcp 127.0.0.1:5432"]],
  ["server { listen 1 udp; proxy_pass 127.0.0.1:53; }", ["connect udp 127.0.0.1:53"]],
  [
    "server { listen 1; listen 1 udp; proxy_pass 127.0.0.1:53; }",
    ["connect tcp 127.0.0.1:53", "connect udp 127.0.0.1:53"],
  ],
  ["server { proxy_pass 127.0.0.1:53; listen 1 udp; }", ["connect udp 127.0.0.1:53"]],
  ["server { listen 1; proxy_pass unix:/run/x; }", ["connect unix /run/x"]],
  ["upstream b { server 127.0.0.1:5432; } server { listen 1; proxy_pass B; }", ["connect tcp 127.0.0.1:5432"]],
  [
    "upstream b { server 127.0.0.1:53; } server { listen 1; proxy_pass b; } server { listen 2 udp; proxy_pass b; }",
    ["connect tcp 127.0.0.1:53", "connect udp 127.0.0.1:53"],
  ],
  ["server { listen 1; pass 127.0.0.1:8080; }", []],
  ["server { listen 1; proxy_pass $remote_addr:22; }", ["connect tcp ?:22"]],
  ["server { listen 1; proxy_pass http://127.0.0.1:80; }", ['! invalid host in upstream "http://127.0.0.1:80"']],
  ["server { listen 1; proxy_pass localhost; }", ['! no port in upstream "localhost"']],
  ["upstream b { server 127.0.0.1; } server { listen 1; proxy_pass b; }", ['! no port in upstream "127.0.0.1"']],
  ["upstream b { server 127.0.0.1:1; } server { listen 1; proxy_pass b:2; }", ['! upstream "b" may not have port 2']],
  ["server { listen 1; pass localhost:1; }", ['! "pass" directive has no addresses']],
];

for (const [text, expected] of streams) {
  test(`in stream, "${text}" gives ${expected.join(" and ") || "no connection"}`, async () => {
    const result = await analyzeStream(text);
    assert.deepEqual([...connects(result), ...result.problems.map((message) => `! ${message}`)], expected);
  });
}

// --- problems -----------------------------------------------------------------------------------------------------

test("a problem names the line where nginx reads the end of the statement", async () => {
  const { configuration } = await analyzeHttp("");
  assert.equal(configuration.problems.length, 0);
  const { collectAccesses } = await import("../../../server/src/nginx/collectAccesses.ts");
  const two = await analyzeHttp("upstream b {\n}\nserver { location / { fastcgi_pass\n localhost\n; } }");
  const lines = collectAccesses(two.configuration).problems.map((problem) => `${problem.line} ${problem.message}`);
  assert.deepEqual(lines, ["4 no servers are inside upstream", '7 no port in upstream "localhost"']);
});

test("nothing is said of what comes after a syntax error, where nginx stops", async () => {
  const result = await analyzeHttp("server { listen 80 }\n upstream b { }");
  assert.deepEqual(result.problems, ['unexpected "}"']);
});

test("mail and resolver addresses are checked", async () => {
  const result = await analyzeMain("events {} mail { resolver ::1; auth_http https://127.0.0.1; }");
  assert.deepEqual(result.problems, [
    'invalid port in resolver "::1"',
    'invalid port in auth_http "https://127.0.0.1"',
  ]);
});

test("a file that is included twice gives its places once", async () => {
  const result = await analyzeFiles({
    "/etc/nginx/nginx.conf": "events {} http { server { listen 80; include app; } server { listen 81; include app; } }",
    "/etc/nginx/app": "location / { proxy_pass http://127.0.0.1:3000; }",
  });
  assert.deepEqual(connects(result), ["connect tcp 127.0.0.1:3000"]);
  assert.deepEqual(binds(result), ["bind tcp *:80", "bind tcp *:81"]);
});

test("deep nesting takes no stack", async () => {
  const deep = 100_000;
  const text = `events {} http { server { listen 80; ${"location / {".repeat(deep)} proxy_pass http://127.0.0.1:3000; ${"}".repeat(deep)} } }`;
  assert.deepEqual(connects(await analyzeMain(text)), ["connect tcp 127.0.0.1:3000"]);
});
