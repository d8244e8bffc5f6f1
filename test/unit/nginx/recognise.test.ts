import assert from "node:assert/strict";
import { test } from "node:test";
import { looksLikeNginx } from "../../../server/src/nginx/load/recognise.ts";

const recognised = (text: string): boolean => looksLikeNginx(new TextEncoder().encode(text));

test("configurations and their parts are recognised by what stands in them", () => {
  for (const text of [
    "server { listen 80; location / { proxy_pass http://127.0.0.1:3000; } }",
    "upstream app { server 127.0.0.1:3000; }",
    "events {}\nhttp { include mime.types; }",
    "proxy_set_header Host $host;\nproxy_http_version 1.1;\nproxy_buffering off;\n",
    "map $host $x { default 0; a.example 1; }\nserver { listen 80; }",
    "server {\n  listen 80;\n  a_module_of_ours on;\n}\n",
    "server { location / { content_by_lua_block { ngx.say('x') } } }",
    "server {\n  listen {{ port }};\n  {% if tls %}\n  location / { proxy_pass http://127.0.0.1:{{ app.port }}; }\n  {% endif %}\n}\n",
    "{# ours #}\nupstream {{ name }} {\n  {% for one in all %}\n  server {{ one }};\n  {% endfor %}\n}\n",
    `server { ${"add_header X y;\n".repeat(10_000)}`,
  ])
    assert.equal(recognised(text), true, text.slice(0, 80));
});

test("other languages are not", () => {
  for (const text of [
    "",
    "# a comment\n",
    "Listen 443 https\n<VirtualHost _default_:443>\n  SSLEngine on\n</VirtualHost>\n",
    "[server]\nlisten = 80\nroot = /srv\n",
    "frontend web\n  bind *:80\n  default_backend app\n",
    "a { color: red; }\n.server { margin: 0; }\n",
    'options { directory "/var/named"; };\nzone "x" { type master; };\n',
    '{ "server": { "listen": 80 } }',
    '{"server": {"listen": 80}}',
    "server {\n  enabled = true\n}\n",
    "server default {\n  listen {\n    type = auth\n  }\n}\n",
    "server 10.0.0.1 { bogus yes; };\noptions { listen-on port 53 { 127.0.0.1; }; };\n",
    "backend b\n  server s1 10.0.0.1:80 check;\n",
    "virtual_server 10.0.0.1 80 {\n  real_server 1.1.1.1 80 { }\n}\n",
    "local http = require 'x';\nserver { }\n",
    "server {\n  port: {{ port }};\n  {% if x %}name: y;{% endif %}\n}\n",
    "int main(void) { if (x) { return 0; } break; }",
    "if [ -f x ]; then\n  set -e; return; break;\nfi\n",
    "return; break; set a b; include x;",
  ])
    assert.equal(recognised(text), false, text.slice(0, 80));
});
