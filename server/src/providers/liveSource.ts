/**
 * What running hosts say, kept between questions: their policies, and their state for the paths of each configuration.
 *
 * Nothing here watches. Either every question looks at the host again (cheap stamps; a command line), or a server
 * `hold`s what is known and calls `refresh` every now and then (while documents are open, so that an edit does not
 * touch the host at all).
 */
import { hostBelow } from "../host/copyHost.ts";
import type { Host } from "../host/host.ts";
import { withValues, type HostState, type NamedPath } from "../selinux/host/hostState.ts";
import type { KnownUser } from "../permissions/unixObject.ts";
import { gatherHostState } from "../selinux/host/gatherHostState.ts";
import type { NamedUser } from "../permissions/hostPermissions.ts";
import { openLive, type LivePolicy, type LiveUnavailable } from "../selinux/host/live.ts";
import { stampOf } from "../host/readHost.ts";

export interface LiveSource {
  /** The policy of this machine (`root` "") or of a copy of a machine's `/`. */
  open(root: string): Promise<LivePolicy | LiveUnavailable>;
  /**
   * The state of that host for the paths that a configuration names, and the user that its workers become. Equal answers
   * are the same object.
   */
  state(
    configuration: string,
    live: LivePolicy,
    named: readonly NamedPath[],
    user?: NamedUser | null,
  ): Promise<HostState>;
  /** True: what is known is used until `refresh` says otherwise. */
  hold(held: boolean): void;
  /** Looks at everything again. `thoroughly`: also what no stamp tells, such as restarted processes. True where an answer changed. */
  refresh(thoroughly: boolean): Promise<boolean>;
  /** Forgets everything. */
  forget(): void;
  /** When this state was read, or found changed, in milliseconds since 1970; null for one that is not ours. */
  asOf(state: HostState): number | null;
  /** `asked`: a host was asked for. `live`: one has a policy. */
  use(): "none" | "asked" | "live";
}

interface KnownState {
  readonly live: LivePolicy;
  readonly named: readonly NamedPath[];
  readonly user: NamedUser | null;
  /** Of the paths, the directories above them, and the process that serves. */
  readonly stamps: string;
  /** Of the files whose labels stand for others'. */
  readonly contents: string;
  /** Equal prints: equal answers. */
  readonly print: string;
  readonly state: HostState;
}

/** Configurations whose states are kept; as many as analyses are. */
const KEPT_STATES = 8;
/** Paths whose stamps are asked at once. */
const AT_ONCE = 32;

export function createLiveSource(host: Host): LiveSource {
  return new KnownHosts(host);
}

class KnownHosts implements LiveSource {
  readonly #host: Host;
  readonly #policies = new Map<string, LivePolicy | LiveUnavailable>();
  readonly #states = new Map<string, KnownState>();
  readonly #times = new WeakMap<HostState, number>();
  #held = false;

  constructor(host: Host) {
    this.#host = host;
  }

  async open(root: string): Promise<LivePolicy | LiveUnavailable> {
    const known = this.#policies.get(root);
    return this.#held && known !== undefined ? known : this.#reopen(root);
  }

  async state(
    configuration: string,
    live: LivePolicy,
    named: readonly NamedPath[],
    user: NamedUser | null = null,
  ): Promise<HostState> {
    const known = this.#states.get(configuration);
    const isCovered = known !== undefined && isSameUser(known.user, user) && covers(known.named, named);
    if (isCovered && known.live === live && this.#held) return known.state;
    const stamps = await stampsOf(this.#host, live.root, withParents(isCovered ? known.named : named));
    const isSeen = isCovered && known.stamps === stamps && (await areContentsSame(this.#host, known));
    if (isSeen && known.live === live) return known.state;
    return isSeen && differsInValues(known.live, live)
      ? this.#renew(configuration, known, live)
      : this.#gather(configuration, live, { named, user }, stamps);
  }

  hold(held: boolean): void {
    this.#held = held;
  }

  async refresh(thoroughly: boolean): Promise<boolean> {
    let changed = false;
    for (const [root, before] of [...this.#policies]) {
      const after = await this.#reopen(root);
      if (!isSame(before, after)) changed = true;
    }
    for (const [configuration, known] of [...this.#states]) {
      const live = this.#policies.get(known.live.root);
      // A new policy makes its users ask for the state again.
      if (live !== known.live) continue;
      const stamps = await stampsOf(this.#host, known.live.root, withParents(known.named));
      if (stamps === known.stamps && !thoroughly && (await areContentsSame(this.#host, known))) continue;
      if ((await this.#gather(configuration, known.live, known, stamps)) !== known.state) changed = true;
    }
    return changed;
  }

  forget(): void {
    this.#policies.clear();
    this.#states.clear();
  }

  asOf(state: HostState): number | null {
    return this.#times.get(state) ?? null;
  }

  use(): "none" | "asked" | "live" {
    if (this.#policies.size === 0) return "none";
    return [...this.#policies.values()].some(({ available }) => available) ? "live" : "asked";
  }

  async #reopen(root: string): Promise<LivePolicy | LiveUnavailable> {
    const known = this.#policies.get(root);
    const opened = await openLive(this.#host, root, known?.available === true ? known : null);
    this.#policies.set(root, opened);
    return opened;
  }

  /** The state under other booleans: labels, links and processes stay as they were seen. */
  #renew(configuration: string, known: KnownState, live: LivePolicy): HostState {
    const state = withValues(known.state, live.facts, live);
    this.#times.set(state, this.#host.date());
    this.#keep(configuration, { ...known, live, state, print: printOf(state, known.named) });
    return state;
  }

  #keep(configuration: string, known: KnownState): void {
    this.#states.delete(configuration);
    this.#states.set(configuration, known);
    for (const oldest of this.#states.keys()) if (this.#states.size > KEPT_STATES) this.#states.delete(oldest);
  }

  async #gather(
    configuration: string,
    live: LivePolicy,
    { named, user }: Pick<KnownState, "named" | "user">,
    stamps: string,
  ): Promise<HostState> {
    const state = await gatherHostState(this.#host, live, named, user);
    const print = printOf(state, named);
    const before = this.#states.get(configuration);
    this.#times.set(state, this.#host.date());
    const same = before !== undefined && before.live === live && before.print === print;
    const kept = same ? before.state : state;
    const contents = await stampsOf(this.#host, live.root, kept.contents ?? []);
    this.#keep(configuration, { live, named, user, stamps, contents, print, state: kept });
    return kept;
  }
}

/** True where the policy and its labels were not loaded anew: only booleans, the mode and the like may differ. */
function differsInValues(before: LivePolicy, after: LivePolicy): boolean {
  return before.root === after.root && before.cache.loaded === after.cache.loaded;
}

function isSame(before: LivePolicy | LiveUnavailable, after: LivePolicy | LiveUnavailable): boolean {
  if (before.available || after.available) return before === after;
  return before.reason === after.reason;
}

function isSameUser(known: NamedUser | null, wanted: NamedUser | null): boolean {
  return known?.name === wanted?.name && known?.group === wanted?.group;
}

function covers(known: readonly NamedPath[], wanted: readonly NamedPath[]): boolean {
  const keys = new Set(known.map(keyOf));
  return wanted.every((each) => keys.has(keyOf(each)));
}

function keyOf({ kind, path }: NamedPath): string {
  return `${kind} ${path}`;
}

function printOf(state: HostState, named: readonly NamedPath[]): string {
  const { permissions } = state;
  return JSON.stringify([
    state.changes,
    state.nginx,
    state.unit,
    permissions === null
      ? null
      : [printOfUser(permissions.worker), printOfUser(permissions.master), ...permissions.ways, ...permissions.makers],
    named.map(({ kind, path }) => [state.label(path), state.realPath(path), kind === "sock" ? state.peer(path) : null]),
  ]);
}

function printOfUser(user: KnownUser): unknown {
  return user.uid === null ? user : [user.name, user.uid, user.overrides, ...user.groups];
}

async function areContentsSame(host: Host, { live, state, contents }: KnownState): Promise<boolean> {
  return (await stampsOf(host, live.root, state.contents ?? [])) === contents;
}

/** The paths, the directories above them, and what tells of the process that serves and of its user. */
function withParents(named: readonly NamedPath[]): readonly string[] {
  const paths = new Set(["/run/nginx.pid", "/etc/passwd", "/etc/group"]);
  for (const { path } of named) {
    for (let at = path.length; at > 0; at = path.lastIndexOf("/", at - 1)) paths.add(path.slice(0, at));
  }
  return [...paths];
}

/** Relabelling changes an object's stamp; so does making or removing one in a directory. */
async function stampsOf(asked: Host, root: string, all: readonly string[]): Promise<string> {
  const host = hostBelow(asked, root);
  const stamps: (string | null)[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    stamps.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map((path) => stampOf(host, root + path)))));
  }
  return JSON.stringify(stamps);
}
