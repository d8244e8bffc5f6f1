/**
 * The ports of daemons, on every release: a daemon may bind its own type only and is likely to be the backend, so another
 * label for its port is never the fix to offer first, neither of a finding alone nor in the plan.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDaemonPortType, PORT_PURPOSES, WEB_PORT_TYPE } from "../../server/src/fixes/purpose.ts";
import type { Fix } from "../../server/src/fixes/fix.ts";
import { planOf } from "../../server/src/offers/planAnalysis.ts";
import type { Access } from "../../server/src/nginx/access.ts";
import type { Policy, Protocol } from "../../server/src/selinux/policy.ts";
import { releases } from "../support/bundledPolicies.ts";
import { analysed } from "../support/planned.ts";
import { judge, listen, release, tcp } from "./situation.ts";

const purposes: ReadonlySet<string> = new Set(PORT_PURPOSES.flatMap(({ types }) => types));

/** The first port of a record. */
interface Claimed {
  readonly protocol: Protocol;
  readonly low: number;
  readonly type: string;
}

/** Of each record whose type is a daemon's, or has a boolean of the table; not where another record has the port. */
function claimed(policy: Policy): readonly Claimed[] {
  return policy.facts.ports.flatMap(({ protocol, low, type }) => {
    if (protocol !== "tcp" && protocol !== "udp") return [];
    const isClaimed = purposes.has(type) || isDaemonPortType(type, protocol);
    return isClaimed && policy.portType(protocol, low) === type ? [{ protocol, low, type }] : [];
  });
}

function accessesOf({ protocol, low }: Claimed): readonly Access[] {
  return protocol === "tcp" ? [tcp(low), listen("tcp", low)] : [listen("udp", low)];
}

function relabels(fix: Fix | undefined): boolean {
  return fix?.changes.some(({ kind }) => kind === "port") === true;
}

for (const name of releases) {
  test(`${name}: the first fix leaves each daemon its port, and a label that takes one says from whom`, () => {
    const policy = release(name);
    const met = new Set<string>();
    for (const record of claimed(policy)) {
      for (const access of accessesOf(record)) {
        const where = `${name} ${access.kind} ${record.protocol} ${record.low} ${record.type}`;
        for (const { fixes } of judge(policy, access)) {
          met.add(record.type);
          const [first] = fixes;
          assert.ok(first !== undefined && !relabels(first), `${where}: ${first?.title ?? "no fix"}`);
          for (const fix of fixes.filter(relabels))
            assert.match(`${fix.title} ${fix.opens}`, new RegExp(record.type.replace(/_port_t$/u, "")), where);
        }
      }
    }
    const here = policy.facts.ports.map(({ type }) => type);
    const expected = [...purposes].filter((type) => here.includes(type) && type !== WEB_PORT_TYPE);
    assert.deepEqual(
      expected.filter((type) => !met.has(type)),
      [],
      "of each type of the table something is refused",
    );
  });
}

test("neither does the plan for all of them together", async () => {
  for (const name of releases) {
    const policy = release(name);
    const ports = [...purposes].flatMap((type) => {
      const record = policy.facts.ports.find((each) => each.type === type && each.protocol === "tcp");
      return record === undefined ? [] : [record.low];
    });
    const servers = ports.map((port) => `server { listen unix:/run/nginx/${port}; proxy_pass 127.0.0.1:${port}; }`);
    const plan = planOf(await analysed(policy, `events {} stream { ${servers.join("\n")} }`));
    assert.deepEqual(
      plan.steps.filter(({ change }) => change.kind === "port").map(({ change }) => change),
      [],
      name,
    );
    assert.deepEqual(plan.uncleared, [], name);
  }
});
