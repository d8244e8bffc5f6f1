/**
 * One policy module for a configuration: port types of its own for its ports, allow rules for exactly its accesses.
 * Opens less than any boolean. What a module cannot do is left to commands beside it: labels of files, and of ports that
 * the policy has a record of (for which a `portcon` of a module is silently ignored).
 */
import { decide } from "../../selinux/decide.ts";
import type { Change, Policy, Protocol } from "../../selinux/policy.ts";
import type { Decision, Query } from "../../selinux/query.ts";
import type { FixContext } from "../candidate.ts";
import { isClaimed } from "../portLabel.ts";
import { UNCLAIMED_PORT_TYPES } from "../purpose.ts";
import { changeKey, compareChanges, inexpressible } from "./changes.ts";
import type { ChangeOf } from "./changes.ts";
import type { PlanPart, PlanRequest, PlanTarget, TargetPorts, Uncleared } from "./plan.ts";
import { restorePaths } from "./planFor.ts";
import { portcons, portRecords } from "./portRecords.ts";
import type { PortChange } from "./portRecords.ts";

/** The type of ports that nginx connects to, and of those that it listens on. */
export const BACKEND_TYPE = "nginx_site_port_t";
export const LISTEN_TYPE = "nginx_site_listen_port_t";

export interface ModulePlan {
  /** Port types that the module declares. */
  readonly types: readonly string[];
  readonly rules: readonly ChangeOf<"allow">[];
  /** Ports that the module labels. */
  readonly labels: readonly PortChange[];
  /** Ports that must be labelled by `semanage port`, once the module is installed. */
  readonly commands: readonly PortChange[];
  readonly fileContexts: readonly ChangeOf<"fileContext">[];
  readonly restore: readonly string[];
  readonly uncleared: readonly Uncleared[];
}

/**
 * The module for everything that is refused, with the labels of files that the plan gives them (`parts`). What it cannot
 * clear is listed with the reason.
 */
export function ownTypePlan({ context, targets, kept }: PlanRequest, parts: readonly PlanPart[]): ModulePlan {
  const { policy } = context;
  const uncleared: Uncleared[] = [];
  const own = ownLabels(context, targets);
  const records = portRecords(policy, [...own.values()]);
  const lasting = lastingLabels(parts);
  const state = new ModuleState(policy, [...records, ...lasting.changes]);
  const copied = new Map(parts.flatMap(({ target, fix }) => (fix.copy === undefined ? [] : [[target, fix.title]])));
  for (const target of targets) {
    const copy = copied.get(target);
    if (copy !== undefined) {
      uncleared.push({ title: target.title, reason: `a module copies no file. ${copy}: see the script` });
      continue;
    }
    // Not left to the replay: of a type that it does not have, a policy can say nothing.
    if (target.ports !== null) state.allowPorts(context.source, own, target.ports);
    const reason = allowAll(context, state, target);
    if (reason !== null) uncleared.push({ title: target.title, reason });
  }
  for (const access of kept([...records, ...lasting.changes])) {
    if (access.allowed(state.policy)) continue;
    if (access.ports !== null) state.allowPorts(context.source, own, access.ports);
    if (!access.allowed(state.policy))
      uncleared.push({ title: access.title, reason: "the module would make this refused" });
  }
  const labels = portcons(policy, records);
  return {
    types: [BACKEND_TYPE, LISTEN_TYPE].filter((type) => records.some((record) => record.type === type)),
    rules: state.rules.toSorted(compareChanges),
    labels: labels.module,
    commands: labels.command,
    fileContexts: lasting.changes.filter((change) => change.kind === "fileContext"),
    restore: lasting.restore,
    uncleared,
  };
}

/**
 * Own labels, by `portKey`, for the refused ports that no named service has a record of. A port that is both listened on and connected
 * to gets the type of the former, and `allowAll` the rule for the latter.
 */
function ownLabels(context: FixContext, targets: readonly PlanTarget[]): ReadonlyMap<string, PortChange> {
  const ports = targets.flatMap((target) => target.ports ?? []);
  const labels = new Map<string, PortChange>();
  for (const kind of ["bind", "connect"] as const) {
    const type = kind === "bind" ? LISTEN_TYPE : BACKEND_TYPE;
    for (const { protocol, low, high } of ports.filter((each) => each.kind === kind)) {
      for (let port = low; port <= high; port++) {
        const key = portKey(protocol, port);
        if (labels.has(key) || !isRefused(context, kind, protocol, port)) continue;
        labels.set(key, { kind: "port", protocol, low: port, high: port, type });
      }
    }
  }
  return labels;
}

function portKey(protocol: Protocol, port: number): string {
  return `${protocol} ${port}`;
}

function isRefused(context: FixContext, kind: "bind" | "connect", protocol: Protocol, port: number): boolean {
  const { policy, source } = context;
  if (isClaimed(policy, protocol, port)) return false;
  const query: Query =
    kind === "bind" ? { kind: "bind-port", source, protocol, port } : { kind: "connect-port", source, protocol, port };
  return decide(policy, query, context).verdict === "denied";
}

/** The labels of files among the fixes of a plan: a rule on the label that is there would open it everywhere. */
function lastingLabels(parts: readonly PlanPart[]): {
  readonly changes: readonly Change[];
  readonly restore: readonly string[];
} {
  const labelling = parts.filter(({ fix }) => fix.changes.some(isLabel) && fix.changes.every(isLabel));
  const changes = new Map(labelling.flatMap(({ fix }) => fix.changes.map((each) => [changeKey(each), each])));
  return { changes: [...changes.values()].toSorted(compareChanges), restore: restorePaths(labelling) };
}

function isLabel(change: Change): boolean {
  return change.kind === "fileContext" || change.kind === "restore";
}

/** The policy with the module as far as it is written. */
class ModuleState {
  readonly #rules = new Map<string, ChangeOf<"allow">>();
  policy: Policy;

  constructor(policy: Policy, changes: readonly Change[]) {
    this.policy = policy.with(changes);
  }

  get rules(): readonly ChangeOf<"allow">[] {
    return [...this.#rules.values()];
  }

  /** False where the rule is there already. */
  allow(source: string, target: string, cls: string, permission: string): boolean {
    const rule = { kind: "allow", source, target, cls, permission } as const;
    const key = changeKey(rule);
    if (this.#rules.has(key)) return false;
    this.#rules.set(key, rule);
    this.policy = this.policy.with([rule]);
    return true;
  }

  /** Allows what is done with ports, on the types of those that have a label of their own now. */
  allowPorts(source: string, own: ReadonlyMap<string, PortChange>, { kind, protocol, low, high }: TargetPorts): void {
    const permission = kind === "bind" ? "name_bind" : "name_connect";
    for (let port = low; port <= high; port++) {
      const label = own.get(portKey(protocol, port));
      if (label !== undefined) this.allow(source, label.type, `${protocol}_socket`, permission);
    }
  }
}

/** Adds the rules that a target needs; why it cannot be cleared that way, or null. */
function allowAll({ source }: FixContext, state: ModuleState, target: PlanTarget): string | null {
  if (target.ask === null) return "a policy module does not make this last: use the script";
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const decision = target.ask(state.policy);
    if (decision === null) return null;
    const reason = addRules(source, state, decision);
    if (reason !== null) return target.advice === "" ? reason : `${reason}. ${target.advice}`;
  }
  return "it needs more rules than a module of this kind should have";
}

/** Each round of a decision shows what is refused next: directories of a path, then the object. */
const MOST_ROUNDS = 24;

function addRules(source: string, state: ModuleState, decision: Decision): string | null {
  const denied = decision.evidence.filter(({ result }) => result.verdict === "denied");
  if (denied.length === 0) return "the refused permission is not known";
  for (const { target, cls, permission } of denied) {
    const rule = { kind: "allow", source, target, cls, permission } as const;
    const reason = inexpressible(rule) ?? tooWide(target, cls);
    if (reason !== null) return reason;
  }
  const added = denied.filter(({ target, cls, permission }) => state.allow(source, target, cls, permission));
  return added.length === 0 ? "a rule alone does not clear it" : null;
}

/** Types that hold a bit of everything: a rule on one opens far more than this configuration needs. */
const GENERAL_FILE_TYPES: ReadonlySet<string> = new Set([
  "default_t",
  "file_t",
  "unlabeled_t",
  "root_t",
  "var_t",
  "var_lib_t",
  "var_log_t",
  "etc_t",
  "usr_t",
  "bin_t",
  "mnt_t",
  "home_root_t",
  "user_home_t",
  "user_home_dir_t",
  "admin_home_t",
  "shadow_t",
  "device_t",
]);

/** A socket in /tmp is not seen by a service with PrivateTmp, whatever is allowed. */
const PRIVATE_TYPES: ReadonlySet<string> = new Set(["tmp_t", "user_tmp_t"]);

const FILE_CLASSES: ReadonlySet<string> = new Set(["file", "dir", "lnk_file", "sock_file", "fifo_file"]);

function tooWide(target: string, cls: string): string | null {
  if (cls.endsWith("_socket") && UNCLAIMED_PORT_TYPES.includes(target))
    return `a rule on ${target} would open thousands of ports`;
  if (!FILE_CLASSES.has(cls)) return null;
  if (PRIVATE_TYPES.has(target)) return "nginx.service has a /tmp of its own: use a directory in /run";
  if (cls !== "sock_file" && GENERAL_FILE_TYPES.has(target))
    return `a rule on ${target} would open far more than this: use labels or move it`;
  return null;
}
