/** Every port of every release through the whole engine, against verdicts that are computed here in the plainest way. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createLanguageService } from "../../server/src/languageService.ts";
import { plainSurroundings } from "../../server/src/workspace/surroundings.ts";
import { defaultSettings } from "../../server/src/shared/settings.ts";
import type { Condition, PolicyFacts } from "../../server/src/selinux/policy.ts";
import { bundledFacts, bundledText, releases, type Release } from "../support/bundledPolicies.ts";
import { createMemoryHost } from "../support/memoryHost.ts";

const ports = Array.from({ length: 65535 }, (_, i) => i + 1);
const localPorts = [32768, 60999] as const;
type Protocol = "tcp" | "udp";
type Denied = (protocol: Protocol, port: number, cls: string, permission: string) => boolean;

/** Runs the engine on a configuration and gives the ports that a rule refuses. */
async function refused(release: Release, text: string, rule: string): Promise<number[]> {
  const host = createMemoryHost({ "/etc/nginx/nginx.conf": text }, () => bundledText(release));
  const service = createLanguageService(host, {
    ...plainSurroundings,
    settingsFor: () => ({ ...defaultSettings, policy: release }),
  });
  const { analysis } = await service.analyzeFile("/etc/nginx/nginx.conf");
  return analysis.findings.flatMap(({ rule: found, access }) => {
    assert.equal(found, rule);
    return access !== null && "port" in access && access.port !== null ? [access.port] : [];
  });
}

const holds = (condition: Condition, facts: PolicyFacts): boolean => {
  switch (condition.op) {
    case "true":
      return true;
    case "bool":
      return facts.booleans.get(condition.name) === true;
    case "not":
      return !holds(condition.of, facts);
    case "and":
      return holds(condition.left, facts) && holds(condition.right, facts);
    case "or":
      return holds(condition.left, facts) || holds(condition.right, facts);
    case "xor":
    case "neq":
      return holds(condition.left, facts) !== holds(condition.right, facts);
    case "eq":
      return holds(condition.left, facts) === holds(condition.right, facts);
  }
};

type Records = readonly (readonly [protocol: string, low: number, high: number, type: string])[];

/** The type of every port: records painted from the last to the first, so that the first that contains a port wins. */
function typesOf(records: Records, protocol: Protocol, otherwise: string): readonly string[] {
  const types = Array.from({ length: 65536 }, () => otherwise);
  for (const [name, low, high, type] of records.toReversed()) if (name === protocol) types.fill(type, low, high + 1);
  return types;
}

/** A verdict for each port from the types of ports and a verdict for each type, which is asked once. */
function deniedBy(
  records: Records,
  otherwise: string,
  isAllowed: (type: string, cls: string, permission: string) => boolean,
): Denied {
  const types = { tcp: typesOf(records, "tcp", otherwise), udp: typesOf(records, "udp", otherwise) };
  const verdicts = new Map<string, boolean>();
  return (protocol, port, cls, permission) => {
    const type = types[protocol][port] ?? otherwise;
    const key = `${type} ${cls} ${permission}`;
    const verdict = verdicts.get(key) ?? !isAllowed(type, cls, permission);
    verdicts.set(key, verdict);
    return verdict;
  };
}

/** From the bundled table: its records, and its allow rules under the shipped booleans. */
function deniedByBundle(release: Release): Denied {
  const facts = bundledFacts(release);
  const records = facts.ports.map(({ protocol, low, high, type }) => [protocol, low, high, type] as const);
  return deniedBy(records, facts.defaultPortType, (type, cls, permission) => {
    const answer = facts.rules("httpd_t", type, cls, permission);
    assert.ok(answer.known);
    return answer.conditions.some((condition) => holds(condition, facts));
  });
}

interface MeasuredFacts {
  readonly ports: Records;
  readonly defaultPortType: string;
  readonly booleans: Readonly<Record<string, boolean>>;
  readonly allow: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** From the measured facts where they lie beside the project. */
function deniedByMeasurement(release: Release): Denied | undefined {
  const file = join(import.meta.dirname, `../../../shared/measured/${release}.json`);
  if (!existsSync(file)) return undefined;
  const facts: MeasuredFacts = JSON.parse(readFileSync(file, "utf8"));
  const isTrue = (expression: string): boolean =>
    expression === "always" ||
    expression
      .replaceAll(/[A-Za-z_][A-Za-z0-9_]*/g, (name) => String(facts.booleans[name] === true))
      .split("||")
      .some((part) => part.split("&&").every((term) => term.includes("true") !== term.includes("!")));
  return deniedBy(facts.ports, facts.defaultPortType, (type, cls, permission) =>
    Object.entries(facts.allow[`${cls} ${permission}`] ?? {}).some(
      ([condition, targets]) => targets.includes(type) && isTrue(condition),
    ),
  );
}

const isChecked = (port: number): boolean => port < localPorts[0] || port > localPorts[1];

for (const release of releases) {
  suite(`every port on ${release}`, () => {
    const sources = [deniedByBundle(release), deniedByMeasurement(release)].filter((each) => each !== undefined);

    test("an upstream server is refused for exactly the ports that the policy refuses", async () => {
      const servers = ports.map((port) => `server 127.0.0.1:${port};`).join("\n");
      const text = `events {}\nhttp {\nupstream all {\n${servers}\n}\nserver { listen 80; location / { proxy_pass http://all; } }\n}\n`;
      const found = await refused(release, text, "connect-port");
      for (const denied of sources)
        assert.deepEqual(
          found,
          ports.filter((port) => denied("tcp", port, "tcp_socket", "name_connect")),
        );
    });

    for (const protocol of ["tcp", "udp"] as const) {
      test(`a ${protocol} listen is refused for exactly the ports outside of the local range that the policy refuses`, async () => {
        const listens = ports.map((port) => `server { listen ${port}${protocol === "udp" ? " udp" : ""}; return x; }`);
        const found = await refused(release, `events {}\nstream {\n${listens.join("\n")}\n}\n`, "listen-port");
        for (const denied of sources)
          assert.deepEqual(
            found,
            ports.filter((port) => isChecked(port) && denied(protocol, port, `${protocol}_socket`, "name_bind")),
          );
      });
    }
  });
}
