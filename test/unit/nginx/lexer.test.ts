/** The rules of nginx's tokenizer, each with an input of its own. What nginx does is in ngx_conf_read_token. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseLatin1, problemsOf, statementsOf } from "./treeText.ts";

/** nginx accepts `text` and reads these statements. */
function reads(text: string, ...statements: string[][]): void {
  assert.deepEqual(statementsOf(text), statements);
  assert.deepEqual(problemsOf(text), []);
}

/** nginx stops in `text` with this message at this line. */
function stops(text: string, line: number, message: string): void {
  assert.equal(problemsOf(text)[0], `${line} ${message}`);
}

const END_IN_STATEMENT = 'unexpected end of file, expecting ";" or "}"';
const END_IN_BLOCK = 'unexpected end of file, expecting "}"';

suite("blanks", () => {
  test("are space, tab, CR and LF", () => {
    reads("user\t www\r\n\tadm;", ["user", "www", "adm", ";"]);
  });

  test("are nothing else: VT, FF, NUL, NBSP and a byte order mark belong to words", () => {
    reads("a\vb\fc\0d\u00a0e;", ["a\vb\fc\0d\u00a0e", ";"]);
    reads("\u00ef\u00bb\u00bfuser x;", ["\u00ef\u00bb\u00bfuser", "x", ";"]);
  });

  test("alone make an empty file", () => {
    reads("");
    reads(" \r\n\t \n");
  });

  test("count lines by LF only", () => {
    const tree = parseLatin1("a;\rb;\r\nc;\n\nd;");
    assert.deepEqual(
      [0, 1, 2, 3].map((s) => tree.line(s)),
      [1, 1, 2, 4],
    );
  });

  test("are not needed before and after ; { and }", () => {
    reads("a{b c;d{}}e;", ["a", "{"], ["b", "c", ";"], ["d", "{"], ["e", ";"]);
  });
});

suite("comments", () => {
  test("begin where a word could begin", () => {
    reads("#x\na {#y\nb;#z }\n}#w", ["a", "{"], ["b", ";"]);
  });

  test("do not begin inside a word", () => {
    reads("location /#top {}", ["location", "/#top", "{"]);
    reads("a \\#b;", ["a", "\\#b", ";"]);
    reads("a \"#b\" '#c';", ["a", "#b", "#c", ";"]);
  });

  test("may stand between the arguments, whatever they hold", () => {
    reads("a b # c; } { \" '\n d;", ["a", "b", "d", ";"]);
  });

  test("end at LF and not at CR", () => {
    reads("# a\rb;\nc;", ["c", ";"]);
    reads("#\\\nc;", ["c", ";"]);
  });

  test("do not begin right after a quote", () => {
    stops('a "b"#c\n;', 1, 'unexpected "#"');
  });
});

suite("unquoted words", () => {
  test("hold quotes that are not at their beginning", () => {
    reads("a b\"c d\"e 'f'\n;", ["a", 'b"c', 'd"e', "f", ";"]);
    reads("a b'c d';", ["a", "b'c", "d'", ";"]);
  });

  test("hold } that is not at their beginning", () => {
    reads("a b};", ["a", "b}", ";"]);
    reads("a b}{ c; }", ["a", "b}", "{"], ["c", ";"]);
  });

  test("end at { and open a block there", () => {
    reads("if $x{ a; }", ["if", "$x", "{"], ["a", ";"]);
    reads("location ~ [0-9]{3;}", ["location", "~", "[0-9]", "{"], ["3", ";"]);
  });

  test("do not end at { directly after $, however often it comes", () => {
    reads("a ${b}/c;", ["a", "${b}/c", ";"]);
    reads("a x${{{b;", ["a", "x${{{b", ";"]);
    reads("a $${b};", ["a", "$${b}", ";"]);
    reads("${a} b;", ["${a}", "b", ";"]);
    reads("a $ {}", ["a", "$", "{"]);
    reads("a $b{}", ["a", "$b", "{"]);
  });

  test("know no matching brace: what follows ${ ends as everything else does", () => {
    reads("a ${b c} d;", ["a", "${b", "c}", "d", ";"]);
    reads("a ${b;", ["a", "${b", ";"]);
  });

  test("end at { after an escaped $", () => {
    reads("a \\${}", ["a", "\\$", "{"]);
    reads("a $\\x{}", ["a", "$\\x", "{"]);
  });

  test("may begin with ) and hold parentheses", () => {
    reads("if ($a = b) {}", ["if", "($a", "=", "b)", "{"]);
    reads("a ( ) b(c);", ["a", "(", ")", "b(c)", ";"]);
  });

  test("hold bytes that are not UTF-8", () => {
    reads("a \u00ff\u00fe\u0080;", ["a", "\u00ff\u00fe\u0080", ";"]);
  });
});

suite("quoted words", () => {
  test("hold everything up to the same quote", () => {
    reads("a \"b 'c'; {#}\" 'd \"e\"';", ["a", "b 'c'; {#}", 'd "e"', ";"]);
  });

  test("may span lines and be empty", () => {
    reads("a \"b\nc\" '';\nd;", ["a", "b\nc", "", ";"], ["d", ";"]);
    assert.equal(parseLatin1('a "b\nc";\nd;').line(1), 3);
  });

  test("may be names, even empty ones", () => {
    reads("\"user\" www; '' x;", ["user", "www", ";"], ["", "x", ";"]);
  });

  test("keep $ and { as they are", () => {
    reads('a "${b}$" "$";', ["a", "${b}$", "$", ";"]);
  });

  test("must be followed by a blank, ; { or )", () => {
    reads('a "b"\n"c"\t\'d\'{}', ["a", "b", "c", "d", "{"]);
    stops('a "b"c;', 1, 'unexpected "c"');
    stops("a \"b\"'c';", 1, 'unexpected "\'"');
    stops('a "b"}', 1, 'unexpected "}"');
    stops("a {\n b 'c'$d;\n}", 2, 'unexpected "$"');
    stops("a 'b'\\ ;", 1, 'unexpected "\\"');
  });

  test("end before ) which begins a word", () => {
    reads('if ($a = "b"){}', ["if", "($a", "=", "b", ")", "{"]);
    reads("a \"b\")c 'd');", ["a", "b", ")c", "d", ")", ";"]);
  });
});

suite("escapes", () => {
  test("become control characters for t, r and n, and lose the backslash before quotes and backslashes", () => {
    reads("a \\t\\r\\n\\\"\\'\\\\;", ["a", "\t\r\n\"'\\", ";"]);
    reads('a "\\t\\r\\n\\"\\\'\\\\";', ["a", "\t\r\n\"'\\", ";"]);
    reads("a '\\'\\\"';", ["a", "'\"", ";"]);
    reads("C:\\temp;", ["C:\temp", ";"]);
  });

  test("keep the backslash before anything else", () => {
    reads("a \\.\\d\\$\\x;", ["a", "\\.\\d\\$\\x", ";"]);
    reads('a "\\.\\d\\$";', ["a", "\\.\\d\\$", ";"]);
  });

  test("keep a byte from ending a word, a statement or a quote", () => {
    reads("a b\\ c\\;d\\{e\\\nf;", ["a", "b\\ c\\;d\\{e\\\nf", ";"]);
    reads("a \\;b \\} \\{ \\#;", ["a", "\\;b", "\\}", "\\{", "\\#", ";"]);
    reads("a \\\"b \\'c;", ["a", '"b', "'c", ";"]);
    reads('a "b\\";c";', ["a", 'b";c', ";"]);
  });

  test("go in pairs from the left", () => {
    reads("a \\\\;", ["a", "\\", ";"]);
    reads('a "\\\\" b;', ["a", "\\", "b", ";"]);
    reads("a \\\\n\\\\\\n;", ["a", "\\n\\\n", ";"]);
  });

  test("count the line feeds that they hide", () => {
    assert.equal(parseLatin1("a b\\\nc;\nd;").line(1), 3);
    assert.equal(parseLatin1('a "b\\\nc";\nd;').line(1), 3);
  });

  test("may be cut off by the end of the file", () => {
    stops("a b\\", 1, END_IN_STATEMENT);
    stops('a "b\\', 1, END_IN_STATEMENT);
    stops("\\", 1, END_IN_STATEMENT);
  });
});

suite("terminators", () => {
  test("need a word before them", () => {
    stops(";", 1, 'unexpected ";"');
    stops("a;\n;", 2, 'unexpected ";"');
    stops("a b;;", 1, 'unexpected ";"');
    stops("{ }", 1, 'unexpected "{"');
    stops("a {\n{\n", 2, 'unexpected "{"');
    stops("a {};", 1, 'unexpected ";"');
  });

  test("must close what was opened and nothing else", () => {
    stops("a;\n}", 2, 'unexpected "}"');
    stops("a { b; } }", 1, 'unexpected "}"');
    stops("a {\n b;\n", 3, END_IN_BLOCK);
  });

  test("may not be missing before } or the end of the file", () => {
    stops("a { b c }", 1, 'unexpected "}"');
    stops("a {\n b\n c\n}", 4, 'unexpected "}"');
    stops("a b", 1, END_IN_STATEMENT);
    stops("a b\n\n", 3, END_IN_STATEMENT);
    stops("a { b", 1, END_IN_STATEMENT);
    stops("a\n# b", 2, END_IN_STATEMENT);
  });

  test("that are missing at the end of a line make the next line arguments", () => {
    reads("a b\nc d;", ["a", "b", "c", "d", ";"]);
  });

  test("are what a quote without an end swallows", () => {
    stops('a "b;\nc;\n', 3, END_IN_STATEMENT);
    stops("a '", 1, END_IN_STATEMENT);
  });
});

suite("the 4096 byte buffer", () => {
  const x = (count: number): string => "x".repeat(count);

  test("holds an unquoted word of 4095 bytes and its ; or {", () => {
    reads(`a ${x(4095)};b;`, ["a", x(4095), ";"], ["b", ";"]);
    reads(`a ${x(4095)}{}`, ["a", x(4095), "{"]);
    stops(`\na ${x(4096)};`, 2, 'too long parameter "xxxxxxxxxx..." started');
    stops(`${x(5000)};`, 1, 'too long parameter "xxxxxxxxxx..." started');
  });

  test("must hold the blank after a word and the byte after that too", () => {
    reads(`a ${x(4094)} ;`, ["a", x(4094), ";"]);
    stops(`a ${x(4095)} ;`, 1, 'too long parameter "xxxxxxxxxx..." started');
    stops(`a ${x(4095)}\n;`, 1, 'too long parameter "xxxxxxxxxx..." started');
  });

  test("holds a quoted word of 4094 bytes, its closing quote and its ;", () => {
    reads(`a "${x(4094)}";b;`, ["a", x(4094), ";"], ["b", ";"]);
    reads(`a '${x(4093)}' ;`, ["a", x(4093), ";"]);
    stops(`a "${x(4094)}" ;`, 1, 'too long parameter "xxxxxxxxxx..." started');
    stops(`a "${x(4095)}";`, 1, 'too long parameter "xxxxxxxxxx..." started');
    stops(`\na "${x(4096)}";`, 2, 'too long parameter, probably missing terminating """ character');
    stops(`a '${x(4096)}';`, 1, 'too long parameter, probably missing terminating "\'" character');
  });

  test("starts anew at ) after a quote", () => {
    reads(`a "${x(4094)}")${x(4000)};`, ["a", x(4094), `)${x(4000)}`, ";"]);
  });

  test("holds a comment of 4095 bytes", () => {
    reads(`#${x(4094)}\na;`, ["a", ";"]);
    stops(`\na #${x(4095)}\n;`, 2, 'too long parameter "#xxxxxxxxx..." started');
  });

  test("counts raw bytes, escapes included", () => {
    reads(`a ${"\\n".repeat(2047)}x;`, ["a", `${"\n".repeat(2047)}x`, ";"]);
    stops(`a ${"\\n".repeat(2048)};`, 1, 'too long parameter "\\n\\n\\n\\n\\n..." started');
  });

  test("matters no more once the whole file is read", () => {
    reads(`#${x(4095)}`);
    stops(x(4096), 1, END_IN_STATEMENT);
    stops(`a "${x(4096)}`, 1, END_IN_STATEMENT);
    stops(`a "${x(4097)}`, 1, 'too long parameter, probably missing terminating """ character');
    stops(`a "${x(4095)}\\"`, 1, 'too long parameter, probably missing terminating """ character');
    stops(`a "${x(4095)}\\`, 1, END_IN_STATEMENT);
  });

  test("does not limit blanks, arguments or statements", () => {
    reads(`a${" ".repeat(9000)}b;`, ["a", "b", ";"]);
    assert.equal(parseLatin1(`a${" b".repeat(9000)};`).wordCount(0), 9001);
  });
});

suite("raw blocks", () => {
  for (const head of [
    "types",
    "map $a $b",
    "geo $a",
    "split_clients $a $b",
    "charset_map a b",
    "geoip2 a.mmdb",
    "'map' $a $b",
  ]) {
    test(`hold statements of any name and no block: ${head}`, () => {
      assert.deepEqual(problemsOf(`${head} { default 1; ~^/a\\{ "b{"; hostnames; "" 'x'; }`), []);
      stops(`${head} { a;\n b {\n c;\n}\n}`, 2, 'unexpected "{"');
    });
  }

  test("end at their brace", () => {
    assert.deepEqual(problemsOf("http { map $a $b { c d; } server { } }"), []);
  });

  test("are read by name and not by the beginning of one", () => {
    assert.deepEqual(problemsOf("mapped { a { } }"), []);
  });
});

suite("spans and quotes", () => {
  test("of words leave the quotes out, of statements reach from the first byte to the terminator", () => {
    const tree = parseLatin1(' \'a\' "b\\"c" d ;\ne {\n f;\n}\n');
    assert.deepEqual(
      [0, 1, 2].map((i) => tree.wordSpan(0, i)),
      [
        { start: 2, end: 3 },
        { start: 6, end: 10 },
        { start: 12, end: 13 },
      ],
    );
    assert.deepEqual(
      [0, 1, 2].map((i) => tree.wordQuote(0, i)),
      ["'", '"', ""],
    );
    assert.deepEqual(tree.span(0), { start: 1, end: 15 });
    assert.deepEqual(tree.span(1), { start: 16, end: 25 });
    assert.deepEqual(tree.span(2), { start: 21, end: 23 });
  });

  test("of problems hold the byte that nginx names", () => {
    assert.deepEqual(parseLatin1("a { b }").problems[0]?.span, { start: 6, end: 7 });
    assert.deepEqual(parseLatin1("a 'b'c;").problems[0]?.span, { start: 5, end: 6 });
    assert.deepEqual(parseLatin1("a;;").problems[0]?.span, { start: 2, end: 3 });
  });

  test("of a quote without an end hold its first line", () => {
    assert.deepEqual(parseLatin1('a "b c;\nd;\n').problems[0]?.span, { start: 2, end: 6 });
  });
});

suite("decoding", () => {
  const word = (text: string): string => {
    const tree = parseLatin1(text);
    return tree.word(0, 0);
  };

  test("takes words for UTF-8 and puts replacement characters where they are not", () => {
    assert.equal(word("\u00c3\u00a9;"), "é");
    assert.equal(word("\u00c3\u00a9\\n;"), "é\n");
    assert.equal(word("a\u00ffb;"), "a\ufffdb");
    assert.equal(word(`${"a".repeat(200)}\u00c3\u00a9;`), `${"a".repeat(200)}é`);
  });

  test("keeps a byte order mark, as nginx does", () => {
    assert.equal(word("\u00ef\u00bb\u00bfuser;"), "\ufeffuser");
    assert.equal(parseLatin1("\u00ef\u00bb\u00bfuser;").name(0), "\ufeffuser");
  });

  test("gives equal names for equal bytes, escaped or not", () => {
    const tree = parseLatin1("ab; 'ab'; a\\\\b; \"a\\\\b\"; ab; b;");
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((s) => tree.name(s)),
      ["ab", "ab", "a\\b", "a\\b", "ab", "b"],
    );
  });

  test("gives every name of a file that has more than any table holds", () => {
    const tree = parseLatin1(Array.from({ length: 5000 }, (_, i) => `name${i};`).join("\n"));
    for (let round = 0; round < 2; round++) {
      for (let s = 0; s < tree.size; s++) assert.equal(tree.name(s), `name${s}`);
    }
  });
});
