/** Owners and modes on the way to paths, with what running processes and units say of who nginx is and who makes sockets. */
import type { Host } from "../../host/host.ts";
import { decideUnix } from "../../permissions/decideUnix.ts";
import {
  readPermissions,
  type HostPermissions,
  type NamedUser,
  type SocketMaker,
} from "../../permissions/hostPermissions.ts";
import { listedModes } from "../../permissions/listedModes.ts";
import { WRITE } from "../../permissions/unixObject.ts";
import { readList } from "./diskLabels.ts";
import type { NamedPath, NginxDomain, SocketPeer } from "./hostState.ts";
import { readUnit, readUnits, serviceOfSocket, settingsOf, type Unit } from "./systemdUnits.ts";

interface Known {
  readonly named: readonly NamedPath[];
  readonly user: NamedUser | null;
  readonly nginx: NginxDomain;
  readonly peers: ReadonlyMap<string, SocketPeer>;
}

/** Null where nginx runs in a container only, and for a copy that carries no modes. */
export async function gatherPermissions(
  host: Host,
  root: string,
  { named, user, nginx, peers }: Known,
): Promise<HostPermissions | null> {
  const list = await readList(host, root);
  const listed = list === null ? null : listedModes(list);
  if ((root !== "" && listed === null) || (nginx.domain !== null && nginx.container)) return null;
  const unit = await readUnit(host, root, "nginx.service");
  const unitUser = unit === null ? undefined : settingsOf(unit, "User").at(-1);
  const read = await readPermissions(
    host,
    root,
    new Set(named.map(({ path }) => path)),
    {
      directive: user,
      master: (nginx.domain === null ? undefined : nginx.pid) ?? null,
      unitUser: unitUser === undefined || unitUser === "root" ? null : unitUser,
    },
    listed,
  );
  const refusing = named.flatMap(({ path, kind }) => {
    const way = read.ways.get(path);
    if (kind !== "sock" || way === undefined || read.worker.uid === null) return [];
    return decideUnix(way, read.worker, WRITE).verdict === "denied" ? [path] : [];
  });
  return { ...read, makers: await makersOf(host, root, refusing, peers) };
}

async function makersOf(
  host: Host,
  root: string,
  sockets: readonly string[],
  peers: ReadonlyMap<string, SocketPeer>,
): Promise<ReadonlyMap<string, SocketMaker>> {
  const makers = new Map<string, SocketMaker>();
  const units = sockets.length === 0 ? [] : await readUnits(host, root);
  for (const path of sockets) {
    const peer = peers.get(path);
    const running = peer === undefined || peer.domain === null ? undefined : peer.service?.unit;
    const unit = units.find(({ name }) => name === running) ?? serviceOfSocket(units, path);
    if (unit !== null) makers.set(path, makerOf(unit));
  }
  return makers;
}

function makerOf(unit: Unit): SocketMaker {
  const umask = settingsOf(unit, "UMask").at(-1) ?? "";
  const directories = settingsOf(unit, "RuntimeDirectory").flatMap((value) => value.split(/\s+/));
  return {
    unit: unit.name,
    umask: /^[0-7]{1,4}$/.test(umask) ? Number.parseInt(umask, 8) : 0o022,
    // Behind a colon stands the name of a link to it (systemd.exec(5)).
    runtimeDirectories: directories.flatMap((each) => (each === "" ? [] : [`/run/${each.split(":")[0]}`])),
  };
}
