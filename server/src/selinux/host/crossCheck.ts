/** The kernel's own verdicts, to compare with ours: a disagreement is a mistake of this program, or a stale policy. */
import { HostError, type Host } from "../../host/host.ts";
import type { Policy } from "../policy.ts";
import type { Evidence } from "../query.ts";
import { namesIn, readText } from "../../host/readHost.ts";

export interface CrossCheck {
  /** Permissions that the kernel was asked about. */
  readonly checked: number;
  /** One sentence for each on which the kernel and this program disagree. */
  readonly disagreements: readonly string[];
  /** Why nothing, or not everything, could be asked; null where all was. */
  readonly reason: string | null;
}

/** Distinct questions that are asked; each takes about a millisecond. */
const MOST_QUESTIONS = 200;
const SELINUXFS = "/sys/fs/selinux";

type Question = Pick<Evidence, "source" | "target" | "cls" | "permission">;

/**
 * Asks /sys/fs/selinux/access about permissions that were looked up, on this machine only. `policy` must be under the
 * host's own state, without what-if changes. Does nothing where the user may not ask.
 */
export async function crossCheck(host: Host, policy: Policy, questions: Iterable<Question>): Promise<CrossCheck> {
  const distinct = new Map<string, Question>();
  for (const question of questions) {
    const { source, target, cls, permission } = question;
    distinct.set(`${source} ${target} ${cls} ${permission}`, question);
    if (distinct.size === MOST_QUESTIONS) break;
  }
  const classes = new Map<string, Promise<KernelClass | null>>();
  const disagreements: string[] = [];
  let checked = 0;
  for (const question of distinct.values()) {
    const { cls } = question;
    const known = classes.get(cls) ?? readClass(host, cls);
    classes.set(cls, known);
    const kernelClass = await known;
    const bit = kernelClass?.permissions.get(question.permission);
    const ours = policy.check(question.source, question.target, cls, question.permission).verdict;
    if (kernelClass === null || bit === undefined || ours === "unknown") continue;
    const answer = await ask(host, question, kernelClass.index, bit);
    if (answer.verdict === "refused") return { checked, disagreements, reason: answer.reason };
    checked++;
    if (answer.verdict !== ours) disagreements.push(sentence(question, ours, answer.verdict));
  }
  return { checked, disagreements, reason: null };
}

interface KernelClass {
  readonly index: number;
  /** Permission to its bit, from 0. */
  readonly permissions: ReadonlyMap<string, number>;
}

async function readClass(host: Host, cls: string): Promise<KernelClass | null> {
  const directory = `${SELINUXFS}/class/${cls}`;
  const index = Number((await readText(host, `${directory}/index`)) ?? "");
  if (!Number.isInteger(index) || index <= 0) return null;
  const permissions = new Map<string, number>();
  for (const name of await namesIn(host, `${directory}/perms`)) {
    const value = Number((await readText(host, `${directory}/perms/${name}`)) ?? "");
    if (Number.isInteger(value) && value >= 1 && value <= 32) permissions.set(name, value - 1);
  }
  return { index, permissions };
}

type KernelAnswer =
  | { readonly verdict: "allowed" | "denied" | "no such type" }
  | { readonly verdict: "refused"; readonly reason: string };

/** The answer is `allowed decided auditallow auditdeny seqno flags`, masks in hexadecimal (kernel sel_write_access). */
async function ask(host: Host, question: Question, index: number, bit: number): Promise<KernelAnswer> {
  const { source, target, cls } = question;
  const request = `${processContext(source)} ${isProcessClass(cls) ? processContext(target) : objectContext(target)} ${index}`;
  try {
    const allowed = Number.parseInt((await host.askKernel(`${SELINUXFS}/access`, request)).split(" ")[0] ?? "", 16);
    if (Number.isNaN(allowed)) return { verdict: "refused", reason: "the kernel's answer cannot be read" };
    return { verdict: ((allowed >>> bit) & 1) === 1 ? "allowed" : "denied" };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.code === "EINVAL") return { verdict: "no such type" };
    return { verdict: "refused", reason: `${SELINUXFS}/access: ${error.message}` };
  }
}

function processContext(type: string): string {
  return `system_u:system_r:${type}:s0`;
}

function objectContext(type: string): string {
  return `system_u:object_r:${type}:s0`;
}

/** Classes whose target is a process or a socket of one. */
function isProcessClass(cls: string): boolean {
  return cls === "process" || /^unix_(?:stream|dgram)_socket$/.test(cls);
}

function sentence({ source, target, cls, permission }: Question, ours: string, kernel: string): string {
  const what = `${source} ${target}:${cls} ${permission}`;
  return kernel === "no such type"
    ? `${what}: ${ours} by the policy on disk, but the kernel's policy does not know one of these types`
    : `${what}: ${ours} by the policy on disk, ${kernel} by the kernel`;
}
