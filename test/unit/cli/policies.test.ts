/** The policy that a run judges by: a release, a host's or a snapshot, with booleans, or none for a container. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, lstatSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { releaseNames } from "../../../server/src/base/bundledReleases.ts";
import type { Report } from "../../../server/src/report/report.ts";
import { bundledText } from "../../support/bundledPolicies.ts";
import { conf, createCliDirectory, proxyTo } from "../../support/cliDirectory.ts";
import { writeLiveTree } from "../../support/liveDirectory.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";

const { directory, write, run } = createCliDirectory();

suite("the policy that a run judges by", () => {
  test("every bundled release answers by its name", async () => {
    const nginx = write("named/nginx.conf", proxyTo("127.0.0.1:3000"));
    for (const name of releaseNames) {
      const { out, code } = await run(["check", nginx, "--policy", name, "--format", "json"]);
      const { policy }: Report = JSON.parse(out);
      assert.deepEqual([code, policy.name, policy.reason], [1, name, `${name} was asked for`]);
      const explained = await run(["explain", "tcp/3000", "--policy", name]);
      assert.equal(explained.code, 0, explained.err);
    }
  });

  test("auto follows os-release of --root and says why, and a snapshot is read from its path", async () => {
    write(
      "root/etc/os-release",
      'ID="rocky"\nVERSION_ID="8.9"\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="Rocky Linux 8.9"\n',
    );
    write("root/etc/nginx/nginx.conf", conf("  include /etc/nginx/conf.d/*.conf;"));
    const included = write(
      "root/etc/nginx/conf.d/a.conf",
      "server { location / { proxy_pass http://127.0.0.1:3000; } }\n",
    );
    const snapshot = write("snapshot.json", bundledText("rhel7"));
    const [rooted, written] = await Promise.all([
      run(["check", "--root", join(directory, "root"), "--format", "json"]),
      run(["check", write("snap.conf", proxyTo("127.0.0.1:9000")), "--policy", snapshot, "--format", "json"]),
    ]);
    const report: Report = JSON.parse(rooted.out);
    assert.equal(report.policy.name, "rhel8");
    assert.match(report.policy.reason ?? "", /Rocky Linux 8\.9, mapped to rhel8/);
    assert.match(rooted.err, /Rocky Linux 8\.9, mapped to rhel8/);
    assert.equal(report.findings[0]?.file, included);
    const other: Report = JSON.parse(written.out);
    assert.deepEqual([written.code, other.policy.source, other.policy.name], [0, "snapshot", "rhel7"]);
  });

  test("a what-if boolean decides", async () => {
    const path = write("whatif.conf", proxyTo("127.0.0.1:8080"));
    const [off, on] = await Promise.all([
      run(["check", path, "--policy", "rhel9"]),
      run(["check", path, "--policy", "rhel9", "--boolean", "httpd_can_network_relay=on"]),
    ]);
    assert.deepEqual([off.code, on.code], [1, 0]);
  });

  test("a configuration for a container is not judged, and every format says why", async () => {
    const path = write("boxed/nginx.conf", proxyTo("127.0.0.1:3000"));
    write("boxed/Dockerfile", "FROM nginx\nCOPY nginx.conf /etc/nginx/nginx.conf\n");
    const why = "Dockerfile, line 2, copies this configuration into an image";
    const base = ["check", path, "--policy", "rhel9"];
    const { code, out, err } = await run(base);
    assert.equal(code, 0);
    assert.match(err, /^container: Dockerfile, line 2, copies .*\(--container no checks it\)$/m);
    assert.match(
      out,
      /^1 cause at 1 place \(1 information\) in 1 file, \d+ accesses not checked, since this is for a container: Dockerfile, line 2,/m,
    );
    const report: Report = JSON.parse((await run([...base, "--all", "--format", "json"])).out);
    assert.equal(report.container, why);
    assert.deepEqual(
      report.findings.map(({ rule }) => rule),
      ["not-confined"],
    );
    assert.ok((report.accesses ?? []).length > 0);
    for (const { verdict, because } of report.accesses ?? []) {
      assert.equal(verdict, "unknown");
      assert.deepEqual(because, [`not checked, since this is for a container: ${why}`]);
    }
    assert.equal((await run([...base, "--container", "no"])).code, 1);
    assert.equal((await run([...base, "--container=auto", "--fail-on", "information"])).code, 1);
  });

  test("--container yes keeps the host's policy out, and another word is a mistake", async () => {
    const path = write("unboxed/nginx.conf", proxyTo("127.0.0.1:3000"));
    const base = ["check", path, "--policy", "rhel9"];
    assert.equal((await run(base)).code, 1);
    assert.equal((await run([...base, "--container", "yes"])).code, 0);
    const { code, err } = await run([...base, "--container", "on"]);
    assert.equal(code, 2);
    assert.match(err, /--container needs one of auto, yes, no, not "on"/);
  });

  test("snapshot writes the policy of a host, and the file beside a configuration answers as the host does", async () => {
    const root = join(directory, "host");
    writeLiveTree(root, { policy: webPolicy(33), fileContexts: ["/srv(/.*)? system_u:object_r:content_t:s0"] });
    const nginx = write("shop/nginx.conf", proxyTo("127.0.0.1:50"));
    const target = join(directory, "shop/nginx-selinux.snapshot.json");
    const first = await run(["snapshot", "--root", root, "-o", target]);
    assert.deepEqual([first.code, first.out], [0, ""], first.err);
    assert.match(first.err, /Red Hat Enterprise Linux 9\.4 \(Plow\)/);
    const [live, written, printed, again] = await Promise.all([
      run(["check", nginx, "--root", root, "--policy", "live", "--format", "json"]),
      run(["check", nginx, "--policy", target, "--format", "json"]),
      run(["snapshot", "--root", root]),
      run(["snapshot", "--root", root, "--output", target]),
    ]);
    const [one, other]: readonly Report[] = [JSON.parse(live.out), JSON.parse(written.out)];
    assert.deepEqual([one?.policy.source, other?.policy.source], ["live", "snapshot"]);
    assert.deepEqual(
      one?.findings.map(({ rule, access }) => [rule, access?.target]),
      [["connect-port", "port_t"]],
    );
    assert.deepEqual(
      one?.findings.map(({ rule, access }) => [rule, access?.target]),
      other?.findings.map(({ rule, access }) => [rule, access?.target]),
    );
    assert.match(
      other?.policy.provenance ?? "",
      /^snapshot of Red Hat Enterprise Linux 9\.4 \(Plow\) on \d{4}-\d\d-\d\d: /,
    );
    assert.equal(printed.out, readFileSync(target, "utf8"));
    assert.equal(again.code, 0);
    const explained = await run(["explain", "tcp/8080", "--root", root, "--policy", "live"]);
    assert.match(explained.out, /httpd_t: allowed\n {4}why {2}tcp port 8080 has type db_port_t/);
    assert.match(explained.out, /until "semanage port -d -p tcp 8000-8100" has removed it/);
  });

  test("snapshot overwrites nothing but a snapshot, and writes none of what is one already", async () => {
    const root = join(directory, "host");
    writeLiveTree(root, { policy: webPolicy(33) });
    const precious = write("precious.json", '{ "precious": true }');
    const refused = await run(["snapshot", "--root", root, "-o", precious]);
    assert.equal(refused.code, 2);
    assert.match(refused.err, /precious\.json: it exists and is no snapshot/);
    assert.equal(readFileSync(precious, "utf8"), '{ "precious": true }');
    const folder = await run(["snapshot", "--root", root, "-o", directory]);
    assert.match(folder.err, /Is a directory/);
    const nowhere = await run(["snapshot", "--root", root, "-o", join(directory, "none/s.json")]);
    assert.match(nowhere.err, /cannot write in .*none/);
    const bundled = await run(["snapshot", "--policy", "rhel9"]);
    assert.match(bundled.err, /bundled: there is no host or policy file/);
    assert.deepEqual([folder.code, nowhere.code, bundled.code], [2, 2, 2]);
  });

  test("snapshot -o keeps the mode of the file, and writes nothing where a link leads", async () => {
    const root = join(directory, "host");
    writeLiveTree(root, { policy: webPolicy(33) });
    const target = join(directory, "kept.json");
    assert.equal((await run(["snapshot", "--root", root, "-o", target])).code, 0);
    for (const mode of [0o600, 0o664]) {
      chmodSync(target, mode);
      assert.equal((await run(["snapshot", "--root", root, "-o", target])).code, 0);
      assert.equal(statSync(target).mode & 0o777, mode);
    }
    const link = join(directory, "link.json");
    const leads = join(directory, "elsewhere.json");
    symlinkSync(leads, link);
    assert.equal((await run(["snapshot", "--root", root, "-o", link])).code, 0);
    assert.equal(existsSync(leads), false);
    assert.ok(lstatSync(link).isFile());
  });
});
