import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import oniguruma from "vscode-oniguruma";
import textmate, { type IGrammar, type StateStack } from "vscode-textmate";

const root = join(import.meta.dirname, "..", "..");
let grammar: IGrammar;

before(async () => {
  const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
  await oniguruma.loadWASM(readFileSync(wasm));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: (scope) => Promise.resolve(scope === "source.nginx" ? readGrammar() : luaStandIn(scope)),
  });
  const loaded = await registry.loadGrammar("source.nginx");
  assert.ok(loaded);
  grammar = loaded;
});

function readGrammar(): textmate.IRawGrammar {
  const path = join(root, "syntaxes", "nginx.tmLanguage.json");
  return textmate.parseRawGrammar(readFileSync(path, "utf8"), path);
}

/** VS Code brings the Lua grammar. What matters here: Lua's strings and comments hide braces. */
function luaStandIn(scope: string): textmate.IRawGrammar | null {
  if (scope !== "source.lua") return null;
  const text = JSON.stringify({
    scopeName: "source.lua",
    patterns: [
      { match: "--.*$", name: "comment.line.lua" },
      { match: '"[^"]*"', name: "string.quoted.lua" },
    ],
  });
  return textmate.parseRawGrammar(text, "lua.json");
}

interface Word {
  readonly text: string;
  readonly scopes: string;
}

function tokenize(text: string): { readonly words: readonly Word[]; readonly depth: number } {
  const words: Word[] = [];
  let stack: StateStack = textmate.INITIAL;
  for (const line of text.split("\n")) {
    const result = grammar.tokenizeLine(line, stack);
    stack = result.ruleStack;
    for (const { startIndex, endIndex, scopes } of result.tokens) {
      words.push({ text: line.slice(startIndex, endIndex), scopes: scopes.join(" ") });
    }
  }
  return { words, depth: stack.depth };
}

/** Asserts that the first token with this text has a scope that begins so, or none of that name. */
function expectScope(text: string, word: string, scope: string): void {
  const found = tokenize(text).words.find((token) => token.text === word);
  assert.ok(found, `no token ${JSON.stringify(word)} in ${JSON.stringify(tokenize(text).words.map((w) => w.text))}`);
  assert.ok(
    found.scopes.split(" ").some((name) => name.startsWith(scope)),
    `${word}: ${found.scopes}`,
  );
}

/** Asserts that no token of the text has such a scope. */
function expectNoScope(text: string, scope: string): void {
  const found = tokenize(text).words.filter((token) => token.scopes.includes(scope));
  assert.deepEqual(found, []);
}

describe("the grammar", () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ["a comment runs to the end of its line", "listen 80; # a; b {", " a; b {", "comment.line"],
    ["a block name is a keyword", "server {\n}", "server", "keyword.control.block"],
    [
      "a server inside an upstream is a directive",
      "upstream a { server 10.0.0.1:80; }",
      "server",
      "keyword.other.directive",
    ],
    ["any name is a directive", "made_up_directive 1;", "made_up_directive", "keyword.other.directive"],
    ["an IPv4 address is an address", "server 127.0.0.1:3000;", "127.0.0.1", "constant.other.address"],
    ["its port is a port", "server 127.0.0.1:3000;", "3000", "constant.numeric.port"],
    ["an IPv6 address is an address", "listen [::1]:8080;", "[::1]", "constant.other.address"],
    ["the port of a name is a port", "server localhost:9000;", "9000", "constant.numeric.port"],
    ["a lone port is a number", "listen 443 ssl;", "443", "constant.numeric"],
    ["a listen parameter is a modifier", "listen 443 quic;", "quic", "storage.modifier"],
    [
      "a socket is a socket",
      "fastcgi_pass unix:/run/php-fpm/www.sock;",
      "unix:/run/php-fpm/www.sock",
      "constant.other.socket",
    ],
    ["a scheme is set apart", "proxy_pass http://app;", "http://", "keyword.other.scheme"],
    ["the name behind it is an upstream", "proxy_pass http://app/x;", "app", "entity.name.type.upstream"],
    [
      "an address behind a scheme is an address",
      "proxy_pass http://127.0.0.1:3000/;",
      "127.0.0.1",
      "constant.other.address",
    ],
    ["a number has its unit", "client_max_body_size 8m;", "m", "keyword.other.unit"],
    ["a parameter has its value", "server app:80 max_fails=3;", "max_fails", "variable.parameter"],
    ["on is a constant", "sendfile on;", "on", "constant.language"],
    ["a variable is a variable", "set $a 1;", "a", "variable.other"],
    ["a variable in braces does not open a block", "return 200 ${host}x;", "host", "variable.other"],
    ["a variable is one inside a string", 'return 200 "a $host b";', "host", "variable.other"],
    ["a semicolon in a string ends nothing", "add_header A 'h3=\";\"; ma=1' always;", "always", "storage.modifier"],
    ["an escaped semicolon ends nothing", "return 200 a\\;b on;", "on", "constant.language"],
    ["a regular expression follows the tilde of a location", "location ~ \\.php$ {", "php", "string.regexp"],
    ["its modifier is an operator", "location ~* \\.css$ {", "~*", "keyword.operator"],
    ["a prefix location is a path", "location /a/b {", "/a/b", "string.unquoted.path"],
    ["a named location is a label", "location @php {", "@php", "entity.name.label"],
    ["a condition has operators", "if ($a != b) {", "!=", "keyword.operator"],
    ["a condition has regular expressions", "if ($a ~* (x|y)z) {", "z", "string.regexp"],
    ["rewrite has a regular expression", "rewrite ^/a/(.*)$ /b/$1 last;", "last", "keyword.control.flow"],
    ["an entry of a map is data", "map $a $b {\n  default x;\n  listen y;\n}", "listen", "string.unquoted"],
    ["default in a map is a keyword", "map $a $b {\n  default x;\n}", "default", "keyword.other.directive"],
    ["a statement after a map is a statement", "map $a $b { x y; }\nlisten 80;", "listen", "keyword.other.directive"],
    ["a string may run over lines", "return 200 'a\nlisten b';\nlisten 80;", "listen b", "string.quoted"],
    ["a Lua block is Lua", "content_by_lua_block {\n  local t = { a = 1 } -- }\n}", "-- }", "comment.line.lua"],
    [
      "a brace in a Lua string closes nothing",
      'access_by_lua_block {\n x = "}"\n y()\n}',
      " y()",
      "meta.embedded.block.lua",
    ],
    ["nginx goes on after a Lua block", "a_by_lua_block { t = {} }\nlisten 80;", "listen", "keyword.other.directive"],
  ];
  for (const [name, text, word, scope] of cases) test(name, () => expectScope(text, word, scope));

  test("a hash inside a word starts no comment", () => expectNoScope("return 301 /a#b;", "comment"));
  test("a quote inside a word starts no string", () => expectNoScope("return 200 it's;\nlisten 80;", "string.quoted"));

  test("every block of the sample is closed where its file ends", () => {
    const files = readdirSync(join(root, "sample"), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(conf|types)$/.test(name))
      .map((name) => join("sample", name));
    assert.ok(files.length >= 4, files.join());
    for (const file of files) assert.equal(tokenize(readFileSync(join(root, file), "utf8")).depth, 1, file);
  });

  test("a line of 100,000 characters is tokenized to its end", () => {
    const text = `return 200 ${"a".repeat(100_000)};`;
    assert.equal(tokenize(text).words.at(-1)?.text, ";");
  });
});
