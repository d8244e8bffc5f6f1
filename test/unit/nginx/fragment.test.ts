import assert from "node:assert/strict";
import { test } from "node:test";
import { impliedContext, isMainTree } from "../../../server/src/nginx/load/fragmentContext.ts";
import { parse } from "../../../server/src/nginx/tree/parse.ts";
import { isTemplate } from "../../../server/src/nginx/tree/template.ts";
import type { Tree } from "../../../server/src/nginx/tree/tree.ts";
import { analyzeFragment, analyzeHttp, analyzeMain, connects } from "../../support/accesses.ts";

function tree(text: string): Tree {
  return parse(new TextEncoder().encode(text));
}

const contexts: readonly (readonly [text: string, expected: string])[] = [
  ["server { listen 80; location / { } }", "http"],
  ["server { server_name a; }", "http"],
  ["server { }", "http"],
  ["upstream b { server 127.0.0.1; keepalive 8; }", "http"],
  ["map $a $b { default 1; }", "http"],
  ["location / { }", "server"],
  ["listen 80; server_name a; root /srv;", "server"],
  ["proxy_pass http://127.0.0.1:3000; proxy_set_header Host $host;", "location"],
  ["proxy_set_header Host $host; proxy_http_version 1.1;", "http"],
  ["server 127.0.0.1:3000; server 127.0.0.1:3001; keepalive 16;", "upstream"],
  ["server { listen 5353 udp; proxy_pass 127.0.0.1:53; }", "stream"],
  ["server { listen 5432; proxy_pass db; } upstream db { server 127.0.0.1:5432; }", "stream"],
  ["listen 5432; proxy_pass 127.0.0.1:5432;", "stream.server"],
  ["server { listen 25; protocol smtp; smtp_auth none; }", "mail"],
  ["load_module modules/ngx_stream_module.so;", "main"],
  ["# nothing", "http"],
];

for (const [text, expected] of contexts) {
  test(`"${text}" belongs into ${expected}`, () => {
    assert.equal(impliedContext(tree(text)), expected);
  });
}

test("a file with http, stream, mail or events at its top is a main file", () => {
  for (const text of ["http { }", "user a; events { }", "stream { }", "mail { }"])
    assert.ok(isMainTree(tree(text)), text);
  for (const text of ["server { }", "location /http { }", "http on;", ""]) assert.ok(!isMainTree(tree(text)), text);
});

test("a lone fragment is read in the context that it implies", async () => {
  const server = await analyzeFragment("listen 8888; location / { proxy_pass http://127.0.0.1:3000; }");
  assert.equal(server.configuration.fragmentContext, "server");
  assert.deepEqual(server.lines, ["bind tcp *:8888", "connect tcp 127.0.0.1:3000"]);
  const location = await analyzeFragment(
    "fastcgi_pass unix:/run/x.sock; fastcgi_index index.php; proxy_pass http://127.0.0.1:3000;",
  );
  assert.deepEqual(location.lines, ["connect tcp 127.0.0.1:3000"]);
  const stream = await analyzeFragment("server { listen 5353 udp; proxy_pass 127.0.0.1:53; }");
  assert.deepEqual(stream.lines, ["bind udp *:5353", "connect udp 127.0.0.1:53"]);
});

test("an upstream that nothing in a lone fragment uses is probably used elsewhere", async () => {
  const result = await analyzeFragment("upstream b { server 127.0.0.1:3000; }");
  assert.deepEqual(result.lines, ["connect tcp 127.0.0.1:3000 (one-of)"]);
  assert.match(result.accesses[0]?.reason ?? "", /not reached from a main file/);
  const servers = await analyzeFragment("server 127.0.0.1:3000; server 127.0.0.1:3001 backup; least_conn;");
  assert.deepEqual(servers.lines, ["connect tcp 127.0.0.1:3000 (one-of)", "connect tcp 127.0.0.1:3001 (one-of)"]);
});

test("an upstream that a lone fragment uses is certain", async () => {
  const result = await analyzeFragment(
    "upstream b { server 127.0.0.1:3000; } server { listen 80; location / { proxy_pass http://b; } }",
  );
  assert.deepEqual(connects(result), ["connect tcp 127.0.0.1:3000"]);
});

const lone: readonly (readonly [pass: string, expected: string])[] = [
  ["proxy_pass http://backend;", "connect tcp backend:? (unknown)"],
  ["fastcgi_pass backend;", "connect tcp backend:? (unknown)"],
  ["fastcgi_pass php.example.com;", "connect tcp php.example.com:? (unknown)"],
  ["proxy_pass http://backend:3000;", "connect tcp backend:3000"],
  ["proxy_pass http://127.0.0.1;", "connect tcp 127.0.0.1:80"],
  ["proxy_pass http://localhost;", "connect tcp localhost:80"],
  ["proxy_pass http://app.example.com;", "connect tcp app.example.com:80"],
];

for (const [pass, expected] of lone) {
  test(`in a lone fragment "${pass}" gives ${expected}`, async () => {
    const result = await analyzeFragment(`server { listen 80; location / { ${pass} } }`);
    assert.deepEqual([...connects(result), ...result.problems], [expected]);
  });
}

test("a lone fragment is not blamed for what another file may have", async () => {
  const result = await analyzeFragment(
    "upstream b { zone z 1m; server a.example resolve; } server { listen 443 ssl; include snippets/ssl.conf; location / { proxy_pass http://$somewhere; } }",
  );
  assert.deepEqual(result.problems, []);
});

// --- templates ----------------------------------------------------------------------------------------------------

const templates: readonly (readonly [path: string, text: string, expected: boolean])[] = [
  ["/a/nginx.conf.j2", "listen 80;", true],
  ["/a/default.conf.template", "listen 80;", true],
  ["/a/nginx.conf.erb", "", true],
  ["/a/x.conf", "listen {{ port }};", true],
  ["/a/x.conf", "{% if x %}\nlisten 80;\n{% endif %}", true],
  ["/a/x.conf", "listen <%= port %>;", true],
  ["/a/x.conf", "listen ${PORT};", true],
  ["/a/x.conf", "set $PORT 1; return 200 ${PORT};", false],
  ["/a/x.conf", "return 200 ${host};", false],
  ["/a/x.conf", "content_by_lua_block { local t = {{1}} }", false],
  ["/a/x.conf", "map $a $b { default {; }", false],
  ["/a/x.conf", "", false],
];

for (const [path, text, expected] of templates) {
  test(`${path} with "${text.replaceAll("\n", " ")}" is ${expected ? "a" : "no"} template`, () => {
    assert.equal(isTemplate(path, tree(text)), expected);
  });
}

const filled: readonly (readonly [text: string, expected: readonly string[]])[] = [
  ["server { listen {{ port }}; location / { proxy_pass http://127.0.0.1:3000; } }", ["connect tcp 127.0.0.1:3000"]],
  ['server { listen "{{ port }}"; }', ["bind tcp ?:? (unknown)"]],
  ["server { listen ${PORT}; }", ["bind tcp ?:? (unknown)"]],
  ["server { listen @@PORT@@; }", ["bind tcp ?:? (unknown)"]],
  ["server { listen %%PORT%%; }", ["bind tcp ?:? (unknown)"]],
  ["server { listen __PORT__; }", ["bind tcp ?:? (unknown)"]],
  ["server { listen <%=port%>; }", ["bind tcp ?:? (unknown)"]],
  [
    "server { listen 80; location / { proxy_pass http://@@HOST@@:3000; } }",
    ["bind tcp *:80", "connect tcp ?:? (unknown)"],
  ],
  [
    "server { listen 80; location / { proxy_pass http://127.0.0.1:3000/{{x}}; } }",
    ["bind tcp *:80", "connect tcp 127.0.0.1:3000"],
  ],
  [
    "server { listen 80; location / { proxy_pass http://${HOST}:${PORT}; } }",
    ["bind tcp *:80", "connect tcp ?:? (unknown)"],
  ],
  [
    "upstream b { server ${HOST}:3000; } server { listen 80; location / { proxy_pass http://b; } }",
    ["connect tcp ?:? (unknown)", "bind tcp *:80"],
  ],
  [
    "upstream b { server __HOST__:3000; } server { listen 80; location / { proxy_pass http://b; } }",
    ["connect tcp ?:? (unknown)", "bind tcp *:80"],
  ],
];

for (const [text, expected] of filled) {
  test(`the template "${text}" gives ${expected.join(" and ")} and no objection`, async () => {
    const result = await analyzeHttp(text);
    assert.deepEqual(result.problems, []);
    for (const line of expected) assert.ok(result.lines.includes(line), `${line} in ${result.lines.join(", ")}`);
  });
}

test("nothing in a template is an objection of nginx", async () => {
  const result = await analyzeFragment(
    "{% for b in backends %}\nupstream {{ b.name }} { }\n{% endfor %}\nproxy_pass;\n} }",
    "/a/x.conf.j2",
  );
  assert.deepEqual(result.problems, []);
});

test("an include whose name is a placeholder is not followed and not missed", async () => {
  const result = await analyzeMain("events {} http { include @@DIR@@/*.conf; }");
  assert.deepEqual(result.problems, []);
  assert.match(result.configuration.notes[0]?.message ?? "", /placeholder/);
});
