/** A shop's whole tree before its upgrade from RHEL 7 to 10: the report is a fixture, without the words of the messages. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runCli } from "../../support/commandLine.ts";

const directory = join(import.meta.dirname, "../../fixtures/migration");

test("what a large tree meets on the next release", async () => {
  const policies = ["--policy", "rhel7", "--policy", "rhel10"];
  const { out, code } = await runCli(directory, ["check", ...policies, "--container", "no", "nginx/nginx.conf"]);
  assert.equal(code, 1);
  const report = out.replaceAll(/^(\S+ +\S+ +\S+:\d+:\d+): .* (\[[\w-]+\])$/gm, "$1 $2");
  assert.equal(report, readFileSync(join(directory, "report.txt"), "utf8"));
  // What the policies differ in: http_port_t for connections (7 to 8), unconfined services (8 to 9), QUIC (7).
  for (const line of [
    /^- +error +\S+upstreams\.conf:3:29 \[connect-port\]$/m,
    /^- +warning +\S+upstreams\.conf:4:28 \[connect-socket\]$/m,
    /^error +- +\S+quic\.conf:2:12 \[listen-port\]$/m,
  ])
    assert.match(report, line);
});
