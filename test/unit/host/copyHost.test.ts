import assert from "node:assert/strict";
import { test } from "node:test";
import { hostBelow } from "../../../server/src/host/copyHost.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";
import { recordingHost } from "../../support/recordingHost.ts";

test("a file of a copy is asked about once, and a link is followed within the copy", async () => {
  const machine = recordingHost(
    createMemoryHost({
      "/copy/etc/nginx/nginx.conf": "events {}",
      "/copy/etc/nginx/linked.conf": { link: "/etc/nginx/nginx.conf" },
      "/etc/nginx/nginx.conf": "the file of this machine",
    }),
  );
  const copy = hostBelow(machine, "/copy");

  const { size, kind } = await copy.stat("/copy/etc/nginx/nginx.conf");
  assert.deepEqual({ size, kind }, { size: 9, kind: "file" });
  assert.deepEqual(machine.touched, ["/copy/etc", "/copy/etc/nginx", "/copy/etc/nginx/nginx.conf"]);

  assert.equal((await copy.stat("/copy/etc/nginx/linked.conf")).size, 9);
  assert.deepEqual(await copy.linkStat("/copy/etc/nginx/linked.conf"), { kind: "link" });
  await assert.rejects(copy.stat("/copy/etc/nginx/missing.conf"), { code: "ENOENT" });
  assert.deepEqual(
    machine.touched.filter((path) => !path.startsWith("/copy/")),
    [],
  );
});
