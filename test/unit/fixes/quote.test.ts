import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import * as fc from "fast-check";
import { quoteWord } from "../../../server/src/fixes/quote.ts";

function quoted(word: string): string {
  const result = quoteWord(word);
  assert.ok(result.ok, `${JSON.stringify(word)} is refused: ${result.ok ? "" : result.reason}`);
  return result.text;
}

function reason(word: string): string {
  const result = quoteWord(word);
  assert.ok(!result.ok, `${JSON.stringify(word)} is accepted`);
  return result.reason;
}

test("a word of safe characters stays as it is", () => {
  for (const word of ["/run/myapp", "http_port_t", "8000-8010", "a=b", "a@b", "50%", "a+b,c:d"]) {
    assert.equal(quoted(word), word);
  }
});

test("anything else is put in single quotes", () => {
  assert.equal(quoted("/var/run/myapp(/.*)?"), "'/var/run/myapp(/.*)?'");
  assert.equal(quoted("/run/my app"), "'/run/my app'");
  assert.equal(quoted("$HOME"), "'$HOME'");
  assert.equal(quoted("`id`"), "'`id`'");
  assert.equal(quoted("~root"), "'~root'");
  assert.equal(quoted("#x"), "'#x'");
  assert.equal(quoted("a\\b"), String.raw`'a\b'`);
});

test("a single quote leaves the quotes, is escaped, and enters them again", () => {
  assert.equal(quoted("it's"), String.raw`'it'\''s'`);
});

test("what cannot be written on one visible line is refused with the reason", () => {
  assert.match(reason(""), /empty/);
  for (const word of ["a\nb", "a\rb", "a\0b", "a\tb", "\x1b[2J", "a\x7f", "a\u0085b"])
    assert.match(reason(word), /control/);
  for (const word of ["a\u202Eb", "a\u200Bb", "a\u2028b", "\uFEFFa", "a\u00A0b", "a\u3000b"])
    assert.match(reason(word), /invisible/);
  for (const word of ["a\uFFFDb", "a\uD800b", "\uDC00"]) assert.match(reason(word), /not UTF-8/);
  for (const word of ["-rf", "--", "-"]) assert.match(reason(word), /dash/);
});

test("bash reads 2,000 hostile words back exactly as they were", () => {
  const nasty = fc.constantFrom(
    "'",
    '"',
    "\\",
    "$",
    "`",
    "!",
    "*",
    "?",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "|",
    "&",
    ";",
    "#",
    "~",
    "=",
    "%",
    " ",
    "/",
    "-",
    "$(id)",
    "${x}",
    "\\n",
    "é",
    "日",
    "😀",
    "a",
    "b",
    "0",
  );
  const words = fc
    .sample(fc.string({ unit: fc.oneof(nasty, fc.string({ maxLength: 1 })), minLength: 1, maxLength: 24 }), {
      numRuns: 3000,
      seed: 20261124,
    })
    .filter((word) => quoteWord(word).ok);
  assert.ok(words.length >= 2000, `${words.length} words`);
  const script = words.map((word) => `printf '%s\\0' ${quoted(word)}\n`).join("");
  const run = spawnSync("bash", ["--norc", "-s"], { input: Buffer.from(script), maxBuffer: 2 ** 26 });
  assert.equal(run.stderr.toString(), "");
  assert.equal(run.status, 0);
  assert.deepEqual(run.stdout.toString("utf8").split("\0").slice(0, -1), words);
});
