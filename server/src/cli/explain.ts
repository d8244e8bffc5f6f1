/** `nginx-selinux explain`: what the policy says of one port or socket, and what would change it. */
import { createEvaluator, type Evaluator } from "../analysis/evaluator.ts";
import { reportPolicy } from "../report/buildReport.ts";
import { createLanguageService } from "../languageService.ts";
import type { Access } from "../nginx/access.ts";
import { namedPaths } from "../providers/namedPaths.ts";
import { accessRules } from "../rules/index.ts";
import type { RuleContext } from "../rules/context.ts";
import type { Verdict } from "../rules/rule.ts";
import type { Decision } from "../selinux/query.ts";
import type { ExplainCommand } from "./arguments.ts";
import { createGatherer } from "../denials/gather.ts";
import { createDenialReader } from "../denials/readDenials.ts";
import { rootDirectory, surroundingsOf } from "./check.ts";
import { absolutePath, type Console } from "./console.ts";
import { joinedTo } from "./denials.ts";
import { explainGathered, writeExplained } from "./explainLines.ts";
import { writeAll } from "./output.ts";
import { accessLine, allFixesText, becauseText } from "../report/textReport.ts";
import { UsageError } from "./usageError.ts";

interface Answer {
  readonly access: Access;
  readonly decision: Decision;
  /** What the rules say where it is refused. */
  readonly verdict: Verdict | null;
}

/** Exit code 0; what cannot run is thrown. */
export async function explain(command: ExplainCommand, console: Console): Promise<number> {
  if (isLogText(command.target)) return explainLog(command, console);
  if (command.format === "cil") throw new UsageError("--format cil is for log lines: give lines, or denials");
  const accesses = accessesFor(command.target);
  const root = command.root === null ? "" : await rootDirectory(console, command.root);
  const service = createLanguageService(console.host, surroundingsOf(console, command, command.policies[0], { root }));
  const { chosen, context: known } = await service.policyFor(`${console.directory}/x`, namedPaths(accesses));
  const context = { ...known, ownSockets: new Set<string>() };
  console.complain(`policy: ${chosen.facts.info.title} (${chosen.reason})`);
  const evaluator = createEvaluator(context, accessRules);
  const answers = accesses.map((access) => answerFor(access, evaluator));
  await writeAll(console.out, [
    command.format === "json"
      ? `${JSON.stringify({ schema: 1, policy: reportPolicy(chosen), target: command.target, answers: answers.map(answerJson) })}\n`
      : answers.map((answer) => answerText(answer, context, console)).join("\n"),
  ]);
  return 0;
}

/** `-`, or more than one word that is no path: a line from a log. */
function isLogText(target: string): boolean {
  return target === "-" || (/\s/u.test(target.trim()) && !/^(?:\/|unix:)/iu.test(target));
}

/** Exit code: 0 where nothing is refused now, 1 where something is. */
async function explainLog(command: ExplainCommand, console: Console): Promise<number> {
  const gatherer = createGatherer();
  const reader = createDenialReader(gatherer.sink(null), { lookAlikes: true });
  if (command.target === "-") for await (const chunk of console.inputText()) reader.push(chunk);
  else reader.push(command.target);
  reader.end();
  const gathered = gatherer.gathered();
  if (gathered.refusals.length === 0 && gathered.notUnderstood.length === 0)
    throw new UsageError(
      "there is no refusal in these lines: give AVC records, ausearch's or sealert's text, or lines of nginx's error log",
    );
  const root = command.root === null ? "" : await rootDirectory(console, command.root);
  const service = createLanguageService(
    console.host,
    surroundingsOf(console, command, command.policies[0], { root, container: "no" }),
  );
  const main = absolutePath(console, command.config ?? `${root}/etc/nginx/nginx.conf`);
  const joined = await joinedTo(main, command.config !== null, service);
  const explained = await explainGathered(gathered, joined, service, joined === null ? `${console.directory}/x` : main);
  console.complain(`policy: ${explained.policy.chosen.facts.info.title} (${explained.policy.chosen.reason})`);
  return writeExplained(explained, { gathered, joined, unread: [] }, command.format, console);
}

/** The accesses that a target stands for: connecting and listening for a port, connecting for a socket. */
function accessesFor(target: string): readonly Access[] {
  const base = { file: 0, span: { start: 0, end: 0 }, directive: "", via: [], certainty: "certain" } as const;
  if (/^unix:./i.test(target))
    return [{ ...base, kind: "connect", protocol: "unix", path: target.slice(5), socket: "stream" }];
  const match = /^(tcp|udp)\/([0-9]{1,5})$/.exec(target);
  const port = Number(match?.[2]);
  const protocol = match?.[1] === "udp" ? "udp" : "tcp";
  if (match === null || port < 1 || port > 65535)
    throw new UsageError(`cannot explain "${target}": give tcp/3000, udp/443 or unix:/run/x.sock`);
  return [
    { ...base, kind: "connect", protocol, host: null, port },
    { ...base, kind: "bind", protocol, host: "*", port, lastPort: port },
  ];
}

function answerFor(access: Access, evaluator: Evaluator): Answer {
  const { decision } = evaluator.ask(access);
  return { access, decision, verdict: evaluator.judge(access).said[0]?.verdict ?? null };
}

function answerText({ access, decision, verdict }: Answer, context: RuleContext, { style }: Console): string {
  const colour =
    decision.verdict === "allowed" ? style.green : decision.verdict === "denied" ? style.red : style.yellow;
  return (
    `${style.bold(accessLine(access))} as ${context.source}: ${colour(decision.verdict)}\n` +
    becauseText(verdict?.because ?? decision.because, style) +
    (verdict === null ? "" : allFixesText(verdict.fixes, style))
  );
}

function answerJson({ access, decision, verdict }: Answer): unknown {
  const target = "path" in access ? { path: access.path } : "port" in access ? { port: access.port } : {};
  return {
    kind: access.kind,
    protocol: access.protocol,
    ...target,
    verdict: decision.verdict,
    target: decision.target,
    class: decision.cls,
    permission: decision.permission,
    booleans: decision.flips,
    because: decision.because,
    message: verdict?.message ?? null,
    fixes: verdict?.fixes.map(({ changes: _changes, ...fix }) => fix) ?? [],
  };
}
