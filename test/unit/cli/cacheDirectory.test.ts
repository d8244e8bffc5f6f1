import assert from "node:assert/strict";
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, suite, test } from "node:test";
import { cacheDirectory } from "../../../server/src/cli/cacheDirectory.ts";

const user = process.geteuid?.() ?? 0;
const scratch = mkdtempSync(join(tmpdir(), "cache-directory-"));
after(() => rmSync(scratch, { recursive: true }));

suite("the cache directory", () => {
  let home = "";
  beforeEach(() => {
    home = mkdtempSync(join(scratch, "home-"));
  });

  test("is made in the user's cache directory, for this user alone", () => {
    const own = join(home, ".cache/nginx-selinux");
    assert.equal(cacheDirectory(undefined, home, user), own);
    assert.equal(lstatSync(own).mode & 0o777, 0o700);
    assert.equal(cacheDirectory(undefined, home, user), own, "and used again");
  });

  test("follows XDG_CACHE_HOME where that is absolute", () => {
    assert.equal(cacheDirectory(join(home, "xdg"), "/nonexistent", user), join(home, "xdg/nginx-selinux"));
    assert.equal(cacheDirectory("xdg", home, user), join(home, ".cache/nginx-selinux"));
  });

  test("is not used where another user may write it, or what it lies in", () => {
    for (const open of [".cache/nginx-selinux", ".cache", "."]) {
      cacheDirectory(undefined, home, user);
      chmodSync(join(home, open), 0o777);
      assert.equal(cacheDirectory(undefined, home, user), null, open);
      chmodSync(join(home, open), 0o700);
    }
    assert.equal(cacheDirectory(undefined, home, user), join(home, ".cache/nginx-selinux"));
  });

  test("is neither used nor made in another user's home", () => {
    assert.equal(cacheDirectory(undefined, home, user + 1), null);
    assert.ok(!existsSync(join(home, ".cache")));
  });

  test("is not used where it is a link to what others may write", () => {
    const shared = join(home, "shared");
    mkdirSync(join(home, ".cache"), { mode: 0o700 });
    mkdirSync(shared);
    chmodSync(shared, 0o777);
    symlinkSync(shared, join(home, ".cache/nginx-selinux"));
    assert.equal(cacheDirectory(undefined, home, user), null);
  });

  test("fails where the home is not there", () => {
    assert.throws(() => cacheDirectory(undefined, join(home, "gone"), user), { code: "ENOENT" });
  });
});
