import assert from "node:assert/strict";
import { test } from "node:test";
import { namesFor } from "../../../server/src/fixes/appNames.ts";

test("an application is called as its socket, unless that says what it is and not whose", () => {
  assert.deepEqual(namesFor("/run/blog.sock"), ["blog"]);
  assert.deepEqual(namesFor("/srv/blog/run/puma.sock"), ["blog", "puma"]);
  assert.deepEqual(namesFor("/home/ann/shop/tmp/sockets/app.sock"), ["shop", "app"]);
  assert.deepEqual(namesFor("/srv/blog/logs/"), ["blog"]);
});

test("a name that would need quotes is none", () => {
  assert.deepEqual(namesFor("/srv/a b/$x.sock"), []);
  assert.deepEqual(namesFor("/srv/-x/..sock"), []);
});
