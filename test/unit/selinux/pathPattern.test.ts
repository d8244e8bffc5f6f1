import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { compilePathPattern } from "../../../server/src/selinux/pathPattern.ts";
import { PatternError } from "../../../server/src/selinux/patternError.ts";

/** Pattern, what it matches, what it does not; each checked against PCRE's rules. */
const cases: readonly [pattern: string, yes: readonly string[], no: readonly string[]][] = [
  ["/srv(/.*)?", ["/srv", "/srv/", "/srv/a/b"], ["/srvx", "/", "/sr", "x/srv"]],
  ["/a\\.b", ["/a.b"], ["/axb", "/a\\.b"]],
  ["/a.b", ["/a.b", "/a/b", "/a\nb"], ["/ab"]],
  ["/x[^/]+", ["/xy", "/x-1"], ["/x", "/xa/b"]],
  ["/x[0-9]{2,3}", ["/x12", "/x123"], ["/x1", "/x1234"]],
  ["/x{a}", ["/x{a}"], ["/xa"]],
  ["/x{2}", ["/xx"], ["/x", "/x{2}"]],
  ["/(a|b)c?", ["/a", "/bc"], ["/ab", "/c"]],
  ["/a|/b", ["/a", "/axx", "xx/b", "/b"], ["x/a", "/bx"]],
  ["/(?:ab)+", ["/ab", "/abab"], ["/", "/aba"]],
  ["/[]x]+", ["/]", "/x]x"], ["/a"]],
  ["/[^]x]+", ["/a"], ["/]", "/x"]],
  ["/[a-c-]+", ["/a-c"], ["/d"]],
  ["/[\\w.-]+", ["/a_1.-"], ["/ "]],
  ["/[[:alnum:]_]+", ["/a1_"], ["/-"]],
  ["/[[:^digit:]]", ["/a"], ["/1"]],
  ["/\\d\\D\\w\\W\\s\\S", ["/1a_- x"], ["/1a_-xx"]],
  ["/\\x41\\x4\\0411", ["/A\x04!1"], ["/A4!1"]],
  ["/\\+\\*\\?\\(\\)\\[\\{\\|\\^\\$", ["/+*?()[{|^$"], ["/"]],
  ["/a*?b+?c??", ["/b", "/aabbc"], ["/ac"]],
  ["/é".normalize("NFC"), ["/\xe9"], ["/e"]],
  ["/[\x80-\xff]+", ["/\xe9\xff"], ["/a"]],
];

for (const [pattern, yes, no] of cases) {
  test(`the pattern ${JSON.stringify(pattern)} matches what PCRE matches`, () => {
    const compiled = compilePathPattern(pattern);
    for (const subject of yes) assert.ok(compiled.matches(subject), `should match ${JSON.stringify(subject)}`);
    for (const subject of no) assert.ok(!compiled.matches(subject), `should not match ${JSON.stringify(subject)}`);
  });
}

test("the end of a pattern also matches before a newline that ends the path, as in PCRE", () => {
  assert.ok(compilePathPattern("/a").matches("/a\n"));
  assert.ok(!compilePathPattern("/a").matches("/a\n\n"));
  assert.ok(compilePathPattern("/a\n").matches("/a\n"));
  assert.ok(compilePathPattern("/a\\n").matches("/a\n"));
});

for (const pattern of [
  "/(?=a)",
  "/(?!a)",
  "/(?<=a)",
  "/(?i)a",
  "/(?P<n>a)",
  "/(a)\\1",
  "/a*+",
  "/a++",
  "/(?>a)",
  "/a**",
  "/*a".replace("/", ""),
  "/a{,2}",
  "/a{2,1}",
  "/a{5000}",
  "/[[.a.]]",
  "/[[=a=]]",
  "/[[:nope:]]",
  "/[b-a]",
  "/[\\d-z]",
  "/\\p{L}",
  "/\\A",
  "/\\bx",
  "/\\Qa\\E",
  "/(",
  "/)",
  "/[a",
  "/(*ANY)",
  "/\\x{41}",
  "/^*",
  "/Ā",
  "(".repeat(1000) + ")".repeat(1000),
  "((((){1000}){1000}){1000}){1000}",
  "((a{99}){99}){99}",
]) {
  test(`the pattern ${JSON.stringify(pattern.slice(0, 40))} is refused with a reason`, () => {
    assert.throws(() => compilePathPattern(pattern), PatternError);
  });
}

test("patterns that make a backtracking matcher explode are answered at once", () => {
  const path = "/" + "a".repeat(5000);
  for (const pattern of [
    "/(a*)*b",
    "/(a|a)*b",
    "/(a+)+b",
    "/(a|aa)+b",
    "/.*.*.*.*.*.*.*.*b",
    "/(.*a){20}b",
    "/(.*)(.*)(.*)(.*)x",
  ]) {
    assert.equal(compilePathPattern(pattern).matches(path), false);
  }
  assert.equal(compilePathPattern("/(a*)*").matches(path), true);
});

test("a pattern with more combinations than are kept still gives the right answer", () => {
  // "an `a` fourteen characters before the end" needs 2^14 combinations of states.
  const compiled = compilePathPattern("/[ab]*a[ab]{13}");
  let text = "";
  for (let step = 0, bits = 1; step < 3000; step++) {
    bits = (bits * 1103515245 + 12345) % 2147483648;
    text += bits % 3 === 0 ? "a" : "b";
  }
  for (let length = 1; length < 200; length++) {
    const subject = `/${text.slice(0, 2000 + length)}`;
    assert.equal(compiled.matches(subject), subject.at(-14) === "a");
  }
});

const atoms = fc.constantFrom("a", "b", "/", ".", "[^/]", "[ab]", "\\.", "\\d", "(a|b/)", "(?:ab)", "($|a)", "(^/|b)");
const patterns = fc
  .array(fc.tuple(atoms, fc.constantFrom("", "", "", "?", "*", "+", "{2}", "{1,2}", "{0,}")), { maxLength: 6 })
  .map((parts) => parts.map(([atom, quantifier]) => atom + quantifier).join(""));
const alternatives = fc.array(patterns, { minLength: 1, maxLength: 3 }).map((branches) => branches.join("|"));
const subjects = fc
  .array(fc.constantFrom("a", "b", "/", ".", "1", "\n"), { maxLength: 8 })
  .map((list) => list.join(""));

test("patterns that JavaScript reads as PCRE does are matched as JavaScript matches them", () => {
  fc.assert(
    fc.property(alternatives, subjects, (pattern, subject) => {
      const reference = new RegExp(`^${pattern}$`.replaceAll("$", "(?=\\n?$(?![^]))"), "s");
      assert.equal(compilePathPattern(pattern).matches(subject), reference.test(subject));
    }),
    { numRuns: 5000 },
  );
});
