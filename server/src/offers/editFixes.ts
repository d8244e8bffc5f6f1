/** Fixes that change the configuration: candidates, replayed as the accesses that nginx would then make, and their text. */
import { memo } from "../base/memo.ts";
import type { Analysis } from "../analysis/analysis.ts";
import type { Finding } from "../analysis/finding.ts";
import type { Edit, EditCandidate, Taken } from "../fixes/edit.ts";
import { connectPortEdits, fileEdits, listenPortEdits, socketEdits, tcpEdits } from "../fixes/edit.ts";
import type { Fix } from "../fixes/fix.ts";
import type { FileCopy } from "../fixes/fileCopy.ts";
import { editFix } from "../fixes/offer.ts";
import { isControlSocket, isDaemonPortType } from "../fixes/purpose.ts";
import { withPeer } from "../fixes/socketConnection.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import { speaksTls } from "../nginx/blocks/listenParameters.ts";
import type { Access, ConnectPort, ConnectSocket } from "../nginx/access.ts";
import { connectPeer } from "../rules/connectPeer.ts";
import { connectSocket } from "../rules/connectSocket.ts";
import type { RuleContext } from "../rules/context.ts";
import { isFastcgi, isSocketConnect } from "../rules/sockets.ts";
import { portKey, type PortRun } from "../selinux/portRuns.ts";
import { accessAfter } from "./accessAfter.ts";
import { copiesFor, certificateEdits } from "./certificateEdits.ts";
import { editedText, type TextChange } from "./textEdits.ts";

/** A fix that edits. */
export interface PlacedEdit {
  readonly fix: Fix;
  /** Every place that says the same now, the finding's own among them, by file and place. */
  readonly edits: readonly TextChange[];
  /** Findings at those places that are gone afterwards. */
  readonly solves: number;
}

/** The edits for the findings of one analysis. */
export function editorOf(analysis: Analysis): (finding: Finding) => readonly PlacedEdit[] {
  return memo(editors, analysis, () => createEditor(analysis));
}

const editors = new WeakMap<Analysis, (finding: Finding) => readonly PlacedEdit[]>();

/** What all edits share is computed once, when the first is asked for. */
function createEditor(analysis: Analysis): (finding: Finding) => readonly PlacedEdit[] {
  let index: TargetIndex | null = null;
  /** By what they are for, then by target: there may be one for every port. */
  const known = new Map<string, Map<number | string, readonly PlacedEdit[]>>();
  return ({ access, rules, verdict }) => {
    if (access === null || verdict?.decision?.verdict !== "denied" || access.certainty !== "certain") return [];
    const target = targetOf(access);
    if (target === null) return [];
    const found = (index ??= new TargetIndex(analysis));
    if (found.alike(access).length > MOST_PLACES) return [];
    const purpose = `${rules.join(" ")}${isSocketConnect(access) && isFastcgi(access) ? " fastcgi" : ""}`;
    const ofPurpose = memo(known, purpose, () => new Map<number | string, readonly PlacedEdit[]>());
    return memo(ofPurpose, target, () =>
      candidatesFor(access, rules, analysis, found).flatMap((each) => place(each, access, analysis, found) ?? []),
    );
  };
}

/** A target that is used in more places gets no edit: a report would list all of them for each finding. */
const MOST_PLACES = 100;

const LAST_PORT = 65535;

/** 1 at the place of each port that some access is about. Ranges may all overlap: each port is set once. */
function portsOf(accesses: readonly Access[]): Uint8Array {
  const ports = new Uint8Array(LAST_PORT + 1);
  const ranges: PortRun[] = [];
  for (const access of accesses) {
    if ((access.protocol !== "tcp" && access.protocol !== "udp") || access.port === null) continue;
    ports[access.port] = 1;
    if (access.kind === "bind" && access.lastPort !== null && access.lastPort > access.port)
      ranges.push({ low: access.port, high: access.lastPort });
  }
  let next = 0;
  for (const { low, high } of ranges.sort((a, b) => a.low - b.low)) {
    if (high < next) continue;
    ports.fill(1, Math.max(low, next), high + 1);
    next = high + 1;
  }
  return ports;
}

/** Accesses by what they name, and what is named. */
class TargetIndex {
  readonly #accesses = new Map<number | string, Access[]>();
  #refusals: ReadonlyMap<Access, readonly (readonly string[])[]> | null = null;
  readonly #candidates = new Map<string, readonly EditCandidate[]>();
  readonly #analysis: Analysis;
  #copies: ReadonlyMap<string, FileCopy> | null = null;
  readonly taken: Taken;

  constructor(analysis: Analysis) {
    this.#analysis = analysis;
    const { accesses } = analysis;
    for (const access of accesses) {
      const key = targetOf(access);
      if (key !== null) append(this.#accesses, key, access);
    }
    let ports: Uint8Array | null = null;
    this.taken = {
      port: (port) => (ports ??= portsOf(accesses))[port] === 1,
      path: (path) => this.#accesses.has(path),
    };
  }

  /** Candidates that are the same for every target, made once: there may be a target for every port. */
  once(key: string, make: () => readonly EditCandidate[]): readonly EditCandidate[] {
    const candidates = this.#candidates.get(key) ?? make();
    this.#candidates.set(key, candidates);
    return candidates;
  }

  /** Every access to what this one is about. */
  alike(access: Access): readonly Access[] {
    const target = targetOf(access);
    return target === null ? [] : (this.#accesses.get(target) ?? []);
  }

  /** The copies of keys and certificates, by the path of the file: no two have the same place. */
  get copies(): ReadonlyMap<string, FileCopy> {
    return (this.#copies ??= copiesFor(this.#analysis, this.taken, (access) => this.alike(access)));
  }

  /** For each finding about an access, the rules that refuse it. */
  refusals(access: Access): readonly (readonly string[])[] {
    return (this.#refusals ??= refusalsOf(this.#analysis)).get(access) ?? [];
  }
}

function refusalsOf({ findings }: Analysis): ReadonlyMap<Access, readonly (readonly string[])[]> {
  const refusals = new Map<Access, (readonly string[])[]>();
  for (const { access, rules, verdict } of findings)
    if (access !== null && verdict?.decision?.verdict === "denied") append(refusals, access, rules);
  return refusals;
}

/**
 * One port of this machine is one target whoever uses it; of another machine only its user's. A port is a number, since
 * there may be one for every port there is, and a path is itself.
 */
function targetOf(access: Access): number | string | null {
  switch (access.protocol) {
    case "tcp":
    case "udp":
      if (access.port === null) return null;
      if (access.kind === "connect" && !isLoopback(access)) return null;
      return portKey(access.protocol, access.port);
    case "unix":
    case "file":
      return access.path;
    case "process":
      return null;
  }
}

function isLoopback({ host }: ConnectPort): boolean {
  return host !== null && LOOPBACK.test(host);
}

const LOOPBACK = /^(?:127\.[\d.]+|::1|localhost)$/iu;

function candidatesFor(
  access: Access,
  rules: readonly string[],
  analysis: Analysis,
  index: TargetIndex,
): readonly EditCandidate[] {
  const { context, configuration } = analysis;
  const { taken } = index;
  switch (rules[0]) {
    case "connect-port":
      // A port that nginx listens on itself has to be changed at both ends, by a person who knows why it is so.
      if (!index.alike(access).every((each) => each.kind === "connect") || isOfDaemon(access, context)) return [];
      return index.once("connect", () => connectPortEdits(context, taken));
    case "listen-port": {
      if (access.kind !== "bind" || access.protocol === "unix" || access.port !== access.lastPort) return [];
      if (!index.alike(access).every((each) => each.kind === "bind") || isOfDaemon(access, context)) return [];
      const tree = configuration.files[access.file]?.tree;
      const tls = tree !== undefined && speaksTls(lineIndexOf(tree).bytes, access.span);
      const { protocol } = access;
      return index.once(`${protocol} ${tls}`, () => listenPortEdits(context, protocol, taken, tls));
    }
    case "connect-socket":
    case "connect-peer":
      return isSocketConnect(access) ? connectionEdits(access, rules, analysis, index) : [];
    case "listen-socket":
      return access.protocol === "unix" && access.path !== null ? socketEdits(context, access.path, taken) : [];
    case "read-path":
      return certificateEdits(context, access, index.copies);
    case "write-path":
      return access.protocol === "file" && access.path !== null
        ? fileEdits(context, access.use, access.path, taken)
        : [];
    default:
      return [];
  }
}

/** True for a port whose number says what is spoken there (mail, databases): a web port would be no other place for it. */
function isOfDaemon(access: Access, { policy }: RuleContext): boolean {
  if ((access.protocol !== "tcp" && access.protocol !== "udp") || access.port === null) return false;
  return isDaemonPortType(policy.portType(access.protocol, access.port), access.protocol);
}

/** Another place for a socket, where its label refuses it; a TCP port in its place. */
function connectionEdits(
  access: ConnectSocket,
  rules: readonly string[],
  { context, evaluator }: Analysis,
  index: TargetIndex,
): readonly EditCandidate[] {
  if (access.path === null || isControlSocket(access.path)) return [];
  const { taken } = index;
  const isOwn = !index.alike(access).every((each) => each.kind === "connect");
  const byLabel = rules.includes(connectSocket.id);
  const noTcp = access.socket === "dgram" || isOwn || (byLabel && isFastcgi(access));
  const moves = byLabel ? socketEdits(context, access.path, taken) : [];
  const { peer } = evaluator.ask(access);
  const isRefusedTwice = rules.includes(connectPeer.id) && peer !== null;
  return [
    // The same process listens wherever the socket is.
    ...(isRefusedTwice ? moves.flatMap((move) => withPeer(context, move, peer.query)) : moves),
    ...(noTcp ? [] : index.once("tcp", () => tcpEdits(context, taken))),
  ];
}

/** The candidate with its text, where the replay is content and every place can be written. */
function place(candidate: EditCandidate, access: Access, analysis: Analysis, index: TargetIndex): PlacedEdit | null {
  const { context, configuration } = analysis;
  const fix = editFix(context, candidate);
  if (fix === null) return null;
  const edits = new Map<string, TextChange>();
  const edited = index.alike(access);
  for (const each of edited) {
    const tree = configuration.files[each.file]?.tree;
    const change = tree === undefined ? null : editedText(tree, each, candidate.edit);
    // A half of the places moved would be worse than none: the service is in one of them only.
    if (change === null) return null;
    edits.set(`${change.file} ${change.span.start}`, change);
  }
  if (!edited.every((each) => isSilent(each, candidate, analysis))) return null;
  const solves = edited.reduce((sum, each) => sum + clearedAt(each, candidate.edit, index), 0);
  const order = [...edits.values()].toSorted((a, b) => a.file - b.file || a.span.start - b.span.start);
  return { fix, edits: order, solves };
}

/** True where no rule refuses the access as it is after the edit, but for the process of a socket that only moves. */
function isSilent(access: Access, { edit, changes }: EditCandidate, analysis: Analysis): boolean {
  const after = accessAfter(access, edit);
  const { context, evaluator } = analysis;
  return evaluator
    .under(context.policy.with(changes))
    .judge(after)
    .said.every(({ rule, verdict }) => isAboutProcess(rule.id, edit) || verdict.decision?.verdict !== "denied");
}

function clearedAt(access: Access, edit: Edit, index: TargetIndex): number {
  return index.refusals(access).filter((rules) => !rules.every((rule) => isAboutProcess(rule, edit))).length;
}

/** Who listens on a socket stays the same wherever it is. */
function isAboutProcess(rule: string, edit: Edit): boolean {
  return rule === connectPeer.id && edit.kind === "path";
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
