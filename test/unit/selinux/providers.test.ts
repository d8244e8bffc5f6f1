/** One suite for every provider: a policy file, a snapshot written of it, its directory, a live host, and the kernel's own file. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HostError } from "../../../server/src/host/host.ts";
import type { Host } from "../../../server/src/host/host.ts";
import { hostLabels } from "../../../server/src/selinux/hostLabels.ts";
import { openLive } from "../../../server/src/selinux/host/live.ts";
import { factsFromBytes } from "../../../server/src/selinux/files/openPolicyFile.ts";
import type { Change, PolicyFacts } from "../../../server/src/selinux/policy.ts";
import { policyDirectoryFacts } from "../../../server/src/selinux/files/policyDirectory.ts";
import { snapshotFacts } from "../../../server/src/selinux/files/snapshot.ts";
import { writeSnapshot } from "../../../server/src/selinux/files/writeSnapshot.ts";
import { liveTree } from "../../support/liveTree.ts";
import type { LiveTree } from "../../support/liveTree.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";
import { encodePolicy } from "../../support/policies/encoder.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";
import { assertSameAnswers } from "../../support/sameAnswers.ts";
import type { Questions } from "../../support/sameAnswers.ts";

const fileContexts = [
  "/ -d system_u:object_r:content_t:s0",
  "/srv(/.*)? system_u:object_r:content_t:s0",
  "/srv/secret(/.*)? system_u:object_r:secret_t:s0",
  "/srv/none(/.*)? <<none>>",
  "/var/run(/.*)? system_u:object_r:run_t:s0",
  "/var/run/web\\.sock -s system_u:object_r:httpd_tmp_t:s0",
  "/tmp -d system_u:object_r:tmp_t:s0",
  "/usr/sbin/nginx -- system_u:object_r:httpd_exec_t:s0",
];
const subsDist = ["/run /var/run"];

const domains = ["httpd_t", "loose_t", "child_t", "init_t"];

function everyState(names: readonly string[]): readonly (readonly Change[])[] {
  return Array.from({ length: 2 ** names.length }, (_, bits) =>
    names.map((name, bit) => ({ kind: "boolean", name, value: ((bits >> bit) & 1) === 1 })),
  );
}

const questions: Questions = {
  domains,
  types: [...webPolicy(33).types, "nginx_t", "www_port_t", "domain", "nonexistent_t"],
  paths: [
    "/",
    "/srv/site",
    "/srv/secret/key",
    "/srv/none/x",
    "/run/web.sock",
    "/var/run/db.sock",
    "/var/run/app/app.sock",
    "/tmp/x",
    "/nowhere/x",
    "/usr/sbin/nginx",
  ],
  specs: ["/srv(/.*)?", "/srv/secret(/.*)?", "/run(/.*)?", "/run/x(/.*)?", "/tmp"],
  ports: [0, 22, 80, 443, 1023, 1024, 5000, 7999, 8000, 8080, 8100, 8101, 32768, 60999, 61000, 65535],
  states: [[], ...everyState(["connect_any", "connect_db", "maintenance"])],
};

function notThere(error: unknown): null {
  if (error instanceof HostError && error.code === "ENOENT") return null;
  throw error;
}

async function directoryFacts(host: Host, directory: string): Promise<PolicyFacts> {
  const facts = await policyDirectoryFacts(
    {
      policyNames: async () => (await host.readDirectory(`${directory}/policy`)).map(({ name }) => name),
      read: (path) => host.readFile(`${directory}/${path}`, 2 ** 24),
      readIfThere: (path) => host.readFile(`${directory}/${path}`, 2 ** 24).catch(notThere),
    },
    "directory",
  );
  assert.ok(facts !== null);
  return facts;
}

async function liveFacts(
  tree: LiveTree,
  change: (host: ReturnType<typeof createMemoryHost>) => void = () => undefined,
) {
  const host = createMemoryHost(liveTree(tree));
  change(host);
  const live = await openLive(host, tree.root ?? "");
  assert.ok(live.available, live.available ? "" : live.reason);
  return live.facts;
}

for (const version of [24, 31, 33, 35]) {
  suite(`a policy of version ${version}`, () => {
    test("gives the same answers as file, snapshot, directory, live host, copied host and running policy", async () => {
      const policy = webPolicy(version);
      const bytes = encodePolicy(policy);
      const tree: LiveTree = { policy, fileContexts, subsDist };
      const file = factsFromBytes(
        bytes,
        `policy.${version}`,
        hostLabels({ base: fileContexts.join("\n"), homedirs: "", local: "", subs: "", subsDist: subsDist.join("\n") }),
      );
      const live = await liveFacts(tree);
      const names = { name: "written", title: "Written", provenance: "a test" };
      const written = JSON.stringify(writeSnapshot(file, domains, names));
      const ofLive = JSON.stringify(writeSnapshot(live, domains, names));
      assert.equal(ofLive, written);
      const { asked, allowed, denied } = assertSameAnswers(
        new Map<string, PolicyFacts>([
          ["file", file],
          ["snapshot", snapshotFacts(written, "snapshot")],
          ["directory", await directoryFacts(createMemoryHost(liveTree(tree)), "/etc/selinux/targeted")],
          ["live host", live],
          ["copied host", await liveFacts({ ...tree, root: "/copy", enforce: null })],
          [
            "running policy",
            await liveFacts(tree, (host) => {
              host.remove(`/etc/selinux/targeted/policy/policy.${version}`);
              host.write("/sys/fs/selinux/policy", bytes);
            }),
          ],
        ]),
        questions,
      );
      assert.ok(
        asked > 20_000 && allowed > 1000 && denied > 1000,
        `${asked} asked, ${allowed} allowed, ${denied} denied`,
      );
    });
  });
}
