/** What /proc tells of processes to an ordinary user. */
import type { Host } from "../../host/host.ts";
import type { HardLimits } from "./hostState.ts";
import { namesIn, readText, typeOfContext } from "../../host/readHost.ts";

/** More processes than this are not looked at. */
const MOST_PROCESSES = 8192;

/** Process ids below `root`/proc, ascending. */
export async function processIds(host: Host, root: string): Promise<readonly number[]> {
  const names = await namesIn(host, `${root}/proc`);
  const ids = names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number);
  return ids.sort((a, b) => a - b).slice(0, MOST_PROCESSES);
}

/** The domain of a process; null where it is gone or cannot be seen. */
export async function domainOf(host: Host, root: string, pid: number): Promise<string | null> {
  const context = await readText(host, `${root}/proc/${pid}/attr/current`);
  return context === null ? null : typeOfContext(context);
}

/** The command line with spaces between the words; "" for a kernel thread or a process that cannot be seen. */
export async function commandLine(host: Host, root: string, pid: number): Promise<string> {
  return ((await readText(host, `${root}/proc/${pid}/cmdline`)) ?? "").replaceAll("\0", " ");
}

/** The short name of a process, made printable. */
export async function processName(host: Host, root: string, pid: number): Promise<string> {
  const name = (await readText(host, `${root}/proc/${pid}/comm`)) ?? "process";
  return name.replace(/[^\x20-\x7e]/g, "?");
}

/** The hard limits of a process; null where they cannot be seen. */
export async function hardLimitsOf(host: Host, root: string, pid: number): Promise<HardLimits | null> {
  const text = await readText(host, `${root}/proc/${pid}/limits`);
  // Name, soft limit, hard limit, unit (proc(5)).
  const nofile = /^Max open files +\S+ +(\d+|unlimited)/m.exec(text ?? "")?.[1];
  const core = /^Max core file size +\S+ +(\d+|unlimited)/m.exec(text ?? "")?.[1];
  if (nofile === undefined || core === undefined) return null;
  const amountOf = (word: string): number | null => (word === "unlimited" ? null : Number(word));
  return { nofile: amountOf(nofile), core: amountOf(core) };
}

/** The systemd service that a process belongs to, by its control group (systemd.resource-control(5)); null for none. */
export async function serviceOf(host: Host, root: string, pid: number): Promise<string | null> {
  const groups = (await readText(host, `${root}/proc/${pid}/cgroup`)) ?? "";
  return /\/system\.slice\/([\w.:@\\-]+\.service)$/mu.exec(groups)?.[1] ?? null;
}

/** Control groups that container engines make for their containers (podman, docker, cri-o, containerd, lxc). */
const CONTAINER_GROUP = /\b(?:libpod|docker|crio|cri-containerd|kubepods|lxc|buildkit)\b|\/machine\.slice\/libpod/;
const CONTAINER_DOMAINS = new Set(["container_t", "container_init_t", "container_kvm_t", "spc_t", "svirt_lxc_net_t"]);

/** True where a process belongs to a container, by its domain or by its control group. */
export async function isInContainer(host: Host, root: string, pid: number, domain: string | null): Promise<boolean> {
  if (domain !== null && CONTAINER_DOMAINS.has(domain)) return true;
  return CONTAINER_GROUP.test((await readText(host, `${root}/proc/${pid}/cgroup`)) ?? "");
}
