/** Lua blocks, whose end lua-nginx-module's own lexer finds. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseLatin1, problemsOf, statementsOf } from "./treeText.ts";

/** The body of the block that `code` closes, in a file that goes on with another statement. */
function body(code: string): string {
  const text = `content_by_lua_block {${code}\nx y;`;
  const tree = parseLatin1(text);
  assert.deepEqual(tree.problems, []);
  assert.deepEqual(statementsOf(text)[1], ["x", "y", ";"]);
  const { start, end } = tree.luaSpan(0);
  assert.equal(text[end], "}");
  assert.deepEqual(tree.span(0), { start: 0, end: end + 1 });
  return text.slice(start, end);
}

suite("a Lua block", () => {
  test("ends at the brace that balances its own", () => {
    assert.equal(body(" local t = { a = {} } }"), " local t = { a = {} } ");
    assert.equal(body("}"), "");
  });

  test("counts no braces in strings, comments and long brackets", () => {
    assert.equal(body(` s = "}" .. '}' }`), ` s = "}" .. '}' `);
    assert.equal(body(" -- it's }\n }"), " -- it's }\n ");
    assert.equal(body(" --[[ } \n } ]] }"), " --[[ } \n } ]] ");
    assert.equal(body(" s = [==[ ]] } ]=] ]==] }"), " s = [==[ ]] } ]=] ]==] ");
    assert.equal(body(" --[=[ ]] } ]=] }"), " --[=[ ]] } ]=] ");
  });

  test("knows escapes in strings", () => {
    assert.equal(body(` s = "\\"}" .. '\\'}\\\\' }`), ` s = "\\"}" .. '\\'}\\\\' `);
  });

  test("takes a quote that its line does not close for no string", () => {
    assert.equal(body(" it's { } }"), " it's { } ");
    assert.equal(body(` "a\\\n} `.trimEnd()), ' "a\\\n');
    assert.equal(body(` "\\"\\"\\" }`), ` "\\"\\"\\" `);
  });

  test("takes what only resembles a long bracket for nothing", () => {
    assert.equal(body(" a[1] = b[=c] - -d }"), " a[1] = b[=c] - -d ");
    assert.equal(body(" ---[[ }\n }"), " ---[[ }\n ");
  });

  test("counts the braces of a comment that the file ends in", () => {
    assert.deepEqual(statementsOf("init_by_lua_block { --}"), [["init_by_lua_block", "lua"]]);
    assert.deepEqual(problemsOf("init_by_lua_block { --}"), []);
  });

  test("takes no ; after it", () => {
    assert.deepEqual(problemsOf("content_by_lua_block { };"), ['1 unexpected ";"']);
  });

  test("counts lines", () => {
    const tree = parseLatin1("content_by_lua_block {\n '\n --[[\n\n]] \n}\nx;");
    assert.equal(tree.line(1), 7);
  });

  test("may have arguments, and a name in quotes", () => {
    assert.deepEqual(statementsOf("set_by_lua_block $a { return '}' } b;"), [
      ["set_by_lua_block", "$a", "lua"],
      ["b", ";"],
    ]);
    assert.deepEqual(statementsOf("'log_by_lua_block' { '}' }"), [["log_by_lua_block", "lua"]]);
  });

  test("is one by its exact name", () => {
    assert.deepEqual(statementsOf("my_by_lua_block { a; }"), [
      ["my_by_lua_block", "{"],
      ["a", ";"],
    ]);
  });

  test("is one for each phase", () => {
    const phases =
      "init init_worker exit_worker set server_rewrite rewrite access precontent content log header_filter body_filter " +
      "balancer preread ssl_client_hello ssl_certificate ssl_session_fetch ssl_session_store proxy_ssl_certificate proxy_ssl_verify";
    for (const phase of phases.split(" ")) {
      assert.deepEqual(statementsOf(`${phase}_by_lua_block { '}' }`), [[`${phase}_by_lua_block`, "lua"]]);
    }
  });

  test("throws a RangeError when another statement is asked for its Lua", () => {
    assert.throws(() => parseLatin1("a;").luaSpan(0), RangeError);
  });
});

suite("a Lua block without an end", () => {
  const message = "unexpected end of file, expecting terminating characters for lua code block";

  test("is reported at the line of the last brace that it opened", () => {
    assert.deepEqual(problemsOf("content_by_lua_block {\n if {\n a }\n\n"), [`2 ${message}`]);
    assert.deepEqual(problemsOf("\ncontent_by_lua_block {\n"), [`2 ${message}`]);
  });

  test("is reported with the bracket that is missing", () => {
    assert.deepEqual(problemsOf("content_by_lua_block {\n a = [==[ ]] }\n"), [
      '2 Lua code block missing the closing long bracket "]==]"',
    ]);
  });

  test("leaves what follows its likely end to the editor", () => {
    const text = "server {\n  content_by_lua_block {\n    if { {\n  }\n  listen 80;\n}\nuser x;\n";
    assert.deepEqual(problemsOf(text), [`3 ${message}`]);
    assert.deepEqual(statementsOf(text), [
      ["server", "{"],
      ["content_by_lua_block", "lua"],
      ["listen", "80", ";"],
      ["user", "x", ";"],
    ]);
  });
});
