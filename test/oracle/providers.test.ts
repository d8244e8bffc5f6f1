/** The providers on a distribution's policy: file, live host over the private root, and a snapshot give the same answers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { createNodeHost } from "../../server/src/host/hostNode.ts";
import { binaryFacts } from "../../server/src/selinux/binary/binaryFacts.ts";
import { openLive } from "../../server/src/selinux/host/live.ts";
import type { PolicyFacts } from "../../server/src/selinux/policy.ts";
import { snapshotFacts } from "../../server/src/selinux/files/snapshot.ts";
import { writeSnapshot } from "../../server/src/selinux/files/writeSnapshot.ts";
import { findOracle } from "../support/oracle.ts";
import { assertSameAnswers } from "../support/sameAnswers.ts";

const found = findOracle();

test(
  "a distribution's policy gives the same answers as host, as snapshot, and as a file",
  { skip: found.skip },
  async () => {
    assert.ok(found.skip === false);
    const { root, policy } = found.oracle;
    const live = await openLive(
      createNodeHost("/nonexistent", () => undefined),
      root,
    );
    assert.ok(live.available, live.available ? "" : live.reason);
    assert.ok(live.facts.info.provenance.includes(`/etc/selinux/default/policy/${basename(policy)}`));
    assert.equal(live.mode, "permissive");
    const domains = ["httpd_t", "mysqld_t", "unconfined_t"];
    const names = { name: "debian", title: "Debian", provenance: "a test" };
    const snapshot = snapshotFacts(JSON.stringify(writeSnapshot(live.facts, domains, names)), "snapshot");
    const { contents } = live.facts;
    assert.ok(contents !== undefined);
    const types = [...contents.types, ...contents.aliases.keys(), "nonexistent_t"].filter(
      (_, index) => index % 37 === 0,
    );
    const booleans = [...live.facts.booleans].filter(([name]) => name.startsWith("httpd_"));
    const states = [
      [],
      booleans.map(([name]) => ({ kind: "boolean" as const, name, value: true })),
      booleans.map(([name]) => ({ kind: "boolean" as const, name, value: false })),
    ];
    const questions = {
      domains,
      types,
      paths: [
        "/",
        "/srv/www/x",
        "/var/www/html",
        "/run/app/app.sock",
        "/var/run/nginx.pid",
        "/home/me/site",
        "/etc/nginx/x",
        "/var/log/nginx/access.log",
      ],
      specs: ["/var/www(/.*)?", "/srv(/.*)?", "/var/log/nginx(/.*)?", "/run/app(/.*)?"],
      ports: [0, 21, 53, 80, 443, 1023, 3000, 3306, 5000, 6379, 8008, 8080, 8081, 9000, 11211, 40000, 65535],
      states,
    };
    const { asked, allowed, denied } = assertSameAnswers(
      new Map<string, PolicyFacts>([
        ["host", live.facts],
        ["snapshot", snapshot],
      ]),
      questions,
    );
    assert.ok(asked > 5000 && allowed > 100 && denied > 100, `${asked} asked, ${allowed} allowed, ${denied} denied`);
    // Without file_contexts beside it a policy file knows no labels; everything else is the same.
    const file = binaryFacts(readFileSync(policy), live.facts.info);
    assertSameAnswers(
      new Map<string, PolicyFacts>([
        ["host", live.facts],
        ["file", file],
      ]),
      { ...questions, paths: [], specs: [] },
    );
  },
);
