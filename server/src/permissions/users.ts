/** Users and groups of a machine, and who the processes of nginx are. */
import { HostError, type Host } from "../host/host.ts";
import { readText } from "../host/readHost.ts";
import type { KnownUser } from "./unixObject.ts";

/** /etc/passwd and /etc/group. */
export interface Accounts {
  /** By login name. */
  readonly users: ReadonlyMap<string, { readonly uid: number; readonly gid: number }>;
  /** By group name, with the login names of its members. */
  readonly groups: ReadonlyMap<string, { readonly gid: number; readonly members: readonly string[] }>;
}

/** Accounts of large sites are elsewhere; these files are small. */
const LARGEST = 4 * 2 ** 20;
const LIMITS = { timeoutMs: 5000, maxBytes: 2 ** 16 } as const;
/** What useradd(8) takes, and names with dots and capitals; never an option. */
const NAME = /^[A-Za-z0-9_][\w.@-]*\$?$/;
/** Bit of CAP_DAC_OVERRIDE in a set of capabilities (capabilities(7), linux/capability.h). */
const DAC_OVERRIDE = 1n << 1n;

export async function readAccounts(host: Host, root: string): Promise<Accounts> {
  const users = new Map<string, { readonly uid: number; readonly gid: number }>();
  for (const [name, , uid, gid] of await fieldsOf(host, `${root}/etc/passwd`)) {
    if (name !== undefined && isNumber(uid) && isNumber(gid) && !users.has(name))
      users.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  const groups = new Map<string, { readonly gid: number; readonly members: readonly string[] }>();
  for (const [name, , gid, members] of await fieldsOf(host, `${root}/etc/group`)) {
    if (name !== undefined && isNumber(gid) && !groups.has(name))
      groups.set(name, { gid: Number(gid), members: (members ?? "").split(",").filter((each) => each !== "") });
  }
  return { users, groups };
}

async function fieldsOf(host: Host, path: string): Promise<readonly (readonly string[])[]> {
  const text = (await readText(host, path, LARGEST)) ?? "";
  return text.split("\n").map((line) => line.trim().split(":"));
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,10}$/.test(text);
}

/**
 * The user that a worker becomes: setgid, initgroups, setuid (`ngx_worker_process_init`). `group`: of the `user`
 * directive; null for the group of the user's name. Directory services are asked with `id`, on this machine only.
 */
export async function userNamed(
  host: Host,
  root: string,
  { users, groups }: Accounts,
  name: string,
  group: string | null,
): Promise<KnownUser> {
  if (!NAME.test(name)) return unknown(`"${name}" is no name of a user`);
  const known = users.get(name);
  const uid = known?.uid ?? (await numbersOf(host, root, ["-u", "--", name]))[0];
  if (uid === undefined) return unknown(`there is no user ${name} in /etc/passwd`);
  const own = groups.get(group ?? name)?.gid;
  if (group !== null && own === undefined) return unknown(`there is no group ${group} in /etc/group`);
  const members = [...groups.values()].filter((each) => each.members.includes(name)).map(({ gid }) => gid);
  const told = await numbersOf(host, root, ["-G", "--", name]);
  const all = [own, group === null ? known?.gid : undefined, ...members, ...told].filter((gid) => gid !== undefined);
  return { name, uid, groups: new Set(all), overrides: uid === 0 };
}

/** What id(1) says; nothing where it does not know the user, or of a copy, whose users it does not know. */
async function numbersOf(host: Host, root: string, args: readonly string[]): Promise<readonly number[]> {
  if (root !== "") return [];
  try {
    const { code, stdout } = await host.run("/usr/bin/id", args, LIMITS);
    return code === 0 ? stdout.trim().split(/\s+/).filter(isNumber).map(Number) : [];
  } catch (error) {
    if (error instanceof HostError) return [];
    throw error;
  }
}

/** The user as which a process opens files (`fsuid` and `fsgid` of proc(5)), and whether modes bind it. */
export async function userOfProcess(host: Host, root: string, { users }: Accounts, pid: number): Promise<KnownUser> {
  const status = (await readText(host, `${root}/proc/${pid}/status`)) ?? "";
  const uid = /^Uid:\s+\d+\s+\d+\s+\d+\s+(\d+)$/m.exec(status)?.[1];
  const gid = /^Gid:\s+\d+\s+\d+\s+\d+\s+(\d+)$/m.exec(status)?.[1];
  const groups = /^Groups:[ \t]*([\d ]*)$/m.exec(status)?.[1];
  const capabilities = /^CapEff:\s+([0-9a-f]{1,16})$/m.exec(status)?.[1];
  if (uid === undefined || gid === undefined || groups === undefined || capabilities === undefined)
    return unknown(`the user of process ${pid} cannot be seen`);
  const number = Number(uid);
  const name = [...users].find(([login, each]) => each.uid === number && NAME.test(login))?.[0] ?? uid;
  const all = [gid, ...groups.split(" ")].filter(isNumber).map(Number);
  const overrides = (BigInt(`0x${capabilities}`) & DAC_OVERRIDE) !== 0n;
  return { name, uid: number, groups: new Set(all), overrides };
}

/** root with all its capabilities, as systemd starts a service. */
export const root: KnownUser = { name: "root", uid: 0, groups: new Set([0]), overrides: true };

/** A user whose ids and groups are unknown. */
export function unknown(reason: string): KnownUser {
  return { uid: null, reason };
}
