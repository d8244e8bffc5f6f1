import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parse } from "../../../server/src/nginx/tree/parse.ts";
import { treeToJson, type WordEncoding } from "../../../server/src/nginx/tree/treeJson.ts";

function json(text: string | Uint8Array, encoding: WordEncoding = "utf8"): string {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return [...treeToJson("/etc/nginx/nginx.conf", parse(bytes), encoding)].join("");
}

suite("the JSON of a tree", () => {
  test("nests blocks and gives names, arguments, lines and byte offsets", () => {
    assert.deepEqual(JSON.parse(json("a {\n  b 'c d' \\\";\n  e {}\n}\nf;\n")), {
      file: "/etc/nginx/nginx.conf",
      ok: true,
      problems: [],
      statements: [
        {
          name: "a",
          args: [],
          line: 1,
          start: 0,
          end: 26,
          block: [
            { name: "b", args: ["c d", '"'], line: 2, start: 6, end: 17, block: null, lua: null },
            { name: "e", args: [], line: 3, start: 20, end: 24, block: [], lua: null },
          ],
          lua: null,
        },
        { name: "f", args: [], line: 5, start: 27, end: 29, block: null, lua: null },
      ],
    });
  });

  test("gives the code of a Lua block", () => {
    const { statements } = JSON.parse(json('content_by_lua_block { ngx.say("}") }'));
    assert.equal(statements[0].lua, ' ngx.say("}") ');
    assert.equal(statements[0].block, null);
  });

  test("tells the problems and keeps the statements around them", () => {
    const tree = JSON.parse(json("a { b c }\nd;"));
    assert.equal(tree.ok, false);
    assert.deepEqual(tree.problems, [{ line: 1, message: 'unexpected "}"' }]);
    assert.deepEqual(
      tree.statements.map((statement: { name: string }) => statement.name),
      ["a", "d"],
    );
    assert.equal(tree.statements[0].block[0].block, null);
  });

  test("nests what is in a block without a name", () => {
    const { statements } = JSON.parse(json("{ a; }"));
    assert.deepEqual(statements, [
      {
        name: "",
        args: [],
        line: 1,
        start: 0,
        end: 6,
        block: [{ name: "a", args: [], line: 1, start: 2, end: 4, block: null, lua: null }],
        lua: null,
      },
    ]);
  });

  test("decodes words and Lua as UTF-8, or byte by byte as Latin-1", () => {
    const bytes = new TextEncoder().encode("é;access_by_lua_block {é}");
    assert.equal(JSON.parse(json(bytes)).statements[0].name, "é");
    assert.equal(JSON.parse(json(bytes, "latin1")).statements[0].name, "Ã©");
    assert.equal(JSON.parse(json(bytes, "latin1")).statements[1].lua, "Ã©");
  });

  test("is written for an empty file", () => {
    assert.deepEqual(JSON.parse(json("")).statements, []);
  });

  test("is written for a nest that is deeper than the stack", () => {
    const depth = 100_000;
    const text = json("a{".repeat(depth) + "}".repeat(depth));
    assert.ok(text.startsWith('{"file":"/etc/nginx/nginx.conf","ok":true'));
    assert.equal(text.match(/"block":\[/g)?.length, depth);
    assert.equal(text.match(/\],"lua":null\}/g)?.length, depth);
  });
});
