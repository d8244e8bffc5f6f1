/** The rows of directives, and what every statement gets before a handler sees it. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { blockKinds } from "../../../server/src/nginx/blocks/blocks.ts";
import { directiveContexts, directiveForm, isNginxDirective } from "../../../server/src/nginx/tree/directives.ts";
import { directiveRows } from "../../../server/src/nginx/walk/directiveTables.ts";
import { randomOf } from "../../fuzz/random.ts";
import { fuzzedNames, statementIn, tryText } from "../../fuzz/targets/directives.ts";
import { analyzeFragment, analyzeMain } from "../../support/accesses.ts";

suite("the rows of directives", () => {
  test("an own row names directives of the table, in blocks in which the table has them", () => {
    for (const { names, blocks, form } of directiveRows) {
      if (form !== null) continue;
      for (const name of names) {
        assert.ok(directiveContexts(name) !== undefined, name);
        for (const block of blocks ?? []) assert.ok(directiveForm(name, block) !== undefined, `${name} in ${block}`);
      }
    }
  });

  test("a row of another module names no directive of nginx in a block where nginx has it", () => {
    for (const { names, blocks, form } of directiveRows) {
      if (form === null) continue;
      for (const name of names) {
        if (!isNginxDirective(name)) continue;
        for (const block of blocks ?? []) assert.equal(directiveForm(name, block), undefined, `${name} in ${block}`);
      }
    }
  });

  test("any directive in any block with any number of arguments gives accesses within the text", () => {
    const random = randomOf(1);
    for (const name of fuzzedNames) {
      for (const kind of blockKinds) {
        const text = statementIn(kind, name, random.below(5), random);
        assert.doesNotThrow(() => {
          tryText(text);
        }, text);
      }
    }
  });
});

suite("the form of a statement", () => {
  const cases: readonly (readonly [text: string, problem: string])[] = [
    ["http { server { rewrite ^ ; } }", 'invalid number of arguments in "rewrite" directive'],
    ["http { gzip on off; }", 'invalid number of arguments in "gzip" directive'],
    ["events { worker_connections; }", 'invalid number of arguments in "worker_connections" directive'],
    ["http { server_tokens { } }", 'directive "server_tokens" is not terminated by ";"'],
    ["http { types; }", 'directive "types" has no opening "{"'],
    ["http { server; }", 'directive "server" has no opening "{"'],
    ["stream { server { listen 1; proxy_pass; } }", 'invalid number of arguments in "proxy_pass" directive'],
    ["mail { server { listen 25; starttls; } }", 'invalid number of arguments in "starttls" directive'],
  ];
  for (const [text, problem] of cases) {
    test(`${text} is ${problem}`, async () => {
      assert.ok((await analyzeMain(text)).problems.includes(problem));
    });
  }

  test("a fragment's guessed context rejects nothing that another context takes", async () => {
    const fragment = "server { listen 80; } server 127.0.0.1:3000; gzip a b;";
    assert.deepEqual((await analyzeFragment(fragment)).problems, ['invalid number of arguments in "gzip" directive']);
  });

  test("nothing is said of another module's directives, of Lua's, and where a template fills words in", async () => {
    for (const text of [
      "http { js_path; js_import a b c d; keyval; server { push; location / { redis_pass; js_content; } } }",
      "http { init_by_lua_file; lua_shared_dict a; server { location / { access_by_lua_file; } } }",
      "rtmp { server { listen; application { live; } application a b { push; push { } } on_connect; } }",
      "http { limit_req_zone $binary_remote_addr zone=a:1m rate=1r/s sync; }",
      "http { gzip {{ a }} {{ b }}; proxy_read_timeout @A@ @B@; }",
    ]) {
      assert.deepEqual((await analyzeMain(text)).problems, [], text);
    }
  });
});
