import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { byteString } from "../../../server/src/selinux/byteString.ts";
import { directorySpec, escapePath, pathOfSpec } from "../../../server/src/fixes/regex.ts";

test("a plain path is its own regex", () => {
  assert.equal(escapePath("/var/run/my-app_1"), "/var/run/my-app_1");
});

test("every metacharacter of PCRE is escaped", () => {
  assert.equal(
    escapePath(String.raw`/a.b*c+d?e(f)g[h]i{j}k|l^m$n\o`),
    String.raw`/a\.b\*c\+d\?e\(f\)g\[h\]i\{j\}k\|l\^m\$n\\o`,
  );
});

test("a blank becomes a class, for file_contexts and semanage take no blank", () => {
  assert.equal(escapePath("/run/my app"), String.raw`/run/my[\x20]app`);
});

test("quotes become classes, for semanage import has no way to write them", () => {
  assert.equal(escapePath(`/run/it's "a"`), String.raw`/run/it[\x27]s[\x20][\x22]a[\x22]`);
});

test("characters beyond ASCII become the classes of their bytes, for setfiles takes none", () => {
  assert.equal(escapePath("/srv/café"), String.raw`/srv/caf[\xc3][\xa9]`);
});

test("a directory spec covers the directory and everything below it, in the form of the policy", () => {
  assert.equal(directorySpec("/var/run/myapp"), "/var/run/myapp(/.*)?");
  assert.equal(directorySpec("/run/my.app"), String.raw`/run/my\.app(/.*)?`);
});

test("a spec matches its own directory and content and no other path", () => {
  const name = fc.string({
    unit: fc.constantFrom(...".*+?^${}()|[]\\ ab/'\"-#é".split("")),
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(name, name, (one, other) => {
      // libselinux matches bytes.
      const spec = new RegExp(`^(?:${directorySpec(`/${one}`)})$`, "s");
      const matches = (path: string): boolean => spec.test(byteString(path));
      assert.ok(matches(`/${one}`));
      assert.ok(matches(`/${one}/x.sock`));
      if (other !== one && !other.startsWith(`${one}/`)) assert.ok(!matches(`/${other}`));
    }),
  );
});

test("the path of a spec is read back from it", () => {
  for (const path of [
    "/srv/app",
    "/srv/a b/it's",
    '/srv/"x".y*z',
    "/srv/[\\x20]",
    "/srv/caf\u00e9/\u{1f642}",
    "/a\\b",
  ]) {
    assert.deepEqual(pathOfSpec(directorySpec(path)), { path, below: true });
    assert.deepEqual(pathOfSpec(escapePath(path)), { path, below: false });
  }
});
