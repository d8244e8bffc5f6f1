/** The answers of the tools for assistants: texts for a model, made by the same engine as every report. */
import { isLogText, targetAccesses } from "../analysis/targets.ts";
import { shownIn } from "../base/paths.ts";
import type { Host } from "../host/host.ts";
import type { LanguageService } from "../languageService.ts";
import { planText } from "../offers/planText.ts";
import { createReporter } from "../report/buildReport.ts";
import { answerText, reportAnswer } from "../report/targetReport.ts";
import { printable, styleFor } from "../report/terminal.ts";
import { textReport } from "../report/textReport.ts";
import { ruleInfos } from "../rules/index.ts";
import { pageOf } from "../rules/pages.ts";
import { assistantTools, checkTool, explainTool, planTool, type AssistantTool } from "../shared/assistantTools.ts";
import { planFormats } from "../shared/protocol.ts";
import { isReasonForNone, type Outcome } from "../workspace/analyses.ts";
import type { Cancellation } from "../workspace/workspace.ts";
import { fileInWorkspace, ToolError } from "./bounds.ts";

/** What the tools answer from. */
export interface Workplace {
  readonly host: Host;
  readonly service: LanguageService;
  /** Paths of the folders in which files may be asked for. */
  readonly folders: readonly string[];
}

export interface ToolAnswer {
  readonly text: string;
  /** True where the text says why there is no answer. */
  readonly isError: boolean;
}

/** Characters of an answer: more only costs the model its memory. */
const MOST_TEXT = 60_000;
/** Characters of a question; a log has longer ones, which `nginx-selinux denials` reads. */
const MOST_ASKED = 200_000;

/**
 * Answers a call of a tool. `input`: whatever the model sent. Rejects with Cancelled and for errors of ours only: a file
 * that may not be read, or that is not nginx's, is an answer.
 */
export async function answerTool(
  name: string,
  input: unknown,
  place: Workplace,
  cancellation: Cancellation,
): Promise<ToolAnswer> {
  try {
    const tool = assistantTools.find((each) => each.name === name);
    if (tool === undefined) throw new ToolError(`There is no tool "${name}".`);
    return { text: cut(await textOf(name, readInput(tool, input), place, cancellation)), isError: false };
  } catch (error) {
    if (error instanceof ToolError || isReasonForNone(error)) return { text: error.message, isError: true };
    throw error;
  }
}

type Input = ReadonlyMap<string, string>;

/** The properties of a tool's input. Throws ToolError for what its schema does not allow. */
function readInput({ inputSchema, name }: AssistantTool, input: unknown): Input {
  const { properties, required } = inputSchema;
  const given = new Map<string, string>();
  for (const [key, value] of Object.entries(typeof input === "object" && input !== null ? input : {})) {
    const property = properties[key];
    if (property === undefined) throw new ToolError(`${name} has no property "${key}".`);
    if (value === undefined || value === null) continue;
    if (typeof value !== "string" || value.length > MOST_ASKED)
      throw new ToolError(`${name} needs a text of at most ${MOST_ASKED} characters as "${key}".`);
    if (property.enum !== undefined && !property.enum.includes(value))
      throw new ToolError(`${name} takes ${property.enum.join(", ")} as "${key}", not "${value}".`);
    given.set(key, value);
  }
  const missing = required.find((key) => (given.get(key) ?? "").trim() === "");
  if (missing !== undefined) throw new ToolError(`${name} needs "${missing}".`);
  return given;
}

async function textOf(name: string, input: Input, place: Workplace, cancellation: Cancellation): Promise<string> {
  const written = input.get("file");
  const file = written === undefined ? null : await fileInWorkspace(written, place.folders, place.host);
  if (name === explainTool) return explained(input.get("about") ?? "", file, place, cancellation);
  if (file === null) throw new ToolError(`${name} needs "file".`);
  const outcome = await place.service.analyzeFile(file, cancellation);
  if (name === checkTool) return checked(outcome, file, place);
  if (name === planTool) {
    const format = planFormats.find((each) => each === input.get("format")) ?? "script";
    return planText(format, outcome.analysis, outcome.chosen);
  }
  throw new ToolError(`There is no tool "${name}".`);
}

const style = styleFor(false);

/** The text report with all evidence and fixes, and what it rests on. */
function checked(outcome: Outcome, file: string, { host, folders }: Workplace): string {
  const { analysis, chosen, main, disagreements } = outcome;
  const reporter = createReporter(analysis, chosen);
  const nameOf = (path: string): string => shownIn(folders, path);
  const shared = { analysis, chosen, reporter, version: "", all: false, verbose: true, samePolicy: "", operand: null };
  const date = new Date(host.date()).toISOString().slice(0, 10);
  const report = [...textReport([[{ ...shared, date, style, nameOf }]])].join("");
  const notes = [
    `Policy: ${chosen.facts.info.title} (${chosen.reason}).`,
    ...disagreements.map((each) => `The kernel disagrees: ${each}.`),
    ...(main === null ? [`${nameOf(file)} is a fragment without a main file, so it was checked alone.`] : []),
    ...(main !== null && main !== file ? [`${nameOf(file)} is a part of ${nameOf(main)}, which was checked.`] : []),
    ...reporter.notes().map((note) => `${nameOf(note.file)}:${note.range.start.line + 1}: ${note.message}.`),
  ];
  return `${notes.map(printable).join("\n")}\n\n${report}`;
}

async function explained(
  about: string,
  file: string | null,
  { service, folders }: Workplace,
  cancellation: Cancellation,
): Promise<string> {
  const rule = ruleInfos.find(({ id }) => id === about);
  if (rule !== undefined) return `# ${rule.title} (${rule.id})\n\n${pageOf(rule.id) ?? ""}`;
  if (isLogText(about)) return (await service.explainLog({ text: about }, cancellation, file)).markdown;
  const accesses = targetAccesses(about);
  if (accesses === null)
    throw new ToolError(
      `"${about}" is no target: give tcp/3000, udp/443, 127.0.0.1:3000, unix:/run/x.sock, /srv/www, a rule's id, or lines of a log.`,
    );
  const answers = await service.analyzeTarget(accesses, file, file ?? `${folders[0] ?? ""}/nginx.conf`);
  const nameOf = (path: string): string => shownIn(folders, path);
  const policy = answers[0]?.chosen;
  const from = policy === undefined ? "" : `${printable(`Policy: ${policy.facts.info.title} (${policy.reason}).`)}\n\n`;
  return from + answers.map((answer) => answerText(reportAnswer(answer), { style, verbose: false, nameOf })).join("\n");
}

function cut(text: string): string {
  if (text.length <= MOST_TEXT) return text;
  const shown = text.slice(0, text.lastIndexOf("\n", MOST_TEXT) + 1);
  return `${shown}... ${text.length - shown.length} more characters: nginx-selinux check prints all of it.\n`;
}
