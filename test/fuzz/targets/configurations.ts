/** Changed configurations through the whole engine: parse, accesses, findings, fixes and the plan, on a bundled release. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { accessRules } from "../../../server/src/rules/index.ts";
import { createEvaluator } from "../../../server/src/analysis/evaluator.ts";
import type { Configuration } from "../../../server/src/nginx/load/configuration.ts";
import { collectAccesses } from "../../../server/src/nginx/collectAccesses.ts";
import { usualPrefixes } from "../../../server/src/nginx/load/pathMap.ts";
import { parse } from "../../../server/src/nginx/tree/parse.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import { bundledFacts } from "../../support/bundledPolicies.ts";
import { damaged } from "../../support/policies/damage.ts";
import { mutatedText } from "../mutated.ts";
import type { Random } from "../random.ts";
import type { Failure, FuzzTarget } from "../target.ts";

/** Texts of a round. */
const COUNT = 5000;

const pieces = [
  "{",
  ..."} ; { } \" ' \\ $ # \n \t \r \0 é \u{1f600} ${a} {{ b }} ~* ^~ = /.. // unix: : [::1]: 65536 0-65535 on off".split(
    " ",
  ),
  "proxy_pass http://127.0.0.1:3000;",
  "listen 1-65535;",
  "location / {",
  "include *;",
  "server {",
  "map $a $b { default unix:/run/x; }",
] as const;

function* round(random: Random): Generator<Failure, number> {
  const directory = join(import.meta.dirname, "../../fixtures");
  const texts = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".conf"))
    .toSorted()
    .map((file) => readFileSync(join(directory, file), "utf8"));
  const policy = policyOf(bundledFacts("rhel9"));
  const context = {
    policy,
    source: "httpd_t",
    localPorts: [32_768, 60_999],
    host: null,
    container: null,
    mounts: [],
    ownSockets: new Set<string>(),
  } as const;
  for (let i = 0; i < COUNT; i++) {
    const text = mutatedText(texts[random.below(texts.length)] ?? "", [pieces[0], ...pieces.slice(1)], random);
    const whole = new TextEncoder().encode(text);
    // A third of the inputs are damaged as bytes, so that they are no UTF-8.
    const bytes = whole.length > 8 && random.below(3) === 0 ? damaged(whole, random.below(2 ** 31)) : whole;
    try {
      tryWhole(bytes, createEvaluator(context, accessRules));
    } catch (error) {
      yield { input: JSON.stringify(Buffer.from(bytes).toString("latin1")), error };
    }
  }
  return COUNT;
}

function tryWhole(bytes: Uint8Array, evaluator: ReturnType<typeof createEvaluator>): void {
  const files = [{ path: "/etc/nginx/nginx.conf", tree: parse(bytes) }];
  const configuration: Configuration = {
    files,
    includes: new Map(),
    problems: [],
    notes: [],
    fragmentContext: null,
    template: [Buffer.from(bytes).includes("{{")],
    prefixes: usualPrefixes,
  };
  const size = bytes.length;
  for (const access of collectAccesses(configuration).accesses) {
    const { span } = access;
    if (span.start < 0 || span.end < span.start || span.end > size) throw new Error(`a place outside: ${span.start}`);
    for (const { verdict } of evaluator.judge(access).said)
      for (const { commands, title } of verdict.fixes)
        for (const line of [title, ...commands])
          if (/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(line))
            throw new Error(`a control character in: ${JSON.stringify(line)}`);
  }
}

/** 5,000 changed configurations a round. */
export const configurations: FuzzTarget = { name: "configurations", round };
