/** Asks a running host for its state. */
import { hostBelow } from "../../host/copyHost.ts";
import type { Host } from "../../host/host.ts";
import { listedContentLabels, readContentLabels } from "./contentLabels.ts";
import { anyFileIn } from "../decideFile.ts";
import { readDiskLabels, readLabelList } from "./diskLabels.ts";
import { hostStateOf, unasked, type DiskLabel, type HostState, type NamedPath } from "./hostState.ts";
import type { LivePolicy } from "./live.ts";
import type { NamedUser } from "../../permissions/hostPermissions.ts";
import { gatherPermissions } from "./gatherPermissions.ts";
import { findNginx } from "./nginxProcess.ts";
import { readMounts } from "./mounts.ts";
import { readNginxUnit } from "./nginxUnit.ts";
import { findPeers } from "./socketPeers.ts";

/**
 * Asks the host about some paths: their labels and those of the directories above them, who listens on the sockets, and
 * what nginx runs as, owners and modes on the way. `user`: that of the `user` directive. Works as an ordinary user; what cannot be seen is `unknown` with the reason. Never rejects
 * because of the host.
 */
export async function gatherHostState(
  asked: Host,
  live: LivePolicy,
  named: Iterable<NamedPath>,
  user: NamedUser | null = null,
): Promise<HostState> {
  const host = hostBelow(asked, live.root);
  const paths = [...named].filter(({ path }) => path.startsWith("/"));
  const sockets = new Set(paths.filter(({ kind }) => kind === "sock").map(({ path }) => path));
  const listed = await readLabelList(host, live.root);
  const disk = await readDiskLabels(
    host,
    live.root,
    paths.map(({ path }) => path),
    listed,
  );
  const directories = paths.flatMap(({ kind, path }) => (kind === "dir" ? [disk.realPaths.get(path) ?? path] : []));
  // A copy has usually lost its labels, and lists them where it has not.
  const contents =
    live.root === ""
      ? await readContentLabels(host, new Set(directories))
      : listedContentLabels(listed ?? new Map(), new Set(directories));
  const strays = [...contents.strays.values()]
    .flat()
    .map(({ path, ...label }): [string, DiskLabel] => [path, { state: "present", ...label }]);
  const inside = [...contents.labels].map(([directory, label]) => [anyFileIn(directory), label] as const);
  const labelOf = async (path: string): Promise<DiskLabel> =>
    disk.labels.get(path) ?? (await readDiskLabels(host, live.root, [path], listed)).labels.get(path) ?? unasked;
  const nginx = await findNginx(host, live, labelOf);
  const peers = await findPeers(host, live, sockets, disk.realPaths, labelOf);
  return hostStateOf(live.facts, {
    mode: live.mode,
    booleans: live.booleans,
    localPorts: live.localPorts,
    customizableTypes: live.customizableTypes,
    nginx,
    unit: await readNginxUnit(host, live.root),
    ...(await readMounts(host, live.root)),
    labels: new Map([...disk.labels, ...inside, ...strays]),
    realPaths: disk.realPaths,
    contents: live.root === "" ? contents.files : [],
    strays: contents.strays,
    peers,
    permissions: await gatherPermissions(host, live.root, { named: paths, user, nginx, peers }),
  });
}
