/** Owners and modes that are gathered of a host, and where they are not. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gatherHostState } from "../../../server/src/selinux/host/gatherHostState.ts";
import { openLive } from "../../../server/src/selinux/host/live.ts";
import { file, hostOf, processFiles, sock, stateOf, usual } from "../../support/gatheredState.ts";
import { liveTree, statProgram } from "../../support/liveTree.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";

suite("owners and modes", () => {
  const shop = {
    "/etc/passwd": "nginx:x:990:990::/:/sbin/nologin\nshop:x:991:991::/:/sbin/nologin\n",
    "/etc/group": "nginx:x:990:\nshop:x:991:\n",
    "/run/shop/shop.sock": { other: true },
    "/etc/systemd/system/shop.service":
      "[Service]\nExecStart=/opt/shop/serve --bind /run/shop/shop.sock\nRuntimeDirectory=shop\nUMask=0027\n",
  } as const;
  const user = { name: "nginx", group: null };

  test("are gathered with the service that makes a socket which refuses", async () => {
    const host = hostOf(shop);
    host.owners.set("/run/shop", "0750 991 991");
    host.owners.set("/run/shop/shop.sock", "0750 991 991");
    host.program = (program, args) =>
      program === "/usr/bin/getfacl"
        ? { code: 0, stdout: "# file: /run/shop\nuser::rwx\ngroup::r-x\nother::---\n\n", stderr: "" }
        : statProgram({})(program, args);
    const live = await openLive(host, "");
    assert.ok(live.available);
    const { permissions } = await gatherHostState(host, live, [sock("/run/shop/shop.sock")], user);
    assert.deepEqual(
      [...(permissions?.makers ?? [])],
      [["/run/shop/shop.sock", { unit: "shop.service", umask: 0o027, runtimeDirectories: ["/run/shop"] }]],
    );
    assert.equal(permissions?.worker.uid, 990);
  });

  test("are not told where the only nginx is in a container, nor of a copy that carries none", async () => {
    const contained = hostOf({
      ...shop,
      ...processFiles(501, "container_t", "nginx: master process nginx", "0::/machine.slice/libpod-1.scope\n"),
    });
    assert.equal((await stateOf(contained, [sock("/run/shop/shop.sock")])).permissions, null);
    const copied = createMemoryHost({
      ...liveTree({ ...usual, root: "/copy", enforce: null }),
      "/copy/.selinux-labels": "/srv\tsystem_u:object_r:var_t:s0\td\n",
    });
    assert.equal((await stateOf(copied, [file("/srv")], "/copy")).permissions, null);
    copied.write("/copy/.selinux-labels", "/srv\tsystem_u:object_r:var_t:s0\td\t755\t0\t0\n");
    assert.notEqual((await stateOf(copied, [file("/srv")], "/copy")).permissions, null);
  });
});
