/** The tree: its structure, what is left of it after a problem, and what holds for any bytes at all. */
import assert from "node:assert/strict";
import { on } from "node:events";
import { suite, test } from "node:test";
import { Worker } from "node:worker_threads";
import * as fc from "fast-check";
import { parse } from "../../../server/src/nginx/tree/parse.ts";
import { ROOT, type Tree } from "../../../server/src/nginx/tree/tree.ts";
import { outlineOf, parseLatin1, problemsOf } from "./treeText.ts";

suite("a tree", () => {
  const tree = parseLatin1("a {\n b {}\n c { d; e; }\n f;\n}\ng;\n");
  const [a, b, c, d, e, f, g] = [0, 1, 2, 3, 4, 5, 6] as const;

  test("lists its statements in preorder", () => {
    assert.equal(outlineOf(tree), "a { b { } c { d e } f } g");
    assert.equal(tree.size, 7);
  });

  test("links parents, children and siblings", () => {
    assert.deepEqual(
      [a, b, c, d, e, f, g].map((s) => tree.parent(s)),
      [ROOT, a, a, c, c, a, ROOT],
    );
    assert.deepEqual(
      [ROOT, a, b, c, d, g].map((s) => tree.firstChild(s)),
      [a, b, -1, d, -1, -1],
    );
    assert.deepEqual(
      [a, b, c, d, e, f, g].map((s) => tree.nextSibling(s)),
      [g, c, f, e, -1, -1, -1],
    );
    assert.deepEqual(
      [ROOT, a, b, c, d, g].map((s) => tree.subtreeEnd(s)),
      [7, 6, 2, 5, 4, 7],
    );
  });

  test("of an empty file has no statement", () => {
    const empty = parseLatin1("");
    assert.equal(empty.size, 0);
    assert.equal(empty.firstChild(ROOT), -1);
    assert.equal(empty.subtreeEnd(ROOT), 0);
  });

  test("answers with a RangeError for statements and words that it does not have", () => {
    assert.throws(() => tree.name(7), RangeError);
    assert.throws(() => tree.name(-1), RangeError);
    assert.throws(() => tree.word(a, 1), RangeError);
    assert.throws(() => tree.wordSpan(a, -1), RangeError);
  });

  test("nests 100,000 blocks without a stack", () => {
    const deep = parseLatin1("a{".repeat(100_000) + "b;" + "}".repeat(100_000));
    assert.deepEqual(deep.problems, []);
    assert.equal(deep.size, 100_001);
    assert.equal(deep.parent(100_000), 99_999);
    assert.equal(deep.subtreeEnd(0), 100_001);
    assert.deepEqual(deep.span(0), { start: 0, end: 300_002 });
  });

  test("grows past the guess from the size of the file", () => {
    const dense = parseLatin1("a;".repeat(20_000));
    assert.equal(dense.size, 20_000);
    assert.equal(dense.word(19_999, 0), "a");
    const words = parseLatin1(`${"b ".repeat(20_000)};`);
    assert.equal(words.wordCount(0), 20_000);
  });
});

/** After the problem at which nginx stops, the tree is this. */
function recovers(text: string, outline: string, ...problems: string[]): void {
  assert.equal(outlineOf(parseLatin1(text)), outline);
  assert.deepEqual(problemsOf(text), problems);
}

suite("after a problem", () => {
  test("a statement that } cuts off is kept and its block closed", () => {
    recovers("a { b c }\nd;", "a { b! } d", '1 unexpected "}"');
  });

  test("a statement that the file cuts off is kept and its blocks closed", () => {
    recovers("a { b { c d", "a { b { c! } }", '1 unexpected end of file, expecting ";" or "}"');
    recovers("a { b { c; ", "a { b { c } }", '1 unexpected end of file, expecting "}"');
  });

  test("lines that begin with a directive are statements of their own where a ; was forgotten", () => {
    const text = "location / {\n proxy_pass http://a\n proxy_set_header Host b # c\n proxy_buffering off\n}\nd;";
    recovers(text, "location { proxy_pass! proxy_set_header! proxy_buffering! } d", '5 unexpected "}"');
    const tree = parseLatin1(text);
    assert.deepEqual(
      [1, 2, 3].map((s) => tree.line(s)),
      [2, 3, 4],
    );
    assert.equal(tree.wordCount(2), 3);
    assert.deepEqual(tree.span(1), { start: 14, end: 33 });
  });

  test("lines that begin with anything else stay arguments", () => {
    recovers("log_format a\n b\n c", "log_format!", '3 unexpected end of file, expecting ";" or "}"');
    recovers("a listen 80", "a!", '1 unexpected end of file, expecting ";" or "}"');
  });

  test("a quote that nothing closes ends with its line", () => {
    const text = 'server {\n add_header a "b;\n listen 80;\n}\n';
    recovers(text, "server { add_header listen }", '5 unexpected end of file, expecting ";" or "}"');
    assert.equal(parseLatin1(text).word(1, 2), "b");
  });

  test("a quote that the next one closes by mistake ends with its line", () => {
    const text = "server {\n add_header a 'b;\n add_header c 'd';\n listen 80;\n}\n";
    recovers(text, "server { add_header add_header listen }", '3 unexpected "d"');
    assert.equal(parseLatin1(text).word(2, 2), "d");
  });

  test("a quote that runs over the buffer ends with its line", () => {
    const rest = "listen 80;\n".repeat(500);
    const tree = parseLatin1(`server {\n root "/a {\n}\n${rest}}\n`);
    assert.equal(tree.problems[0]?.message, 'too long parameter, probably missing terminating """ character');
    assert.equal(tree.name(2), "listen");
  });

  test("a word after a quote is a word", () => {
    recovers('a "b"c;d;', "a d", '1 unexpected "c"');
    assert.equal(parseLatin1('a "b"c;').word(0, 2), "c");
  });

  test("a word that is too long is whole", () => {
    const tree = parseLatin1(`a ${"x".repeat(9000)} b;c;`);
    assert.equal(tree.word(0, 1).length, 9000);
    assert.equal(outlineOf(tree), "a c");
  });

  test("a lone ; or } is passed over", () => {
    recovers(";a;\n}b;", "a b", '1 unexpected ";"', '2 unexpected "}"');
  });

  test("a block without a name holds its statements", () => {
    recovers("{ a; }b;", "! { a } b", '1 unexpected "{"');
    assert.equal(parseLatin1("{ a; }").wordCount(0), 0);
    assert.equal(parseLatin1("{ a; }").name(0), "");
    assert.deepEqual(parseLatin1(" { a; }").span(0), { start: 1, end: 7 });
  });

  test("a block in a raw block is a block", () => {
    recovers("map $a $b { c { d; } e; } f;", "map { c { d } e } f", '1 unexpected "{"');
  });

  test("what a template holds is passed over", () => {
    recovers(
      "{% if a %}\nb;\n{# c } #}\nd;{{ e }}\n",
      "b d",
      '1 unexpected "{"',
      '3 unexpected "{"',
      '4 unexpected "{"',
    );
    recovers("listen {{ port }};\nroot /;", "listen { } root", '1 unexpected "{"');
    recovers("a {{ b\n}\n}", "a { ! { b! } }", '1 unexpected "{"', '2 unexpected "}"');
  });

  test("one problem per line and a hundred in all are told", () => {
    assert.equal(problemsOf(";;;;").length, 1);
    assert.equal(problemsOf(";\n".repeat(5000)).length, 100);
  });

  test("problems are in file order, the one at which nginx stops first", () => {
    const text = "a 'b;\nc 'd';\n;\ne }\n";
    assert.deepEqual(problemsOf(text), ['2 unexpected "d"', '3 unexpected ";"', '4 unexpected "}"']);
  });
});

// What matters to the parser, more often than chance would bring it.
const fragment = fc.oneof(
  fc.constantFrom(..."ab \t\r\n;{}\"'\\$#()[]=-"),
  fc.constantFrom("\n", ";\n", " {\n", "\n}\n", "${", "--[[", "]]", "{{", "}}", "{%", "listen 80", "server"),
  fc.constantFrom("map $a $b {", "content_by_lua_block {", "\ufeff", "é😀", "x".repeat(4095)),
);
const text = fc.array(fragment, { maxLength: 60 }).map((parts) => new TextEncoder().encode(parts.join("")));
const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), text);

/** Every span lies where the ones around it allow, and the links agree with the preorder. */
function assertConsistent(tree: Tree): void {
  const { size, bytes } = tree;
  let wordEnd = 0;
  const ends = [{ statement: ROOT, subtree: size, end: bytes.length }];
  for (let s = 0; s < size; s++) {
    while (ends.at(-1)!.subtree <= s) ends.pop();
    const parent = ends.at(-1)!;
    assert.equal(tree.parent(s), parent.statement);
    const { start, end } = tree.span(s);
    assert.ok(0 <= start && start <= end && end <= parent.end, `span of ${s}`);
    const subtree = tree.subtreeEnd(s);
    assert.ok(s < subtree && subtree <= parent.subtree);
    assert.equal(tree.firstChild(s), s + 1 < subtree ? s + 1 : -1);
    assert.equal(tree.nextSibling(s), subtree < parent.subtree ? subtree : -1);
    assert.ok(start >= wordEnd);
    for (let i = 0; i < tree.wordCount(s); i++) {
      const word = tree.wordSpan(s, i);
      assert.ok(word.start >= wordEnd && word.start <= word.end && word.start >= start && word.end <= end);
      wordEnd = word.end;
      const raw = bytes.subarray(word.start, word.end);
      if (!raw.includes(0x5c)) {
        assert.equal(tree.wordLatin1(s, i), Buffer.from(raw).toString("latin1"));
        assert.equal(tree.word(s, i), new TextDecoder("utf-8", { ignoreBOM: true }).decode(raw));
      }
      assert.equal(tree.sharedWord(s, i), tree.word(s, i));
      if (tree.wordQuote(s, i) !== "") assert.equal(bytes[word.start - 1], tree.wordQuote(s, i).charCodeAt(0));
    }
    if (tree.wordCount(s) === 0) assert.equal(tree.terminator(s), "open");
    else assert.equal(tree.name(s), tree.word(s, 0));
    assert.equal(tree.line(s), 1 + bytes.subarray(0, start).filter((byte) => byte === 0x0a).length);
    if (tree.terminator(s) === "lua") {
      const body = tree.luaSpan(s);
      assert.ok(start < body.start && body.start <= body.end && body.end <= end);
      wordEnd = body.end;
    }
    if (subtree > s + 1) ends.push({ statement: s, subtree, end });
  }
  let at = 0;
  for (const { span } of tree.problems) {
    assert.ok(at <= span.start && span.start <= span.end && span.end <= bytes.length);
    at = span.start;
  }
}

test("problems stand in file order, also where one lies inside of a statement that never ends", () => {
  assertConsistent(parse(new TextEncoder().encode(`ab\n#${"x".repeat(4095)}\n`)));
});

suite("for any bytes", () => {
  test("the parser does not throw and the tree is consistent", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => assertConsistent(parse(bytes))),
      { numRuns: 3000 },
    );
  });

  test("a problem tells that nginx stops: without one every statement has an end and every word a place", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const tree = parse(bytes);
        if (tree.problems.length > 0) return;
        for (let s = 0; s < tree.size; s++) assert.notEqual(tree.terminator(s), "open");
      }),
      { numRuns: 2000 },
    );
  });

  test("what is before a problem does not depend on what follows it", () => {
    fc.assert(
      fc.property(text, text, (head, tail) => {
        const alone = parse(head).problems[0];
        // The end of the file is a problem of its own, and only more text tells a word that is too long.
        if (alone === undefined || alone.span.end === head.length) return;
        const longer = parse(Buffer.concat([head, tail])).problems[0];
        if (longer?.message.startsWith("too long") === true || alone.message.includes("end of file")) return;
        if (alone.message.startsWith("Lua")) return;
        assert.equal(longer?.message, alone.message);
        assert.equal(longer?.line, alone.line);
      }),
      { numRuns: 2000 },
    );
  });
});

suite("hostile input", () => {
  /** Each of these, repeated, would take minutes if the parser read its bytes again and again. */
  const units = [
    "'\n\"\n",
    'a "\\"\n',
    "content_by_lua_block {\n{",
    'log_by_lua_block { "\\"',
    "log_by_lua_block { [[ \n}",
    "a\nlisten 80 }\n",
    "{\n",
    "{{ ",
    "{% ",
    "a\nlisten\n",
    "\r",
    "${",
    "#",
    "\\",
  ].map((unit) => ({ head: "", unit }));
  const luaUnits = ['"\\', "'\\\"\\", "--", "[=", "[==", "--[=", "]=", "--[[\n]] "].map((unit) => ({
    head: "log_by_lua_block { [[]] ",
    unit,
  }));

  test("is read in linear time", { timeout: 60_000 }, async (t) => {
    const cases = [...units, ...luaUnits];
    // In a thread of its own, because a loop that does not end can only be ended from outside.
    const worker = new Worker(new URL("./parseRepeated.ts", import.meta.url), { workerData: { cases, size: 1 << 20 } });
    t.after(() => worker.terminate());
    t.signal.addEventListener("abort", () => worker.terminate());
    let done = 0;
    for await (const [unit] of on(worker, "message", { signal: t.signal, close: ["exit"] })) {
      assert.equal(unit, cases[done]?.unit);
      done++;
    }
    assert.equal(done, cases.length);
  });
});
