/** The text report of a configuration in memory, under a bundled release or on a host that a fixture describes. */
import assert from "node:assert/strict";
import { analyzeInSteps } from "../../server/src/analysis/analysis.ts";
import { collect } from "../../server/src/analysis/collected.ts";
import { loadConfiguration } from "../../server/src/nginx/load/loadConfiguration.ts";
import { createReporter } from "../../server/src/report/buildReport.ts";
import { styleFor, type Style } from "../../server/src/report/terminal.ts";
import { textReport } from "../../server/src/report/textReport.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import { contextOf, informed, release } from "../rules/situation.ts";
import { releases } from "./bundledPolicies.ts";
import { hostFixture } from "./hostFixture.ts";
import { memoryReader } from "./memoryReader.ts";

export interface TextOptions {
  readonly policy?: string;
  readonly verbose?: boolean;
  readonly style?: Style;
  /** Lines as `hostFixture` takes them; none for a bundled policy. */
  readonly host?: readonly string[];
}

const directory = "/etc/nginx";

export interface Text {
  readonly text: string;
  readonly findings: number;
}

/** `files`: texts by path below /etc/nginx; `nginx.conf` is the main file. */
export async function reportText(files: ReadonlyMap<string, string>, options: TextOptions = {}): Promise<Text> {
  const { policy = "rhel9", verbose = false, style = styleFor(false), host = [] } = options;
  const entries = [...files].map(([path, text]) => [`${directory}/${path}`, text] as const);
  const configuration = await loadConfiguration(`${directory}/nginx.conf`, memoryReader(Object.fromEntries(entries)));
  const name = releases.find((each) => each === policy);
  assert.ok(name !== undefined);
  const bundled = release(name);
  const { facts } =
    host.length === 0 ? bundled : informed(bundled, { source: "live", mode: "enforcing", exactLabels: true });
  const state = host.length === 0 ? null : hostFixture(facts, host);
  const context = { ...contextOf(policyOf(facts, state?.changes ?? [])), host: state };
  const steps = analyzeInSteps(collect(configuration), { context, severity: new Map() });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const analysis = step.value;
  const chosen = { facts, reason: "", live: null, whyNotLive: null };
  const reported = {
    analysis,
    chosen,
    reporter: createReporter(analysis, chosen),
    version: "",
    date: "",
    all: false,
    verbose,
    samePolicy: host.length === 0 ? ` --policy ${policy}` : "",
    operand: " nginx.conf",
    style,
    nameOf: (path: string) => path.slice(directory.length + 1),
  };
  return { text: [...textReport([[reported]])].join(""), findings: analysis.findings.length };
}
