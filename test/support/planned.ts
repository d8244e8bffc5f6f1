/** A configuration analysed under any policy, and its plans as texts. */
import { analyzeInSteps } from "../../server/src/analysis/analysis.ts";
import { collect } from "../../server/src/analysis/collected.ts";
import type { Analysis } from "../../server/src/analysis/analysis.ts";
import { loadConfiguration } from "../../server/src/nginx/load/loadConfiguration.ts";
import { planText } from "../../server/src/offers/planText.ts";
import type { PlanFormat } from "../../server/src/shared/protocol.ts";
import type { HostState } from "../../server/src/selinux/host/hostState.ts";
import type { Policy } from "../../server/src/selinux/policy.ts";
import { memoryReader } from "./memoryReader.ts";

const main = "/etc/nginx/nginx.conf";

/** The analysis of a configuration of one file. `host`: what a live host says; null where none is asked. */
export async function analysed(
  policy: Policy,
  text: string | Uint8Array,
  host: HostState | null = null,
): Promise<Analysis> {
  const configuration = await loadConfiguration(main, memoryReader({ [main]: text }));
  const context = {
    policy,
    source: policy.facts.domain,
    localPorts: [32768, 60999] as const,
    host,
    container: null,
    mounts: [],
  };
  const steps = analyzeInSteps(collect(configuration), { context, severity: new Map() });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** A plan as the command line prints it. */
export function textOfPlan(format: PlanFormat, analysis: Analysis): string {
  const { facts } = analysis.context.policy;
  return planText(format, analysis, { facts, reason: "made for a test", live: null, whyNotLive: null });
}

/** A configuration that connects to addresses and listens on others, as written. */
export function site(backends: readonly string[], more = ""): string {
  const locations = backends.map((backend, index) => `    location /${index} { proxy_pass http://${backend}; }`);
  return `events {}\nhttp {\n  server {\n    listen 80;\n${locations.join("\n")}\n${more}\n  }\n}\n`;
}
