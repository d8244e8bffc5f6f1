import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createLiveSource } from "../../../server/src/providers/liveSource.ts";
import {
  createPolicies,
  PolicyError,
  type ChosenPolicy,
  type PolicyRequest,
} from "../../../server/src/providers/policies.ts";
import { writeSnapshot } from "../../../server/src/selinux/files/writeSnapshot.ts";
import { factsFromBytes } from "../../../server/src/selinux/files/openPolicyFile.ts";
import { bundledText, releases } from "../../support/bundledPolicies.ts";
import { liveTree, type LiveTree } from "../../support/liveTree.ts";
import { createMemoryHost, type MemoryEntry, type MemoryHost } from "../../support/memoryHost.ts";
import { encodePolicy } from "../../support/policies/encoder.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";

const tree: LiveTree = { policy: webPolicy(33), fileContexts: ["/srv(/.*)? system_u:object_r:content_t:s0"] };
const memory = (files: Readonly<Record<string, MemoryEntry>>): MemoryHost =>
  createMemoryHost(files, (name) => {
    const release = releases.find((each) => each === name);
    return release === undefined ? undefined : bundledText(release);
  });
const choose = (host: MemoryHost, request: Partial<PolicyRequest>): Promise<ChosenPolicy> =>
  createPolicies(host, createLiveSource(host)).choose({
    wanted: "auto",
    root: "",
    trusted: true,
    strict: true,
    directories: [],
    ...request,
  });
const snapshot = JSON.stringify(
  writeSnapshot(factsFromBytes(encodePolicy(webPolicy(33)), "x"), ["httpd_t"], {
    name: "shop",
    title: "The shop",
    provenance: "p",
  }),
);
const rocky = 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="8.10"\nPRETTY_NAME="Rocky Linux 8.10"\n';

suite("auto", () => {
  test("takes the host before a snapshot, the nearest snapshot before a release, and says why each was not better", async () => {
    const snapshots = { "/project/nginx-selinux.snapshot.json": snapshot, "/nginx-selinux.snapshot.json": "{}" };
    const directories = ["/project/nginx", "/project", "/"];
    const live = await choose(memory({ ...liveTree(tree), ...snapshots }), { directories });
    assert.deepEqual([live.facts.info.source, live.reason], ["live", "auto: the policy of this host"]);
    const files = { "/etc/os-release": rocky };
    const found = await choose(memory({ ...files, ...snapshots }), { directories });
    assert.equal(found.facts.info.title, "The shop");
    assert.match(
      found.reason,
      /^auto: no live policy, because SELinux is not there: .*; \/project\/nginx-selinux\.snapshot\.json is the workspace's snapshot$/,
    );
    const bundled = await choose(memory(files), { directories });
    assert.equal(bundled.facts.info.name, "rhel8");
    assert.match(
      bundled.reason,
      /^auto: no live policy, because .*; \/etc\/os-release says Rocky Linux 8\.10, mapped to rhel8, the policy of RHEL 8\.9; later changes are not in it$/,
    );
    assert.equal(bundled.live, null);
    assert.match(bundled.whyNotLive ?? "", /SELinux is not there/);
  });

  test("takes the machine whose root was copied", async () => {
    const chosen = await choose(memory(liveTree({ ...tree, root: "/mnt/web1" })), { root: "/mnt/web1" });
    assert.equal(chosen.reason, "auto: the policy of /mnt/web1");
    assert.equal(chosen.live?.root, "/mnt/web1");
  });

  test("does not use a damaged snapshot, nor go on without it", async () => {
    const host = memory({ "/project/nginx-selinux.snapshot.json": "{" });
    await assert.rejects(choose(host, { directories: ["/project"] }), /snapshot\.json cannot be used as a policy/);
  });

  test("asks no host and reads no snapshot where the workspace is not trusted, whatever is wanted", async () => {
    const host = memory({ ...liveTree(tree), "/project/nginx-selinux.snapshot.json": snapshot, "/p/policy.33": "x" });
    for (const wanted of ["auto", "live", "/p/policy.33"]) {
      const chosen = await choose(host, { wanted, trusted: false, directories: ["/project"], root: "/evil" });
      assert.equal(chosen.facts.info.source, "bundled");
      assert.match(chosen.reason, /the workspace is not trusted, so this host is not asked/);
    }
    assert.deepEqual(host.reads, []);
    assert.deepEqual(host.runs, []);
  });
});

suite("live", () => {
  test("is an error where it is impossible and nothing else will do", async () => {
    await assert.rejects(choose(memory({}), { wanted: "live" }), {
      name: "PolicyError",
      message: /^there is no live policy on this host: SELinux is not there/,
    });
    await assert.rejects(choose(memory({}), { wanted: "live", root: "/r" }), /no live policy in \/r: /);
  });
});

suite("a path", () => {
  const files = liveTree({ ...tree, root: "/copy" });
  const directory = "/copy/etc/selinux/targeted";

  test("of a directory, and of the policy file in it, answers with the directory's labels", async () => {
    for (const wanted of [directory, `${directory}/policy/policy.33`]) {
      const { facts, live } = await choose(memory(files), { wanted });
      assert.equal(facts.info.source, "binary");
      assert.deepEqual(facts.label("/srv/x", "file"), { type: "content_t", exact: true, spec: "/srv(/.*)?" });
      assert.equal(live, null);
    }
  });

  test("of a policy file that lies elsewhere knows no labels", async () => {
    const { facts } = await choose(memory({ "/tmp/policy.33": encodePolicy(webPolicy(33)) }), {
      wanted: "/tmp/policy.33",
    });
    assert.equal(facts.info.exactLabels, false);
    assert.equal(facts.label("/srv/x", "file").exact, false);
  });

  test("of a snapshot is one", async () => {
    const { facts } = await choose(memory({ "/a/s.json": snapshot }), { wanted: "/a/s.json" });
    assert.deepEqual([facts.info.source, facts.info.name], ["snapshot", "shop"]);
  });

  test("is read again when the policy or its labels are replaced, and not otherwise", async () => {
    const host = memory(files);
    const policies = createPolicies(host, createLiveSource(host));
    const request = { wanted: directory, root: "", trusted: true, strict: true, directories: [] };
    const first = await policies.choose(request);
    assert.equal((await policies.choose(request)).facts, first.facts);
    host.write(`${directory}/contexts/files/file_contexts.local`, "/srv/x system_u:object_r:run_t:s0\n");
    assert.equal((await policies.choose(request)).facts.label("/srv/x", "file").type, "run_t");
  });

  test("that holds no policy is an error with the reason", async () => {
    const host = memory({ "/d/x": "", "/p/policy.33": "no policy", "/j.json": "[" });
    await assert.rejects(
      choose(host, { wanted: "/d" }),
      /\/d cannot be used as a policy: there is no policy\/policy\.NN/,
    );
    await assert.rejects(choose(host, { wanted: "/p/policy.33" }), PolicyError);
    await assert.rejects(choose(host, { wanted: "/j.json" }), PolicyError);
    await assert.rejects(choose(host, { wanted: "/none" }), /cannot read the policy \/none: No such file/);
  });
});
