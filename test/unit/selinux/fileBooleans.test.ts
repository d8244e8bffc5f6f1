import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "../../../server/src/selinux/decide.ts";
import { fileBooleans } from "../../../server/src/selinux/fileBooleans.ts";
import { fileUses } from "../../../server/src/selinux/filePermissions.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import type { FileQuery } from "../../../server/src/selinux/query.ts";
import { bundledFacts } from "../../support/bundledPolicies.ts";

const localPorts = [32_768, 60_999] as const;

/** Places of every kind of label: homes, other services, removable and network file systems have none by default. */
const PATHS = ["/home/joe/site", "/var/www/html", "/srv/x", "/etc/shadow", "/var/lib/mysql/a", "/root/a", "/tmp/a"];

const queries: readonly FileQuery[] = PATHS.flatMap((path) =>
  fileUses.flatMap((use) =>
    (["file", "dir"] as const).flatMap((object) =>
      [true, false, null].map((exists): FileQuery => ({ kind: "file", source: "httpd_t", path, object, use, exists })),
    ),
  ),
);

test("a boolean that is no file boolean changes no decision about a file", () => {
  for (const release of ["rhel7", "rhel9"] as const) {
    const policy = policyOf(bundledFacts(release));
    const ofFiles = fileBooleans(policy.facts, "httpd_t");
    const others = [...policy.booleans].filter(([name]) => !ofFiles.has(name));
    const flipped = policy.with(others.map(([name, value]) => ({ kind: "boolean", name, value: !value })));
    for (const query of queries)
      assert.equal(
        decide(flipped, query, { localPorts }).verdict,
        decide(policy, query, { localPorts }).verdict,
        `${release} ${JSON.stringify(query)}`,
      );
    assert.ok(others.length > 10, `${others.length} booleans`);
  }
});

test("booleans for homes are file booleans, those for connections are none", () => {
  const names = fileBooleans(bundledFacts("rhel9"), "httpd_t");
  assert.deepEqual(
    ["httpd_read_user_content", "httpd_enable_homedirs", "httpd_can_network_connect", "httpd_can_network_relay"].map(
      (name) => names.has(name),
    ),
    [true, true, false, false],
  );
});
