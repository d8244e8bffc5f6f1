import assert from "node:assert/strict";
import { test } from "node:test";
import { directoriesAbove, inDirectory, isWithin, nameOf, parentOf } from "../../../server/src/base/paths.ts";

test("the directory, the name, and both together", () => {
  for (const [path, parent, name] of [
    ["/run/app/app.sock", "/run/app", "app.sock"],
    ["/app.sock", "/", "app.sock"],
    ["/srv/", "/srv", ""],
    ["app.sock", ".", "app.sock"],
  ] as const) {
    assert.equal(parentOf(path), parent, path);
    assert.equal(nameOf(path), name, path);
    if (path.startsWith("/")) assert.equal(inDirectory(parent, name), path);
  }
});

test("the directories above a path, the nearest first", () => {
  assert.deepEqual(directoriesAbove("/run/app/app.sock"), ["/run/app", "/run", "/"]);
  assert.deepEqual(directoriesAbove("/x"), ["/"]);
  assert.deepEqual(directoriesAbove("/"), ["/"]);
});

test("a path is within a directory that it is or lies below, and the root holds every path", () => {
  assert.ok(isWithin("/a/b", ["/x", "/a"]) && isWithin("/a", ["/a"]) && isWithin("/a", ["/"]) && isWithin("x", null));
  assert.ok(!isWithin("/ab", ["/a"]) && !isWithin("/", ["/a"]) && !isWithin("/a", []));
  // A document without a directory, `untitled:x`, opens nothing of the disk.
  assert.ok(!isWithin("/etc/passwd", [parentOf("untitled:x")]));
});
