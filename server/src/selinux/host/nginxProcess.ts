/** The domain in which nginx runs on a host, or would run. */
import { HostError, type Host } from "../../host/host.ts";
import type { DiskLabel, NginxDomain } from "./hostState.ts";
import type { LivePolicy } from "./live.ts";
import { commandLine, domainOf, hardLimitsOf, isInContainer, processIds } from "./processes.ts";
import { readText } from "../../host/readHost.ts";
import { domainOfProgram, domainOfService, programOf, readUnit } from "./systemdUnits.ts";

/** What nginx writes over its command line (ngx_process_cycle.c); OpenResty and Tengine do the same. */
const MASTER = /^nginx: master process/;
/** Services and programs, in this order, where no nginx runs. */
const SERVICES = ["nginx.service", "openresty.service"];
const PROGRAMS = [
  "/usr/sbin/nginx",
  "/usr/local/nginx/sbin/nginx",
  "/usr/local/sbin/nginx",
  "/usr/local/openresty/nginx/sbin/nginx",
];

/**
 * The domain of the running master process; without one, that of the service or program which would be started. A
 * master in a container counts only where there is no other.
 */
export async function findNginx(
  host: Host,
  live: LivePolicy,
  labelOf: (path: string) => Promise<DiskLabel>,
): Promise<NginxDomain> {
  return (await runningMaster(host, live.root)) ?? (await installedNginx(host, live, labelOf));
}

async function runningMaster(host: Host, root: string): Promise<NginxDomain | null> {
  let contained: NginxDomain | null = null;
  for await (const pid of masters(host, root)) {
    const domain = await domainOf(host, root, pid);
    if (domain === null) continue;
    const container = await isInContainer(host, root, pid, domain);
    const where = container ? ", in a container" : "";
    const how = `the running master process (pid ${pid}${where})`;
    const hardLimits = await hardLimitsOf(host, root, pid);
    const found: NginxDomain = { domain, how, container, pid, ...(hardLimits === null ? {} : { hardLimits }) };
    if (!container) return found;
    contained ??= found;
  }
  return contained;
}

/** The process that the pid file names, first; it may be an old file, or not the only nginx. */
async function* masters(host: Host, root: string): AsyncGenerator<number> {
  const text = await readText(host, `${root}/run/nginx.pid`);
  const named = text !== null && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
  if (named !== null && MASTER.test(await commandLine(host, root, named))) yield named;
  for (const pid of await processIds(host, root)) {
    if (pid !== named && MASTER.test(await commandLine(host, root, pid))) yield pid;
  }
}

async function installedNginx(
  host: Host,
  live: LivePolicy,
  labelOf: (path: string) => Promise<DiskLabel>,
): Promise<NginxDomain> {
  for (const name of SERVICES) {
    const unit = await readUnit(host, live.root, name);
    if (unit === null || programOf(unit) === null) continue;
    const found = await domainOfService(host, live, unit, labelOf);
    if (found.domain !== null) return { ...found, how: `no nginx runs; ${found.how}`, container: false };
  }
  for (const program of PROGRAMS) {
    if (!(await exists(host, live.root + program))) continue;
    const found = await domainOfProgram(host, live, program, labelOf);
    if (found.domain !== null) return { ...found, how: `no nginx runs; ${found.how}`, container: false };
  }
  return { domain: null, reason: "no nginx runs, and none was found where it is usually installed" };
}

async function exists(host: Host, path: string): Promise<boolean> {
  try {
    await host.stat(path);
    return true;
  } catch (error) {
    if (error instanceof HostError) return false;
    throw error;
  }
}
