import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { openLive } from "../../../server/src/selinux/host/live.ts";
import type { LivePolicy } from "../../../server/src/selinux/host/live.ts";
import { liveTree, statusPage } from "../../support/liveTree.ts";
import type { LiveTree } from "../../support/liveTree.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";
import type { MemoryHost } from "../../support/memoryHost.ts";
import { encodePolicy } from "../../support/policies/encoder.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";

const fileContexts = ["/ -d system_u:object_r:content_t:s0", "/var/run(/.*)? system_u:object_r:run_t:s0"];
const usual: LiveTree = { policy: webPolicy(33), fileContexts, subsDist: ["/run /var/run"] };
const policyDirectory = "/etc/selinux/targeted/policy";
const selinuxfs = "/sys/fs/selinux";

function hostOf(tree: Partial<LiveTree> = {}): MemoryHost {
  return createMemoryHost(liveTree({ ...usual, ...tree }));
}

async function opened(host: MemoryHost, previous: LivePolicy | null = null, root = ""): Promise<LivePolicy> {
  const live = await openLive(host, root, previous);
  assert.ok(live.available, live.available ? "" : live.reason);
  return live;
}

async function reasonOf(host: MemoryHost, root = ""): Promise<string> {
  const live = await openLive(host, root);
  assert.ok(!live.available);
  return live.reason;
}

suite("the policy of a running host", () => {
  test("has the host's name, release, mode and labels", async () => {
    const live = await opened(hostOf());
    assert.equal(live.mode, "enforcing");
    assert.deepEqual(live.facts.info, {
      source: "live",
      name: "rhel9.4",
      title: "Red Hat Enterprise Linux 9.4 (Plow)",
      provenance: "/etc/selinux/targeted/policy/policy.33, kernel policy version 33",
      mode: "enforcing",
      exactLabels: true,
    });
    assert.deepEqual(live.localPorts, [32768, 60999]);
    assert.deepEqual(live.facts.label("/run/app", "dir"), { type: "run_t", exact: true, spec: "/var/run(/.*)?" });
  });

  test("names the package of the policy where rpm knows it, and asks once for one policy", async () => {
    const host = hostOf();
    host.program = (file) =>
      file === "/usr/bin/rpm"
        ? { code: 0, stdout: "selinux-policy-targeted-38.1.45-3.el9_5.noarch\n", stderr: "" }
        : undefined;
    const live = await opened(host);
    assert.match(live.facts.info.provenance, /^selinux-policy-targeted-38\.1\.45-3\.el9_5\.noarch, /);
    host.write(`${selinuxfs}/enforce`, "0");
    await opened(host, live);
    assert.deepEqual(host.runs, ["/usr/bin/rpm -q -- selinux-policy-targeted"]);
  });

  test("says nothing of a package that rpm does not have", async () => {
    const host = hostOf();
    host.program = () => ({ code: 1, stdout: "package selinux-policy-targeted is not installed\n", stderr: "" });
    assert.doesNotMatch((await opened(host)).facts.info.provenance, /selinux-policy/);
  });

  test("takes its mode from the kernel, not from the configuration", async () => {
    const live = await opened(hostOf({ enforce: "0" }));
    assert.equal(live.mode, "permissive");
    assert.equal(live.facts.info.mode, "permissive");
  });

  test("keeps persistent values in the facts and gives runtime values apart", async () => {
    const live = await opened(hostOf({ booleans: { connect_any: true } }));
    assert.equal(live.facts.booleans.get("connect_any"), false);
    assert.equal(live.booleans.get("connect_any"), true);
    assert.equal(live.booleans.get("connect_db"), true);
  });

  test("is the newest file that kernel or library can read, as libselinux chooses it", async () => {
    const host = hostOf();
    host.write(`${policyDirectory}/policy.31`, "old");
    host.write(`${policyDirectory}/policy.36`, "of a library that is newer than all that we know");
    host.write(`${policyDirectory}/policy.33.bak`, "no policy");
    assert.match((await opened(host)).facts.info.provenance, /policy\.33,/);
  });

  test("is the one that the kernel shows where the file on disk cannot be read", async () => {
    const host = hostOf();
    host.write(`${policyDirectory}/policy.33`, { error: "EACCES" });
    host.write(`${selinuxfs}/policy`, encodePolicy(webPolicy(31)));
    const live = await opened(host);
    assert.match(live.facts.info.provenance, /^the running policy/);
    assert.equal(live.facts.label("/run/app", "dir").type, "run_t");
  });

  test("is the one that the kernel shows where the file on disk is damaged", async () => {
    const host = hostOf();
    host.write(`${policyDirectory}/policy.33`, "damaged");
    host.write(`${selinuxfs}/policy`, encodePolicy(webPolicy(33)));
    assert.match((await opened(host)).facts.info.provenance, /^the running policy/);
  });

  test("comes from the directory that SELINUXTYPE names", async () => {
    const files = liveTree({ ...usual, config: "# comment\nSELINUX=enforcing\nSELINUXTYPE = mls\n" });
    const moved = Object.entries(files).map(([path, entry]) => [path.replace("/targeted/", "/mls/"), entry] as const);
    const live = await opened(createMemoryHost(Object.fromEntries(moved)));
    assert.match(live.facts.info.provenance, /^\/etc\/selinux\/mls\/policy\/policy\.33/);
  });

  test("has inexact labels where there is no file_contexts", async () => {
    const host = hostOf();
    host.remove("/etc/selinux/targeted/contexts/files/file_contexts");
    const live = await opened(host);
    assert.equal(live.facts.info.exactLabels, false);
    assert.deepEqual(live.facts.label("/run/app", "dir"), { type: null, exact: false, spec: null });
  });

  test("knows the types that restorecon leaves alone", async () => {
    const host = hostOf();
    host.write("/etc/selinux/targeted/contexts/customizable_types", "container_file_t\nsvirt_image_t\n");
    assert.deepEqual([...(await opened(host)).customizableTypes], ["container_file_t", "svirt_image_t"]);
  });
});

suite("a second look at the host", () => {
  test("gives the same object where nothing changed, and reads no policy", async () => {
    const host = hostOf();
    const live = await opened(host);
    const before = host.reads.length;
    assert.equal(await opened(host, live), live);
    assert.ok(!host.reads.slice(before).some((path) => path.includes("/policy/") || path.includes("/booleans/")));
  });

  test("sees a boolean that was set, by the count of policy loads", async () => {
    const host = hostOf();
    const live = await opened(host);
    host.write(`${selinuxfs}/booleans/connect_any`, "1 1");
    host.write(`${selinuxfs}/status`, statusPage({ policyLoad: 2 }));
    const next = await opened(host, live);
    assert.equal(next.booleans.get("connect_any"), true);
    assert.equal(next.facts.booleans, live.facts.booleans);
  });

  test("sees a policy of the same size by its stamp", async () => {
    const host = hostOf();
    const live = await opened(host);
    host.write(
      `${policyDirectory}/policy.33`,
      encodePolicy({ ...webPolicy(33), booleans: { connect_any: true, connect_db: true, maintenance: false } }),
    );
    assert.equal((await opened(host, live)).facts.booleans.get("connect_any"), true);
  });

  test("sees new file contexts", async () => {
    const host = hostOf();
    const live = await opened(host);
    const local = "/etc/selinux/targeted/contexts/files/file_contexts.local";
    host.write(local, "/run/app(/.*)? system_u:object_r:httpd_tmp_t:s0\n");
    assert.equal((await opened(host, live)).facts.label("/var/run/app", "dir").type, "run_t");
    host.write(local, "/var/run/app(/.*)? system_u:object_r:httpd_tmp_t:s0\n");
    assert.equal((await opened(host, live)).facts.label("/run/app", "dir").type, "httpd_tmp_t");
  });

  test("sees the mode and keeps what the policy says", async () => {
    const host = hostOf();
    const live = await opened(host);
    host.write(`${selinuxfs}/enforce`, "0");
    const next = await opened(host, live);
    assert.equal(next.mode, "permissive");
    assert.equal(next.facts.ports, live.facts.ports);
  });

  test("reads every boolean of a copy, which has no count", async () => {
    const host = hostOf({ root: "/copy" });
    const live = await opened(host, null, "/copy");
    host.write(`/copy${selinuxfs}/booleans/connect_any`, "1 1");
    assert.equal((await opened(host, live, "/copy")).booleans.get("connect_any"), true);
  });

  test("does not take one root for another", async () => {
    const host = createMemoryHost({ ...liveTree(usual), ...liveTree({ ...usual, root: "/copy", enforce: "0" }) });
    const live = await opened(host);
    assert.equal((await opened(host, live, "/copy")).mode, "permissive");
  });
});

suite("the status page", () => {
  test("is read in the machine's own byte order", async () => {
    const host = hostOf();
    host.write(`${selinuxfs}/status`, statusPage({ policyLoad: 7, bigEndian: true }));
    const live = await opened(host);
    assert.match(live.cache.booleansKey ?? "", / 7$/);
  });

  test("that never comes to rest is not trusted: booleans are read again", async () => {
    const host = hostOf();
    host.write(`${selinuxfs}/status`, statusPage({ policyLoad: 1, sequence: 3 }));
    const live = await opened(host);
    assert.equal(live.cache.booleansKey, null);
    host.write(`${selinuxfs}/booleans/connect_any`, "1 1");
    assert.equal((await opened(host, live)).booleans.get("connect_any"), true);
  });

  test("that is written while it is read is read again", async () => {
    const host = hostOf();
    host.write(`${selinuxfs}/status`, statusPage({ policyLoad: 1, sequence: 3 }));
    host.onYield = () => host.write(`${selinuxfs}/status`, statusPage({ policyLoad: 9, sequence: 4 }));
    assert.match((await opened(host)).cache.booleansKey ?? "", / 9$/);
  });
});

suite("a host without SELinux", () => {
  test("says so where there is neither a kernel nor a configuration", async () => {
    assert.match(await reasonOf(createMemoryHost({ "/etc/passwd": "" })), /^SELinux is not there: neither /);
  });

  test("says so where it is a container", async () => {
    const host = createMemoryHost({ "/run/.containerenv": "", "/etc/selinux/config": "SELINUX=enforcing\n" });
    assert.match(await reasonOf(host), /container/);
  });

  test("says so where no policy is installed", async () => {
    const host = createMemoryHost({ "/etc/selinux/config": "SELINUX=enforcing\n" });
    assert.match(await reasonOf(host), /^there is no policy in \/etc\/selinux\/targeted\/policy/);
  });

  test("says which file cannot be used and why", async () => {
    const host = hostOf();
    host.write(`${policyDirectory}/policy.33`, "damaged");
    assert.match(await reasonOf(host), /policy\.33: Not a readable SELinux policy: at byte 0/);
  });

  test("is disabled where it is configured and the kernel has it not", async () => {
    assert.equal((await opened(hostOf({ enforce: null, config: "SELINUX=disabled\n" }))).mode, "disabled");
    assert.equal((await opened(hostOf({ enforce: null }))).mode, "disabled");
  });
});

test("a hostile configuration is read in linear time, and can name no directory elsewhere", async () => {
  const spaces = " \n".repeat(400_000);
  const host = hostOf({ root: "/copy", config: `x${spaces}SELINUXTYPE=../../../home/me\n${spaces}x` });
  assert.match((await opened(host, null, "/copy")).facts.info.provenance, /^\/etc\/selinux\/targeted\//);
});

suite("a copy of another machine's root", () => {
  test("is taken for the machine as it boots", async () => {
    for (const mode of ["enforcing", "permissive", "disabled"]) {
      const host = hostOf({ root: "/copy", enforce: null, config: `SELINUX=${mode}\n` });
      const live = await opened(host, null, "/copy");
      assert.equal(live.mode, mode);
      assert.deepEqual(live.booleans, live.facts.booleans);
      assert.deepEqual(host.runs, []);
    }
  });

  test("reads nothing outside of it", async () => {
    const host = hostOf({ root: "/copy" });
    await opened(host, null, "/copy");
    assert.deepEqual(
      host.reads.filter((path) => !path.startsWith("/copy/")),
      [],
    );
  });
});
