/** What is refused in a configuration, as the targets of a plan. */
import { accessWords } from "../analysis/accessWords.ts";
import type { Analysis } from "../analysis/analysis.ts";
import type { PlacedFinding } from "../analysis/finding.ts";
import type { Fix } from "../fixes/fix.ts";
import { editedWords } from "../fixes/plan/planWords.ts";
import type { EditedPlace, PlanTarget, TargetPorts } from "../fixes/plan/plan.ts";
import type { PortAnswers } from "../fixes/portAnswers.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Access } from "../nginx/access.ts";
import type { Verdict } from "../rules/rule.ts";
import type { Policy } from "../selinux/policy.ts";
import { accessAfter } from "./accessAfter.ts";
import { editorOf, type PlacedEdit } from "./editFixes.ts";
import type { TextChange } from "./textEdits.ts";

/** Rules that say what a reboot or a relabel would take away: no policy can tell when they are content. */
export const LASTING_RULES: ReadonlySet<string> = new Set(["boolean-not-persistent", "label-not-persistent"]);

/** A class, since there may be one for every port, and most of what it says is never asked for. */
export class FindingTarget implements PlanTarget {
  readonly #analysis: Analysis;
  readonly #finding: PlacedFinding;
  readonly #access: Access;
  readonly #answers: PortAnswers;
  readonly verdict: Verdict;

  /** `answers`: shared by all targets. */
  constructor(analysis: Analysis, finding: PlacedFinding, access: Access, verdict: Verdict, answers: PortAnswers) {
    this.#analysis = analysis;
    this.#finding = finding;
    this.#access = access;
    this.#answers = answers;
    this.verdict = verdict;
  }

  get ask(): PlanTarget["ask"] {
    const { evaluator } = this.#analysis;
    const { rule, rules } = this.#finding;
    return LASTING_RULES.has(rule) ? null : (policy) => evaluator.under(policy).refusal(this.#access, rules);
  }

  get title(): string {
    const maybe = this.#finding.severity === "warning" ? ", which may be refused" : "";
    return titleOf(this.#analysis, this.#finding) + maybe;
  }

  /** A copy of a key or certificate is the one edit that a plan makes: what else an edit needs is for a person to do. */
  get fixes(): readonly Fix[] {
    const copies = this.#edits.flatMap(({ fix }) => (fix.copy === undefined ? [] : [fix]));
    return copies.length === 0 ? this.verdict.fixes : [...copies, ...this.verdict.fixes];
  }

  /** Ports have none that a plan takes, and there may be one for every port. */
  get #edits(): readonly PlacedEdit[] {
    return this.ports === null ? editorOf(this.#analysis)(this.#finding) : [];
  }

  get ports(): TargetPorts | null {
    return portsOf(this.#access);
  }

  get advice(): string {
    const unwritable = this.verdict.because.filter((sentence) => sentence.startsWith("no command is offered"));
    const [edit] = this.#edits;
    return [...unwritable, ...(edit === undefined ? [] : [this.#adviceOf(edit)]), this.verdict.message].join(". ");
  }

  /** An edit that a person makes: its commands, then the places. */
  #adviceOf({ fix }: PlacedEdit): string {
    const first = fix.commands.length === 0 ? [] : [`first run: ${fix.commands.join("; ")}`];
    return [fix.title, ...first, ...this.places(fix).map(editedWords)].join("; ");
  }

  places(fix: Fix): readonly EditedPlace[] {
    const edits = this.#edits.find((each) => each.fix === fix)?.edits ?? [];
    return edits.flatMap((edit) => editedPlace(this.#analysis, edit) ?? []);
  }

  clears(policy: Policy, { edit }: Fix): boolean {
    if (LASTING_RULES.has(this.#finding.rule)) return true;
    const refusal = (access: Access): unknown =>
      this.#analysis.evaluator.under(policy).refusal(access, this.#finding.rules);
    if (edit !== undefined) return refusal(accessAfter(this.#access, edit)) === null;
    const { ports } = this;
    if (ports?.kind !== "connect") return refusal(this.#access) === null;
    return this.#answers(policy, ports.protocol, ports.low);
  }
}

/** What is refused, and where: `connect unix /run/app.sock (/etc/nginx/nginx.conf:12)`. */
export function titleOf(analysis: Analysis, finding: PlacedFinding): string {
  const what = finding.access === null ? finding.rule : nameOf(finding.access);
  return `${what} (${placeOf(analysis, finding)})`;
}

export function nameOf(access: Access): string {
  const { verb, what, name } = accessWords(access);
  return [verb, what, name ?? ""].filter((word) => word !== "").join(" ");
}

function editedPlace({ configuration }: Analysis, { file, span, text }: TextChange): EditedPlace | null {
  const found = configuration.files[file];
  if (found === undefined) return null;
  const { path, tree } = found;
  const before = new TextDecoder().decode(tree.bytes.subarray(span.start, span.end));
  return { file: path, line: lineIndexOf(tree).positionAt(span.start).line + 1, before, after: text };
}

function placeOf({ configuration }: Analysis, { file, span }: PlacedFinding): string {
  const found = configuration.files[file];
  return found === undefined ? "" : `${found.path}:${lineIndexOf(found.tree).positionAt(span.start).line + 1}`;
}

export function portsOf(access: Access): TargetPorts | null {
  if (access.protocol !== "tcp" && access.protocol !== "udp") return null;
  const { protocol, port } = access;
  if (port === null) return null;
  if (access.kind === "connect") return { kind: "connect", protocol, low: port, high: port };
  return { kind: "bind", protocol, low: port, high: Math.min(access.lastPort ?? port, 65535) };
}
