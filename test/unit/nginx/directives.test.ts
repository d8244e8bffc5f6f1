import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  acceptsArgumentCount,
  directiveContexts,
  isBlockDirective,
} from "../../../server/src/nginx/tree/directives.ts";

suite("the table of directives", () => {
  test("knows where a directive may stand", () => {
    assert.deepEqual(directiveContexts("worker_processes"), ["main"]);
    assert.deepEqual([...(directiveContexts("listen") ?? [])].sort(), ["mail.server", "server", "stream.server"]);
    assert.deepEqual(directiveContexts("include"), ["any"]);
    assert.equal(directiveContexts("listne"), undefined);
    assert.equal(directiveContexts(""), undefined);
    assert.equal(directiveContexts("constructor"), undefined);
  });

  test("tells blocks by context", () => {
    assert.equal(isBlockDirective("server", "http"), true);
    assert.equal(isBlockDirective("server", "upstream"), false);
    assert.equal(isBlockDirective("content_by_lua_block", "location"), true);
    assert.equal(isBlockDirective("server", "events"), undefined);
  });

  test("counts arguments without the name", () => {
    const counts = (name: string, context: string): number[] =>
      [0, 1, 2, 3, 4, 5, 12].filter((count) => acceptsArgumentCount(name, context, count));
    assert.deepEqual(counts("http", "main"), [0]);
    assert.deepEqual(counts("sendfile", "http"), [1]);
    assert.deepEqual(counts("keepalive_timeout", "http"), [1, 2]);
    assert.deepEqual(counts("listen", "server"), [1, 2, 3, 4, 5, 12]);
    assert.deepEqual(counts("error_page", "location"), [2, 3, 4, 5, 12]);
    assert.deepEqual(counts("proxy_temp_path", "http"), [1, 2, 3, 4]);
    assert.deepEqual(counts("include", "stream.upstream"), [1]);
    assert.equal(acceptsArgumentCount("listen", "location", 1), undefined);
    assert.equal(acceptsArgumentCount("listne", "server", 1), undefined);
  });
});
