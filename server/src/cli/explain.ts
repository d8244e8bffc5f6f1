/** `nginx-selinux explain`: what the policy says of one target, and what would change it; the page of a rule; lines of logs. */
import { isLogText, targetAccesses } from "../analysis/targets.ts";
import { reportPolicy } from "../report/buildReport.ts";
import { createGatherer } from "../denials/gather.ts";
import { createDenialReader } from "../denials/readDenials.ts";
import { Engine } from "../workspace/engine.ts";
import { didYouMean } from "../base/nearest.ts";
import { answerJson, answerText, reportAnswer } from "../report/targetReport.ts";
import { ruleInfos } from "../rules/index.ts";
import { pageOf } from "../rules/pages.ts";
import type { RuleInfo } from "../rules/rule.ts";
import type { ExplainCommand } from "./arguments.ts";
import { rootDirectory, surroundingsOf } from "./check.ts";
import { absolutePath, shownPath, type Console } from "./console.ts";
import { joinedTo } from "./denials.ts";
import { explainGathered, writeExplained } from "./explainLines.ts";
import { writeAll } from "./output.ts";
import { UsageError } from "./usageError.ts";

/** Exit code 0; what cannot run is thrown. */
export async function explain(command: ExplainCommand, console: Console): Promise<number> {
  if (command.target === "-" || isLogText(command.target)) return explainLog(command, console);
  if (command.format === "cil") throw new UsageError("--format cil is for log lines: give lines, or denials");
  const rule = ruleInfos.find(({ id }) => id === command.target);
  if (rule !== undefined) return explainRule(rule, command, console);
  const accesses = targetAccesses(command.target);
  if (accesses === null) throw new UsageError(notUnderstood(command.target));
  const root = command.root === null ? "" : await rootDirectory(console, command.root);
  const config = command.config === null ? null : absolutePath(console, command.config);
  const engine = new Engine(
    console.host,
    surroundingsOf(console, command, command.policies[0], { root, ...(config === null ? { container: "no" } : {}) }),
  );
  const answers = await engine.analyzeTarget(accesses, config, `${console.directory}/x`);
  const [first] = answers;
  if (first === undefined) throw new UsageError(notUnderstood(command.target));
  console.complain(`policy: ${first.chosen.facts.info.title} (${first.chosen.reason})`);
  const reported = answers.map(reportAnswer);
  const shown = { style: console.style, verbose: command.verbose, nameOf: (path: string) => shownPath(console, path) };
  await writeAll(
    console.out,
    command.format === "json"
      ? [
          `${JSON.stringify({ schema: 1, policy: reportPolicy(first.chosen), target: command.target, answers: reported.map(answerJson) })}\n`,
        ]
      : [reported.map((answer) => answerText(answer, shown)).join("\n")],
  );
  return 0;
}

function notUnderstood(target: string): string {
  const rules = ruleInfos.map(({ id }) => id);
  return (
    `cannot explain "${target}": give tcp/3000, udp/443, 127.0.0.1:3000, unix:/run/x.sock, /srv/www, a rule's id, ` +
    `or a line from a log.${didYouMean(target, rules)}`
  );
}

/** The page of a rule. */
async function explainRule({ id, title }: RuleInfo, { format }: ExplainCommand, console: Console): Promise<number> {
  const page = pageOf(id) ?? "";
  await writeAll(console.out, [
    format === "json"
      ? `${JSON.stringify({ schema: 1, target: id, rule: { id, title, page } })}\n`
      : `# ${title} (${id})\n\n${page.trimEnd()}\n`,
  ]);
  return 0;
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
  const engine = new Engine(
    console.host,
    surroundingsOf(console, command, command.policies[0], { root, container: "no" }),
  );
  const main = absolutePath(console, command.config ?? `${root}/etc/nginx/nginx.conf`);
  const joined = await joinedTo(main, command.config !== null, engine);
  const explained = await explainGathered(gathered, joined, engine, joined === null ? `${console.directory}/x` : main);
  console.complain(`policy: ${explained.policy.chosen.facts.info.title} (${explained.policy.chosen.reason})`);
  return writeExplained(explained, { gathered, joined, unread: [] }, command, console);
}
