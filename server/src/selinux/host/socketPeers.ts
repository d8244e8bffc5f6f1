/** Who listens on a unix socket, and in which domain. */
import { HostError, type Host } from "../../host/host.ts";
import type { DiskLabel, ServiceProgram, SocketPeer } from "./hostState.ts";
import type { LivePolicy } from "./live.ts";
import { domainOf, processIds, processName, serviceOf } from "./processes.ts";
import { readPhpPools } from "./phpPools.ts";
import { namesIn, readText } from "../../host/readHost.ts";
import {
  domainOfService,
  domainOfType,
  processesOf,
  readUnit,
  readUnits,
  serviceOfSocket,
  serviceProgram,
  type Unit,
} from "./systemdUnits.ts";

const LIMITS = { timeoutMs: 3000, maxBytes: 4 * 2 ** 20 } as const;
/** Open files that are looked at in /proc. */
const MOST_FILES = 20_000;

/**
 * The listeners of some sockets. An ordinary user sees the open files of its own processes only; for the others the
 * unit that owns the socket tells the service, and the service its processes, whose domains everybody may read.
 * `realPaths`: of those sockets that are reached through a symbolic link.
 */
export async function findPeers(
  host: Host,
  live: LivePolicy,
  sockets: ReadonlySet<string>,
  realPaths: ReadonlyMap<string, string | null>,
  labelOf: (path: string) => Promise<DiskLabel>,
): Promise<ReadonlyMap<string, SocketPeer>> {
  const peers = new Map<string, SocketPeer>();
  if (sockets.size === 0) return peers;
  const { root } = live;
  const inodes = listeningInodes((await readText(host, `${root}/proc/net/unix`)) ?? "");
  const inodeOf = (path: string): string | undefined => inodes.get(path) ?? inodes.get(realPaths.get(path) ?? "");
  const wanted = new Set([...sockets].flatMap((path) => inodeOf(path) ?? []));
  const owners = wanted.size === 0 ? new Map<string, number>() : await ownersOf(host, root, wanted);

  const unseen: string[] = [];
  for (const path of sockets) {
    const pid = owners.get(inodeOf(path) ?? "");
    if (pid === undefined) unseen.push(path);
    else peers.set(path, await peerOfProcess(host, root, pid));
  }
  const units = unseen.length === 0 ? [] : await readUnits(host, root);
  const pools = unseen.length === 0 ? new Map<string, string>() : await readPhpPools(host, root);
  const unitOf = (path: string): Unit | null =>
    serviceOfSocket(units, path) ?? units.find(({ name }) => name === pools.get(path)) ?? null;
  for (const path of unseen) {
    const unit = unitOf(path) ?? unitOf(realPaths.get(path) ?? "");
    const listens = inodeOf(path) !== undefined;
    const peer = unit === null ? peerUnknown(host, live, listens) : peerOfUnit(host, live, unit, listens, labelOf);
    peers.set(path, await peer);
  }
  for (const [path, real] of realPaths) {
    const peer = peers.get(path);
    if (real !== null && peer !== undefined) peers.set(real, peer);
  }
  return peers;
}

/** A process that was seen to listen. */
async function peerOfProcess(host: Host, root: string, pid: number): Promise<SocketPeer> {
  const process = `${await processName(host, root, pid)} (pid ${pid})`;
  const domain = await domainOf(host, root, pid);
  if (domain === null) {
    return { domain, reason: `the domain of ${process}, which listens there, cannot be read` };
  }
  const unit = await serviceOf(host, root, pid);
  const service = await programOfUnit(host, root, unit === null ? null : await readUnit(host, root, unit));
  return { domain, process, assumed: false, ...service };
}

/** Neither a process nor a unit is known. `listens`: a process listens that this user may not see. */
async function peerUnknown(host: Host, live: LivePolicy, listens: boolean): Promise<SocketPeer> {
  const usual = await domainOfType(host, live, ORDINARY_PROGRAM);
  return listens
    ? { domain: null, reason: hiddenReason(host.user), isHidden: true, usual }
    : { domain: null, reason: NO_LISTENER, usual };
}

/** The running process of a unit, else the domain that its program would get. */
async function peerOfUnit(
  host: Host,
  live: LivePolicy,
  unit: Unit,
  listens: boolean,
  labelOf: (path: string) => Promise<DiskLabel>,
): Promise<SocketPeer> {
  const { root } = live;
  const [pid] = listens ? await processesOf(host, root, unit) : [];
  const running = pid === undefined ? null : await domainOf(host, root, pid);
  if (running !== null) {
    const service = await programOfUnit(host, root, unit);
    return { domain: running, process: `${unit.name} (pid ${pid})`, assumed: false, ...service };
  }
  const started = await domainOfService(host, live, unit, labelOf);
  if (started.domain === null) return started;
  const service = await programOfUnit(host, root, unit);
  return { domain: started.domain, process: `${unit.name}: ${started.how}`, assumed: true, ...service };
}

async function programOfUnit(host: Host, root: string, unit: Unit | null): Promise<{ service?: ServiceProgram }> {
  const service = unit === null ? null : await serviceProgram(host, root, unit);
  return service === null ? {} : { service };
}

const NO_LISTENER = "nothing listens there now, and no systemd unit names the socket";
const hiddenReason = (user: string): string =>
  `the process that listens there is not visible to ${user}, and no systemd unit names the socket`;

/** The label of programs that no policy has a domain for. */
const ORDINARY_PROGRAM = "bin_t";

/** Flag __SO_ACCEPTCON of a socket that listens, in /proc/net/unix (proc(5)). */
const LISTENS = 0x10000;

/** Path to inode of the sockets that listen; for datagrams, of those that are bound. */
function listeningInodes(text: string): ReadonlyMap<string, string> {
  const inodes = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) ([0-9A-F]+) [0-9A-F]+ +(\d+) (\/.*)$/.exec(line);
    if (match === null) continue;
    const [, flags = "", type = "", inode = "", path = ""] = match;
    const isDatagram = type === "0002";
    if (isDatagram || (Number.parseInt(flags, 16) & LISTENS) !== 0) {
      inodes.set(path, inode);
      // Services often still say /var/run, which is a link to /run.
      inodes.set(path.replace(/^\/var\/run\//, "/run/"), inode);
    }
  }
  return inodes;
}

/** The process that has each socket open. systemd keeps those that it listens on for a service: it counts last. */
async function ownersOf(host: Host, root: string, inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const seen = root === "" ? await ownersBySs(host, inodes) : null;
  return seen ?? ownersByFiles(host, root, inodes);
}

/** RHEL has it in sbin, Debian in bin. Null where there is none, or it fails. */
async function outputOfSs(host: Host): Promise<string | null> {
  for (const program of ["/usr/sbin/ss", "/usr/bin/ss"]) {
    try {
      const { code, stdout } = await host.run(program, ["-xanp"], LIMITS);
      return code === 0 ? stdout : null;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error.code !== "ENOENT") return null;
    }
  }
  return null;
}

/** Null where there is no `ss`. */
async function ownersBySs(host: Host, inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, number> | null> {
  const output = await outputOfSs(host);
  if (output === null) return null;
  const owners = new Map<string, number>();
  for (const line of output.split("\n")) {
    // NETID STATE RECV-Q SEND-Q PATH INODE * PEER-INODE users:(("name",pid=1,fd=2),...)
    const match = / (\d+) +\* +\d+ +users:\((.*)\)$/.exec(line.trimEnd());
    const inode = match?.[1] ?? "";
    if (!inodes.has(inode)) continue;
    const pids = [...(match?.[2] ?? "").matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));
    const pid = pids.find((each) => each !== 1);
    if (pid !== undefined) owners.set(inode, pid);
  }
  return owners;
}

async function ownersByFiles(
  host: Host,
  root: string,
  inodes: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const owners = new Map<string, number>();
  let files = 0;
  for (const pid of await processIds(host, root)) {
    if (pid === 1) continue;
    const directory = `${root}/proc/${pid}/fd`;
    for (const name of await namesIn(host, directory)) {
      if (++files > MOST_FILES || owners.size === inodes.size) return owners;
      const inode = /^socket:\[(\d+)\]$/.exec(await linkText(host, `${directory}/${name}`))?.[1];
      if (inode !== undefined && inodes.has(inode) && !owners.has(inode)) owners.set(inode, pid);
    }
  }
  return owners;
}

async function linkText(host: Host, path: string): Promise<string> {
  try {
    return await host.readLink(path);
  } catch (error) {
    if (error instanceof HostError) return "";
    throw error;
  }
}
