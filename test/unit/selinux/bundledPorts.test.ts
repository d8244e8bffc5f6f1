/** Ports of the bundled releases: every one against an independent calculation, their types and records, and listening. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decide } from "../../../server/src/selinux/decide.ts";
import type { Change, Protocol } from "../../../server/src/selinux/policy.ts";
import type { Decision } from "../../../server/src/selinux/query.ts";
import { ask, label, on, options, policy, rebased, source } from "../../support/bundledAnswers.ts";
import { releases } from "../../support/bundledPolicies.ts";
import type { Release } from "../../support/bundledPolicies.ts";

function bind(release: Release, port: number, protocol: Protocol = "tcp", changes: readonly Change[] = []): Decision {
  return ask(release, { kind: "bind-port", source, protocol, port }, changes);
}

/* Every port. `portVerdicts.json` was worked out from the measured facts by another program, in another language. */

interface PortVerdicts {
  /** SHA-256 of a line `port type verdict flips` for each port 1-65535; type `-` where nothing is checked. */
  readonly digest: string;
  readonly allowed: string;
  readonly flips: { readonly [boolean: string]: string };
}

const portVerdicts: { readonly [release: string]: { readonly [question: string]: PortVerdicts } } = JSON.parse(
  readFileSync(new URL("../../fixtures/policies/portVerdicts.json", import.meta.url), "utf8"),
);

/** For example `1-52 54`. `ports` ascend. */
function rangesOf(ports: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const port of ports) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === port - 1) last[1] = port;
    else ranges.push([port, port]);
  }
  return ranges.map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`)).join(" ");
}

const questions = [
  ["connect tcp", "connect-port", "tcp"],
  ["bind tcp", "bind-port", "tcp"],
  ["bind udp", "bind-port", "udp"],
] as const;

for (const release of releases) {
  for (const [question, kind, protocol] of questions) {
    test(`${release}: ${question} has the measured verdict, type and booleans for every port`, () => {
      const expected = portVerdicts[release]?.[question];
      assert.ok(expected);
      const [lines, allowed, flips]: [string[], number[], Map<string, number[]>] = [[], [], new Map()];
      const current = policy(release);
      for (let port = 1; port <= 65535; port++) {
        const decision = decide(current, { kind, source, protocol, port }, options);
        const names = decision.flips.map(({ name }) => name);
        lines.push(`${port} ${decision.target ?? "-"} ${decision.verdict} ${names.toSorted().join()}`);
        if (decision.verdict === "allowed") allowed.push(port);
        for (const name of names) {
          const ports = flips.get(name);
          if (ports === undefined) flips.set(name, [port]);
          else ports.push(port);
        }
      }
      assert.equal(rangesOf(allowed), expected.allowed);
      for (const [name, ports] of Object.entries(expected.flips))
        assert.equal(rangesOf(flips.get(name) ?? []), ports, name);
      assert.equal(createHash("sha256").update(lines.join("\n")).digest("hex"), expected.digest);
    });
  }
}

const portTypes: readonly [type: string, ports: readonly number[]][] = [
  ["http_port_t", [80, 81, 443, 488, 8008, 8009, 8443, 9000]],
  ["http_cache_port_t", [8080, 8118, 8123, 10001, 10010]],
  ["ntop_port_t", [3000, 3001]],
  ["transproxy_port_t", [8081]],
  ["postgresql_port_t", [5432]],
  ["redis_port_t", [6379]],
  ["ephemeral_port_t", [50051]],
];
for (const [type, ports] of portTypes) {
  test(`tcp ${ports.join(", ")} is ${type} in every release`, () => {
    for (const release of releases) {
      for (const port of ports) assert.equal(policy(release).portType("tcp", port), type, `${release} ${port}`);
    }
  });
}

test("8080 is not http_port_t, and 81, 488 and 9000 are", () => {
  for (const release of releases) {
    const http = policy(release).facts.ports.filter(
      ({ protocol, type }) => protocol === "tcp" && type === "http_port_t",
    );
    assert.deepEqual(
      http
        .map(({ low, high }) => [low, high])
        .flat()
        .sort((a, b) => a - b),
      [80, 80, 81, 81, 443, 443, 488, 488, 8008, 8008, 8009, 8009, 8443, 8443, 9000, 9000],
    );
  }
});

test("tcp 9010 has a record of its own before RHEL 10.1 and Fedora 42, and none since", () => {
  for (const release of releases)
    assert.equal(policy(release).definesPort("tcp", 9010, 9010), !rebased.includes(release), release);
});

test("semanage has a record for 8080, 8081 and 8443 and for the range 3000-3001, and none for 3000, 9443, 27017 or 50051", () => {
  for (const release of releases) {
    const defined = (low: number, high = low): boolean => policy(release).definesPort("tcp", low, high);
    for (const port of [80, 8080, 8081, 8443, 5432]) assert.ok(defined(port), `${release} ${port}`);
    assert.ok(defined(3000, 3001));
    assert.ok(defined(10001, 10010));
    for (const port of [3000, 3001, 9443, 27017, 10005, 50051]) assert.ok(!defined(port), `${release} ${port}`);
  }
});

/* Listening. */

test("nginx may listen on the web, cache, ntop, JBoss and Puppet ports, and on no other below the local range", () => {
  const bindable = [80, 443, 8080, 3000, 3001, 4447, 9990, 9999, 18001, 5445, 5455, 8140, 8443, 9000];
  for (const release of releases) {
    for (const port of bindable) assert.equal(bind(release, port).verdict, "allowed", `${release} ${port}`);
    for (const port of [8888, 5000, 8081, 8090, 61000])
      assert.equal(bind(release, port).verdict, "denied", `${release} ${port}`);
    for (const port of [32768, 40000, 60999])
      assert.equal(bind(release, port).verdict, "allowed", `${release} ${port}`);
  }
});

test("udp 443 is denied on RHEL 7-10.0 until it is labelled, and allowed on 10.1 and Fedora", () => {
  for (const release of releases) {
    assert.equal(bind(release, 443, "udp").verdict, rebased.includes(release) ? "allowed" : "denied", release);
    assert.equal(bind(release, 443, "udp", [label(443, "http_port_t", "udp")]).verdict, "allowed", release);
    assert.equal(bind(release, 40000, "udp").verdict, "allowed");
  }
});

test("no network-connect boolean helps a denied listen, and the label does", () => {
  for (const release of releases) {
    const booleans = on("httpd_can_network_connect", "httpd_can_network_relay", "httpd_graceful_shutdown");
    assert.equal(bind(release, 8888, "tcp", booleans).verdict, "denied");
    assert.equal(bind(release, 8888, "tcp", [label(8888, "http_port_t")]).verdict, "allowed");
  }
});
