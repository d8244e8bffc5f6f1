/** How many findings of a configuration a fix clears: its changes replayed for every finding that they can touch. */
import type { Analysis } from "../analysis/analysis.ts";
import { BoundedMap, memo } from "../base/memo.ts";
import { firstPosition } from "../base/search.ts";
import type { Finding } from "../analysis/finding.ts";
import type { Fix } from "../fixes/fix.ts";
import { solves } from "../fixes/replay.ts";
import type { Access } from "../nginx/access.ts";
import { queriesOf } from "../rules/accessQueries.ts";
import { accessRuleIds } from "../rules/index.ts";
import type { PolicyContext } from "../rules/context.ts";
import type { Verdict } from "../rules/rule.ts";
import type { Change, Policy, Protocol } from "../selinux/policy.ts";
import { fileBooleans } from "../selinux/fileBooleans.ts";
import { portKey, type PortRun } from "../selinux/portRuns.ts";
import type { Query } from "../selinux/query.ts";

/** Findings with one verdict: they are cleared together. */
interface Group {
  /** Ids of the rules that refuse the access. */
  readonly rules: readonly string[];
  readonly access: Access;
  readonly verdict: Verdict;
  count: number;
}

/** A group that is about ports. */
interface GroupPorts extends PortRun {
  readonly protocol: Protocol;
  readonly group: Group;
}

/** More targets than this are not replayed for one fix: the number is then a lower bound. */
const MOST_REPLAYED = 5000;

/** So many files are replayed sooner than the booleans of files are found. */
const FEW_FILES = 200;

/** Counts that are kept: many findings near each other share changes, or these are some of few. */
const MOST_KEPT = 32;

/** Counts for one analysis. What all fixes share is computed once, when the first count is asked for. */
export function createSolver(analysis: Analysis): (fix: Fix) => number {
  let solver: Solver | null = null;
  return (fix) => (solver ??= new Solver(analysis)).solved(fix);
}

interface Cleared {
  readonly groups: ReadonlySet<Group>;
  /** Findings in the groups. */
  readonly count: number;
}

const nothing: Cleared = { groups: new Set(), count: 0 };

class Solver {
  readonly #analysis: Analysis;
  readonly #groups: readonly Group[];
  /** Those about exactly one port, by it. */
  readonly #byPort = new Map<number, Group[]>();
  readonly #ranges: GroupPorts[] = [];
  /** By path, in the form that the policy keeps, ascending. */
  readonly #paths: readonly { readonly path: string; readonly group: Group }[];
  /** By a type that is refused: those that a rule on it can clear. Made when a fix has a rule. */
  #byTarget: ReadonlyMap<string, readonly Group[]> | null = null;
  /** What boolean values and allow rules alone clear, by these as JSON, and where there is one, by that as well. */
  readonly #byShared = new Map<string, Cleared>();
  readonly #byOne = new BoundedMap<Change, Cleared>(MOST_KEPT);
  /** What changes clear that touch many targets, by these as JSON: a plan gives all of them the same. */
  readonly #byOwn = new BoundedMap<string, number>(MOST_KEPT);

  constructor(analysis: Analysis) {
    this.#analysis = analysis;
    this.#groups = groupsOf(analysis.findings);
    const paths: { path: string; group: Group }[] = [];
    for (const group of this.#groups) {
      const { access } = group;
      const path = pathOf(access);
      if (path !== null) paths.push({ path: this.#canonical(path), group });
      if (!("port" in access) || access.port === null) continue;
      const high = access.kind === "bind" ? (access.lastPort ?? access.port) : access.port;
      if (high === access.port) append(this.#byPort, portKey(access.protocol, high), group);
      else this.#ranges.push({ protocol: access.protocol, low: access.port, high, group });
    }
    this.#paths = paths.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /** The number of findings that a fix clears. */
  solved(fix: Fix): number {
    const { changes } = fix;
    const own = changes.filter((change) => !isShared(change));
    const base = own.length === changes.length ? nothing : this.#clearedByShared(changes);
    if (own.length === 0) return base.count;
    if (this.#isOfOnePort(own)) return this.#clearedToo(base, fix, own);
    const key = `${JSON.stringify(changes)} ${fix.restore}`;
    return memo(this.#byOwn, key, () => this.#clearedToo(base, fix, own));
  }

  /** The findings that a fix clears with the changes that are its own as well. */
  #clearedToo(base: Cleared, fix: Fix, own: readonly Change[]): number {
    const { context } = this.#analysis;
    let { count } = base;
    let after: Policy | null = null;
    for (const group of this.#touchedBy(own, fix.restore)) {
      if (base.groups.has(group)) count -= group.count;
      if (this.#clears(fix, group, () => (after ??= context.policy.with(fix.changes)))) count += group.count;
    }
    return count;
  }

  /** Whether a group is allowed after a fix. `after`: the policy with its changes. */
  #clears(fix: Fix, group: Group, after: () => Policy): boolean {
    // Replayed once for each type of port; another policy for each fix would cost more than the rest.
    const queries = connection(group, this.#analysis.context);
    if (queries !== null) return solves(this.#analysis.context, queries, fix);
    // A file's fixes were replayed before they were offered; of a socket's some rest on another peer than is assumed.
    const isOwn = group.access.protocol === "file" && group.verdict.fixes.includes(fix);
    return isOwn || isCleared(group, this.#analysis, after());
  }

  /** True for the label of one port, which touches what is about just this port. */
  #isOfOnePort([label, ...others]: readonly Change[]): boolean {
    return label?.kind === "port" && label.low === label.high && others.length === 0 && this.#ranges.length === 0;
  }

  /** What those of some changes clear that many fixes share; there is one at least. */
  #clearedByShared(changes: readonly Change[]): Cleared {
    const shared = changes.filter(isShared);
    const [one, ...others] = shared;
    if (one === undefined || others.length > 0) return this.#clearedBy(shared);
    return memo(this.#byOne, one, () => this.#clearedBy(shared));
  }

  #clearedBy(changes: readonly Change[]): Cleared {
    const key = JSON.stringify(changes);
    let cleared = this.#byShared.get(key);
    if (cleared === undefined) {
      const after = this.#analysis.context.policy.with(changes);
      const some = changes.some(({ kind }) => kind === "boolean")
        ? this.#ofBooleans(changes)
        : this.#ofTargets(changes);
      // A connection to a port is decided by the port's type alone, and there may be one for every port there is.
      const byType = new Map<string, boolean>();
      const groups = new Set(
        some.filter((group) => {
          if (!isConnection(group)) return isCleared(group, this.#analysis, after);
          const type = group.verdict.decision?.target ?? "";
          let answer = byType.get(type);
          if (answer === undefined) {
            answer = isCleared(group, this.#analysis, after);
            byType.set(type, answer);
          }
          return answer;
        }),
      );
      let count = 0;
      for (const group of groups) count += group.count;
      cleared = { groups, count };
      this.#byShared.set(key, cleared);
    }
    return cleared;
  }

  /** The groups that changes can make a difference for, where some are booleans: files need a boolean that is about files. */
  #ofBooleans(changes: readonly Change[]): readonly Group[] {
    const others = this.#groups.filter(({ access }) => access.protocol !== "file");
    if (this.#groups.length - others.length < FEW_FILES) return this.#groups;
    const { policy, source } = this.#analysis.context;
    const ofFiles = fileBooleans(policy.facts, source);
    const isOfFiles = changes.some((change) => change.kind !== "boolean" || ofFiles.has(change.name));
    return isOfFiles ? this.#groups : others;
  }

  /** The groups that allow rules can make a difference for. */
  #ofTargets(changes: readonly Change[]): readonly Group[] {
    const groups = (this.#byTarget ??= byTarget(this.#groups));
    return [
      ...new Set(changes.flatMap((change) => (change.kind === "allow" ? (groups.get(change.target) ?? []) : []))),
    ];
  }

  /** The groups that changes to ports and labels can make a difference for. */
  #touchedBy(changes: readonly Change[], restore: string | null): Iterable<Group> {
    const [label] = changes;
    // The label of one port: there may be one for every port.
    if (label?.kind === "port" && this.#isOfOnePort(changes))
      return this.#byPort.get(portKey(label.protocol, label.low)) ?? [];
    const touched = new Set<Group>();
    for (const change of changes) {
      for (const group of this.#candidates(change, restore)) {
        touched.add(group);
        if (touched.size >= MOST_REPLAYED) return touched;
      }
    }
    return touched;
  }

  *#candidates(change: Change, restore: string | null): Iterable<Group> {
    switch (change.kind) {
      case "boolean":
      case "allow":
        return;
      case "port": {
        const { protocol, low, high } = change;
        if (low === high) yield* this.#byPort.get(portKey(protocol, low)) ?? [];
        else for (const [port, groups] of this.#byPort) if (isInside(port, protocol, change)) yield* groups;
        for (const range of this.#ranges) {
          if (range.protocol === protocol && range.low <= high && low <= range.high) yield range.group;
        }
        return;
      }
      case "fileContext":
        if (restore !== null) yield* this.#below(restore);
        return;
      case "label":
      case "restore":
        yield* this.#below(change.path);
    }
  }

  /** What is at or below a path. */
  *#below(path: string): Iterable<Group> {
    const top = this.#canonical(path);
    const inside = top === "/" ? top : `${top}/`;
    const first = firstPosition(this.#paths.length, (place) => (this.#paths[place]?.path ?? "") >= top);
    for (let i = first; i < this.#paths.length; i++) {
      const at = this.#paths[i];
      if (at === undefined || !at.path.startsWith(top)) return;
      // `/data-old` sorts between `/data` and `/data/x`.
      if (at.path === top || at.path.startsWith(inside)) yield at.group;
    }
  }

  #canonical(path: string): string {
    return this.#analysis.context.policy.facts.canonicalPath(path);
  }
}

/** True where a port (as a key) is one of a range. */
function isInside(key: number, protocol: Protocol, { low, high }: PortRun): boolean {
  return portKey(protocol, low) <= key && key <= portKey(protocol, high);
}

/** True for a change that is not about one port or path: many fixes have the same. */
function isShared({ kind }: Change): boolean {
  return kind === "boolean" || kind === "allow";
}

/** The question of a group about one port that is connected to; null for others. */
function connection(group: Group, context: PolicyContext): readonly Query[] | null {
  const { access } = group;
  if (!isConnection(group) || access.kind !== "connect" || access.protocol === "unix") return null;
  return access.port === null ? null : queriesOf(access, context);
}

function isCleared({ rules, access }: Group, { evaluator }: Analysis, policy: Policy): boolean {
  return evaluator.under(policy).refusal(access, rules) === null;
}

/** What is refused, by verdict: equal targets share theirs. */
function groupsOf(findings: readonly Finding[]): readonly Group[] {
  const groups = new Map<Verdict, Group>();
  for (const { rules, access, verdict } of findings) {
    if (verdict === null || access === null || verdict.decision?.verdict !== "denied") continue;
    // A rule about the whole configuration refuses nothing.
    if (!rules.every((id) => accessRuleIds.has(id))) continue;
    const known = groups.get(verdict);
    if (known !== undefined) known.count++;
    else groups.set(verdict, { rules, access, verdict, count: 1 });
  }
  return [...groups.values()];
}

function byTarget(groups: readonly Group[]): ReadonlyMap<string, readonly Group[]> {
  const found = new Map<string, Group[]>();
  for (const group of groups) for (const target of targetsOf(group)) append(found, target, group);
  return found;
}

/** The types that allow rules of a module may name to clear a group. */
function targetsOf({ verdict }: Group): Iterable<string> {
  const evidence = verdict.decision?.evidence ?? [];
  const [only] = evidence;
  // Most groups are one permission: there may be one for every port.
  if (only !== undefined && evidence.length === 1) return only.result.verdict === "denied" ? [only.target] : [];
  return new Set(evidence.filter(({ result }) => result.verdict === "denied").map(({ target }) => target));
}

function isConnection({ rules }: Group): boolean {
  return rules.includes("connect-port");
}

function pathOf(access: Access): string | null {
  if (access.protocol === "file") return access.path ?? access.below;
  return access.protocol === "unix" ? access.path : null;
}

function append<Key>(map: Map<Key, Group[]>, key: Key, group: Group): void {
  const groups = map.get(key);
  if (groups === undefined) map.set(key, [group]);
  else groups.push(group);
}
