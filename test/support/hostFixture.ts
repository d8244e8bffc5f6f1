/** What a fixture says of the host that it runs on, as the state that a live provider would have gathered. */
import { hostStateOf } from "../../server/src/selinux/host/hostState.ts";
import type { DiskLabel, HostState, NginxDomain, SocketPeer } from "../../server/src/selinux/host/hostState.ts";
import { directoriesAbove } from "../../server/src/base/paths.ts";
import type { HostPermissions } from "../../server/src/permissions/hostPermissions.ts";
import type { UnixObject, UnixUser } from "../../server/src/permissions/unixObject.ts";
import type { Accounts } from "../../server/src/permissions/users.ts";
import type { Mode, PolicyFacts } from "../../server/src/selinux/policy.ts";
import type { FileKind } from "../../server/src/selinux/fileContextLists.ts";

const kinds: Readonly<Record<string, FileKind>> = { dir: "dir", file: "file", sock: "sock" };

/** The accounts of a fixture's host; `nginx` is in the group `web`. */
const accounts: Accounts = {
  users: new Map([
    ["root", { uid: 0, gid: 0 }],
    ["nginx", { uid: 990, gid: 990 }],
    ["alice", { uid: 1000, gid: 1000 }],
    ["shop", { uid: 991, gid: 991 }],
  ]),
  groups: new Map([
    ["root", { gid: 0, members: [] }],
    ["nginx", { gid: 990, members: [] }],
    ["alice", { gid: 1000, members: [] }],
    ["shop", { gid: 991, members: [] }],
    ["web", { gid: 992, members: ["nginx"] }],
  ]),
};

/** The user of a fixture's workers. */
export const fixtureWorker: UnixUser = { name: "nginx", uid: 990, groups: new Set([990, 992]), overrides: false };

/** root as a service has it. */
export const fixtureMaster: UnixUser = { name: "root", uid: 0, groups: new Set([0]), overrides: true };

/**
 * A host on which the lines `PATH MODE USER:GROUP dir|file|sock` say who owns the paths, and everything else is root's and
 * 0755, or missing where it is no directory above one of them. `unseen` for the mode: this user cannot see it.
 */
export function permissionsFixture(lines: readonly string[], more: Partial<HostPermissions> = {}): HostPermissions {
  const objects = new Map<string, UnixObject>();
  for (const line of lines) {
    const [path = "", mode = "", owner = "", letter = ""] = line.split(" ");
    const [user = "", group = ""] = owner.split(":");
    const uid = accounts.users.get(user)?.uid ?? 0;
    const gid = accounts.groups.get(group)?.gid ?? 0;
    const kind = letter === "dir" ? "directory" : letter === "file" ? "file" : "other";
    objects.set(
      path,
      mode === "unseen"
        ? { state: "unseen", path, reason: `${path} is not visible to alice` }
        : { state: "seen", path, kind, mode: Number.parseInt(mode, 8), uid, gid, acl: null },
    );
  }
  const known = new Set([...objects.keys()].flatMap((path) => [path, ...directoriesAbove(path)]));
  const at = (path: string): UnixObject =>
    objects.get(path) ??
    (known.has(path)
      ? { state: "seen", path, kind: "directory", mode: 0o755, uid: 0, gid: 0, acl: null }
      : { state: "missing", path });
  const ways = new Map([...objects.keys()].map((path) => [path, [...directoriesAbove(path), path].map(at)]));
  return { worker: fixtureWorker, master: fixtureMaster, ways, accounts, makers: new Map(), ...more };
}

/**
 * Lines, each one of: `mode permissive`, `boolean NAME=on` (at run time), `label PATH TYPE dir|file|sock`,
 * `missing PATH`, `peer PATH DOMAIN`, `nginx DOMAIN`, `container DOMAIN`, `customizable TYPE`,
 * `files HARD-LIMIT`, `owner PATH MODE USER:GROUP dir|file|sock` (see `permissionsFixture`).
 * Unless told otherwise nginx runs as httpd_t on an enforcing host.
 */
export function hostFixture(facts: PolicyFacts, lines: readonly string[]): HostState {
  const booleans = new Map(facts.booleans);
  const labels = new Map<string, DiskLabel>();
  const peers = new Map<string, SocketPeer>();
  const customizableTypes = new Set<string>();
  const owners: string[] = [];
  let mode: Mode = "enforcing";
  const running = { domain: "httpd_t", how: "the running master process (pid 812)", container: false };
  let nginx: NginxDomain = running;
  for (const line of lines) {
    const [what, first = "", second = "", third = ""] = line.split(" ");
    const [name = "", value] = first.split("=");
    if (what === "mode" && (first === "permissive" || first === "disabled")) mode = first;
    else if (what === "boolean" && facts.booleans.has(name)) booleans.set(name, value === "on");
    else if (what === "label") labels.set(first, { state: "present", type: second, kind: kinds[third] ?? "file" });
    else if (what === "missing") labels.set(first, { state: "missing" });
    else if (what === "owner") owners.push(line.slice("owner ".length));
    else if (what === "peer") peers.set(first, { domain: second, process: "app (pid 900)", assumed: false });
    else if (what === "nginx") nginx = { ...running, domain: first };
    else if (what === "container") nginx = { ...running, domain: first, container: true };
    else if (what === "files" && nginx.domain !== null)
      nginx = { ...nginx, hardLimits: { nofile: Number(first), core: null } };
    else if (what === "customizable") customizableTypes.add(first);
    else throw new Error(`a fixture's host cannot be told "${line}"`);
  }
  return hostStateOf(facts, {
    mode,
    booleans,
    localPorts: [32768, 60999],
    nginx,
    customizableTypes,
    labels,
    realPaths: new Map(),
    peers,
    permissions: owners.length === 0 ? null : permissionsFixture(owners),
  });
}
