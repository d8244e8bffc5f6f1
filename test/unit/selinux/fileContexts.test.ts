import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FileContexts,
  canonicalisePath,
  kindFlag,
  kindOfFlag,
  parseEquivalences,
  parseFileContexts,
} from "../../../server/src/selinux/fileContexts.ts";
import { listOf, type FileKind } from "../../../server/src/selinux/fileContextLists.ts";
import { compilePathPattern } from "../../../server/src/selinux/pathPattern.ts";
import { isLiteralSpec } from "../../../server/src/selinux/specText.ts";
import { PatternBudget } from "../../../server/src/selinux/patternBudget.ts";

/** Specs of `regex [flag] type` lines, in which the type stands for its context. */
function contextsOf(text: string): FileContexts {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.trim().replace(/(\w+_t)$/, "system_u:object_r:$1:s0"));
  const { specs, problems } = parseFileContexts(lines.join("\n"));
  assert.deepEqual(problems, []);
  return new FileContexts(listOf(specs));
}

/** The type, `none` for `<<none>>`, `nothing` where no spec matches, `refused` where it cannot be told. */
function label(contexts: FileContexts, path: string, kind: FileKind = "file"): string {
  const match = contexts.match(path, kind);
  if (match === null) return "nothing";
  return "refused" in match ? "refused" : (match.spec.type ?? "none");
}

test("file_contexts lines are read with their kind and type, and odd ones reported by line", () => {
  const text = [
    "# comment",
    "",
    "/srv(/.*)?\tsystem_u:object_r:var_t:s0",
    "/srv/x  --  system_u:object_r:x_t:s0:c1,c2",
    "/run/.*\\.sock -s <<none>>",
    "/only-a-path",
    "/bad -q system_u:object_r:x_t:s0",
    "/short system_u:object_r",
    "/too many fields here",
    "  /late -d u:r:late_t \r",
  ].join("\n");
  const { specs, problems } = parseFileContexts(text);
  assert.deepEqual(specs, [
    { regex: "/srv(/.*)?", kind: "any", type: "var_t" },
    { regex: "/srv/x", kind: "file", type: "x_t" },
    { regex: "/run/.*\\.sock", kind: "sock", type: null },
    { regex: "/late", kind: "dir", type: "late_t" },
  ]);
  assert.deepEqual(
    problems.map(({ line }) => line),
    [6, 7, 8, 9],
  );
});

test("every file kind has a flag that reads back to it", () => {
  const kinds: readonly FileKind[] = ["any", "file", "dir", "sock", "link", "char", "block", "pipe"];
  assert.deepEqual(
    kinds.map((kind) => kindOfFlag(kindFlag(kind))),
    kinds,
  );
  assert.equal(kindOfFlag("-x"), undefined);
});

test("the last matching regex wins", () => {
  const contexts = contextsOf("/srv(/.*)? one_t\n/srv/.* two_t\n/srv/www(/.*)? three_t");
  assert.equal(label(contexts, "/srv"), "one_t");
  assert.equal(label(contexts, "/srv/a"), "two_t");
  assert.equal(label(contexts, "/srv/www"), "three_t");
  assert.equal(label(contextsOf("/srv/www(/.*)? three_t\n/srv/.* two_t"), "/srv/www/x"), "two_t");
});

test("a spec without metacharacters beats every regex, wherever it stands, and the last such one wins", () => {
  assert.equal(label(contextsOf("/srv/a\\.b literal_t\n/srv/.* regex_t"), "/srv/a.b"), "literal_t");
  assert.equal(label(contextsOf("/srv/a one_t\n/srv/a two_t\n/srv/.* regex_t"), "/srv/a"), "two_t");
});

test("a spec of another kind is passed over, and one of any kind is not", () => {
  const contexts = contextsOf("/run/.* any_t\n/run/.*\\.sock -s sock_t\n/run/x -d dir_t");
  assert.equal(label(contexts, "/run/a.sock", "sock"), "sock_t");
  assert.equal(label(contexts, "/run/a.sock", "file"), "any_t");
  assert.equal(label(contexts, "/run/x", "dir"), "dir_t");
  assert.equal(label(contexts, "/run/x", "pipe"), "any_t");
  assert.equal(label(contexts, "/run/x", "any"), "dir_t");
});

test("the stem is compared as text, so a metacharacter behind it cannot reach into it", () => {
  const contexts = contextsOf("/.* default_t\n/run/*.fingerd\\.pid fingerd_t");
  assert.equal(label(contexts, "/run/x.fingerd.pid"), "default_t");
  assert.equal(label(contexts, "/run//xfingerd.pid"), "fingerd_t");
  assert.equal(label(contexts, "/run/xfingerd.pid"), "fingerd_t");
  assert.equal(label(contexts, "/runxfingerd.pid"), "default_t");
});

test("a stem with a needless escape equals the stem of no path, and one with a metacharacter is no stem", () => {
  const contexts = contextsOf("/.* default_t\n/da\\-ta(/.*)? whole_t\n/da\\-ta/x.* stem_t\n/da\\-ta/y literal_t");
  assert.equal(label(contexts, "/da-ta/x"), "whole_t");
  assert.equal(label(contexts, "/da-ta/y"), "whole_t");
  assert.equal(label(contextsOf("/.* default_t\n/da\\.ta/x.* stemless_t"), "/da.ta/x"), "stemless_t");
});

test("a top-level alternative leaves the anchors to its ends", () => {
  const contexts = contextsOf("/.* default_t\n/a|/b odd_t");
  assert.equal(label(contexts, "/axx"), "odd_t");
  assert.equal(label(contexts, "/xx/b"), "odd_t");
  assert.equal(label(contexts, "/xx/bb"), "default_t");
});

test("<<none>> and no match are told apart", () => {
  const contexts = contextsOf("/tmp/.* <<none>>\n/srv/.* var_t");
  assert.equal(label(contexts, "/tmp/x"), "none");
  assert.equal(label(contexts, "/opt/x"), "nothing");
});

test("a spec that cannot be evaluated makes the label unknown where it might decide, and nowhere else", () => {
  const contexts = contextsOf("/srv/.* var_t\n/srv/a(?=b).* ahead_t\n/srv/after.* after_t");
  assert.equal(label(contexts, "/srv/abc"), "refused");
  assert.equal(label(contexts, "/srv/xyz"), "var_t");
  assert.equal(label(contexts, "/srv/after"), "after_t");
});

test("metacharacters count only where they are not escaped", () => {
  for (const spec of ["/a", "/a\\.b", "/a\\+", "/a)", "/a]}", "/a\\\\"]) assert.ok(isLiteralSpec(spec), spec);
  for (const spec of ["/a.", "/a?", "/a\\\\.", "/[a]", "/(a)", "/a|b", "/a{2}", "/^a", "/a$"]) {
    assert.ok(!isLiteralSpec(spec), spec);
  }
});

test("characters above 127 are matched as the bytes of their UTF-8", () => {
  const contexts = contextsOf(
    "/srv/café(/.*)? cafe_t\n/srv/x. one_t\n/srv/y.{3} three_t\n/数据 data_t\n/srv/a\\é escaped_t\n/z[\\xf0].{3} four_t",
  );
  assert.equal(label(contexts, "/srv/café/a"), "cafe_t");
  assert.equal(label(contexts, "/srv/xa"), "one_t");
  assert.equal(label(contexts, "/srv/xé"), "nothing");
  assert.equal(label(contexts, "/srv/y数"), "three_t");
  assert.equal(label(contexts, "/数据"), "data_t");
  assert.equal(label(contexts, "/srv/aé"), "escaped_t");
  assert.equal(label(contexts, "/z𝄞"), "four_t");
});

test("a spec of malformed UTF-8 is refused where it may match, whatever else it is", () => {
  const contexts = contextsOf("/srv(/.*)? srv_t\n/srv/[\ufffd]x odd_t\n/opt/\ufffd odd_t");
  assert.equal(label(contexts, "/srv/y"), "refused");
  assert.equal(label(contexts, "/srv"), "srv_t");
  assert.equal(label(contexts, "/opt/\ufffd"), "refused");
});

test("local equivalences come before the distribution's, the last line first, at whole names only", () => {
  const local = parseEquivalences("/mine /run");
  const distribution = parseEquivalences("# comment\n/run /var/run\n/run/lock /var/lock\n/alias /\nlonely");
  const canonical = (path: string): string => canonicalisePath(path, local, distribution);
  assert.equal(canonical("/run"), "/var/run");
  assert.equal(canonical("/run/app"), "/var/run/app");
  assert.equal(canonical("/runner"), "/runner");
  assert.equal(canonical("/run/lock/x"), "/var/lock/x");
  assert.equal(canonical("/mine/lock"), "/var/lock");
  assert.equal(canonical("/alias/etc"), "/etc");
  assert.equal(canonical("//run///app//"), "/var/run/app");
  assert.equal(canonical("/"), "/");
});

test("an answer does not depend on how many other specs there are", () => {
  const many = Array.from({ length: 3000 }, (_, index) => `/var/lib/d${index}(/.*)? t${index}_t`);
  const contexts = contextsOf(
    ["/.* default_t", "/var/.* var_t", ...many, "/var/lib/[^/]*/x\\.sock -s sock_t"].join("\n"),
  );
  assert.equal(label(contexts, "/var/lib/d17"), "t17_t");
  assert.equal(label(contexts, "/var/lib/d170/deep/er"), "t170_t");
  assert.equal(label(contexts, "/var/lib/d17x"), "var_t");
  assert.equal(label(contexts, "/var/lib/d2999/x.sock", "sock"), "sock_t");
  assert.equal(label(contexts, `/var/${"a/".repeat(50_000)}`), "var_t");
});

test("a directory with all that is in it, and all that begins with a text, are matched without a pattern, as the pattern would", () => {
  const budget = new PatternBudget();
  const texts = ["/srv/a", "/srv/a b", "/srv/a\\.b", "/srv/a\\+", "/srv", "", "/srv/a/b", "/"];
  const paths = ["/srv/a", "/srv/a/", "/srv/a/b", "/srv/ab", "/srv/a\n", "/srv/a/\n", "/srv/a\nb", "/srv/a b", "/srv"];
  const others = ["/srv/a.b/c", "/srv/axb", "/srv/a+", "/srv/aa", "/", "/srv/a/b/c", "/x"];
  for (const regex of texts.flatMap((text) => [`${text}(/.*)?`, `${text}.*`])) {
    const contexts = new FileContexts(listOf([{ regex, kind: "any", type: "a_t" }]), budget);
    for (const path of [...paths, ...others])
      assert.equal(
        contexts.match(path, "dir") !== null,
        compilePathPattern(regex).matches(path),
        JSON.stringify([regex, path]),
      );
  }
  assert.equal(budget.compiled, 0);
});

test("of many specs the one decides that decides where each is tried in turn", () => {
  const parts = ["", "/a", "/b", "/a/b", "/a/.*", "/ab", "/a/b/c", "/[ab]", "/b/[^/]+", "/a.*", "/.*"];
  const endings = ["", "(/.*)?", ".*", "/c", "\\.d", "/.*\\.d", "?"];
  const specs = parts
    .flatMap((part, i) =>
      endings.map((ending, k) => ({ regex: `/s${part}${ending}`, kind: "any" as const, i: i * 7 + k })),
    )
    .map(({ regex, kind, i }) => ({ regex, kind, type: `t${i}_t` }));
  const below = [
    "",
    "/a",
    "/b",
    "/ab",
    "/a/b",
    "/a/b/c",
    "/b/x",
    "/b/x/c",
    "/a.d",
    "/x.d",
    "/a/x/y.d",
    "/c",
    "/a/\n",
    "x",
  ];
  const paths = below.map((path) => `/s${path}`);
  let random = 1;
  for (let round = 0; round < 300; round++) {
    const some = specs.filter(() => (random = (random * 48_271) % 2_147_483_647) % 5 === 0);
    const contexts = new FileContexts(listOf(some));
    const inTurn = some.map((spec) => new FileContexts(listOf([spec])));
    const best = (path: string, literal: boolean): string | undefined =>
      some.findLast(
        ({ regex }, i) =>
          isLiteralSpec(regex) === literal && inTurn[i] !== undefined && inTurn[i].match(path, "any") !== null,
      )?.regex;
    for (const path of paths)
      assert.equal(
        contexts.match(path, "any")?.spec.regex,
        best(path, true) ?? best(path, false),
        JSON.stringify([path, some]),
      );
  }
});

test("wherever a spec is kept, it is found for each path that it matches", () => {
  const atoms = [
    "/",
    "/",
    "/a",
    "/b",
    "/a/b",
    "a",
    "\\.",
    "\\/",
    "\\-",
    "(/.*)?",
    "(a|b)",
    "|",
    "/?",
    "/*",
    "[ab]",
    ".*",
    "\n",
  ];
  const characters = ["/", "/", "/a", "/b", "/a/b", "a", ".", "-", "\n"];
  let random = 1;
  const some = (from: readonly string[], most: number): string => {
    const next = (limit: number): number => (random = (random * 48_271) % 2_147_483_647) % limit;
    return `/${Array.from({ length: next(most) }, () => from[next(from.length)]).join("")}`;
  };
  let matched = 0;
  for (let round = 0; round < 4000; round++) {
    const regex = some(atoms, 6);
    const contexts = new FileContexts(listOf([{ regex, kind: "any", type: "a_t" }]));
    const paths = Array.from({ length: 10 }, () => some(characters, 5));
    for (const path of [...paths, regex, regex.replaceAll(/\\(?=[^/])|\(\/\.\*\)\?/gu, "")]) {
      // A spec without metacharacters is compared as text, where `$` is no question.
      if (isLiteralSpec(regex) && path.endsWith("\n")) continue;
      const isMatch = matchesByItself(regex, path);
      if (isMatch) matched++;
      assert.equal(contexts.match(path, "any") !== null, isMatch, JSON.stringify([regex, path]));
    }
  }
  assert.ok(matched > 3000, `${matched} matched`);
});

/** As libselinux does it: the stem is compared as text, and the rest is a pattern. */
function matchesByItself(regex: string, path: string): boolean {
  const stem = /^\/?[^/]*(?=\/)/u.exec(regex)?.[0] ?? "";
  return stem !== "" && !/[.^$?*+|[({]/u.test(stem)
    ? path.startsWith(`${stem}/`) && compilePathPattern(regex.slice(stem.length)).matches(path.slice(stem.length))
    : compilePathPattern(regex).matches(path);
}

test("a question reads the specs about the directories on its way, and no other", () => {
  const specs = [
    "/.* default_t",
    "/srv/.* srv_t",
    ...Array.from({ length: 3000 }, (_, i) => `/var/lib/d${i % 30}/f${i} t${i}_t`),
  ];
  const contexts = contextsOf(specs.join("\n"));
  assert.equal(contexts.read, 0);
  assert.equal(label(contexts, "/srv/x"), "srv_t");
  assert.equal(contexts.read, 2);
  assert.equal(label(contexts, "/var/lib/d7/f7"), "t7_t");
  assert.equal(contexts.read, 102);
});

test("a directory is the same one however its name is written, and the last spec about it wins", () => {
  const contexts = contextsOf(
    [
      "/srv/a\\.b/x first_t",
      "/srv/a.b/x pattern_t",
      "/srv/a\\.b(/.*)? below_t",
      "/srv/a\\-b/x old_t",
      "/srv/a-b/x new_t",
    ].join("\n"),
  );
  assert.equal(label(contexts, "/srv/a.b/x"), "first_t");
  assert.equal(label(contexts, "/srv/a.b/y"), "below_t");
  assert.equal(label(contexts, "/srv/acb/x"), "pattern_t");
  assert.equal(label(contexts, "/srv/a-b/x"), "new_t");
  assert.equal(label(contextsOf("/srv/c\\/x old_t\n/srv/c/x new_t"), "/srv/c/x"), "new_t");
  assert.equal(label(contextsOf("/srv/c/x old_t\n/srv/c\\/x new_t"), "/srv/c/x"), "new_t");
});
