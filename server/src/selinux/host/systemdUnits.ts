/** Units of systemd, as far as they say which program serves a socket and in which domain it will run. */
import { HostError, type Host } from "../../host/host.ts";
import type { DiskLabel, ServiceProgram } from "./hostState.ts";
import type { LivePolicy } from "./live.ts";
import { domainOf } from "./processes.ts";
import { namesIn, readText, typeOfContext } from "../../host/readHost.ts";

export interface Unit {
  /** For example `php-fpm.service`. */
  readonly name: string;
  readonly text: string;
}

/** Directories of unit files, the first that has a unit wins (systemd.unit(5)). */
export const UNIT_DIRECTORIES: readonly string[] = [
  // What systemd-run starts.
  "/run/systemd/transient",
  "/etc/systemd/system",
  "/run/systemd/system",
  // What generators make of other files, for example of quadlets and of init scripts.
  "/run/systemd/generator",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
  "/run/systemd/generator.late",
];

/** A unit by its name; null where there is none. */
export async function readUnit(host: Host, root: string, name: string): Promise<Unit | null> {
  for (const directory of UNIT_DIRECTORIES) {
    const text = await readText(host, `${root}${directory}/${name}`);
    if (text !== null) return { name, text };
  }
  return null;
}

/** All units of services and sockets. */
export async function readUnits(host: Host, root: string): Promise<readonly Unit[]> {
  const names = new Set<string>();
  for (const directory of UNIT_DIRECTORIES) {
    for (const name of await namesIn(host, root + directory)) {
      if (/^[\w.:@\\-]+\.(?:service|socket)$/.test(name)) names.add(name);
    }
  }
  const units = await Promise.all([...names].map((name) => readUnit(host, root, name)));
  return units.filter((unit) => unit !== null);
}

/** The values of a setting, in order. An empty one takes those before it back (systemd.syntax(7)). */
export function settingsOf(unit: Unit, key: string): readonly string[] {
  const values: string[] = [];
  const joined = unit.text.replace(/\\\n\s*/g, " ");
  for (const line of joined.split("\n")) {
    const equals = line.indexOf("=");
    if (equals === -1 || line.slice(0, equals).trim() !== key) continue;
    const value = line.slice(equals + 1).trim();
    if (value === "") values.length = 0;
    else values.push(value);
  }
  return values;
}

/** The program that a service starts, without the prefixes of systemd.service(5); null where it is not an absolute path. */
export function programOf(unit: Unit): string | null {
  const command = settingsOf(unit, "ExecStart")[0] ?? "";
  const program = /^[-@:+!|]*"?(\/[^\s"]+)/.exec(command)?.[1];
  return program ?? null;
}

/**
 * A service with its program, where the program's label decides about the domain: no SELinuxContext= in the unit, and no
 * symbolic link on the way to the program, for a label is given to what a link stands for.
 */
export async function serviceProgram(host: Host, root: string, unit: Unit): Promise<ServiceProgram | null> {
  const program = programOf(unit);
  if (program === null || settingsOf(unit, "SELinuxContext").length > 0) return null;
  const real = await host.realPath(root + program).catch((error: unknown) => {
    if (error instanceof HostError) return null;
    throw error;
  });
  return real === root + program ? { unit: unit.name, program } : null;
}

/**
 * The service behind a unix socket: that of a .socket unit that listens there, one whose command names the path, or the
 * only one whose RuntimeDirectory= the path lies in. Null where no unit says so.
 */
export function serviceOfSocket(units: readonly Unit[], path: string): Unit | null {
  const byName = new Map(units.map((unit) => [unit.name, unit]));
  const spellings = [path, path.replace(/^\/var\/run\//, "/run/"), path.replace(/^\/run\//, "/var/run/")];
  for (const unit of units) {
    if (!unit.name.endsWith(".socket")) continue;
    const listens = [...settingsOf(unit, "ListenStream"), ...settingsOf(unit, "ListenDatagram")];
    if (!listens.some((each) => spellings.includes(each))) continue;
    const service = settingsOf(unit, "Service")[0] ?? unit.name.replace(/\.socket$/, ".service");
    return byName.get(service) ?? null;
  }
  const services = units.filter((unit) => unit.name.endsWith(".service"));
  const naming = services.filter((unit) =>
    settingsOf(unit, "ExecStart").some((command) => spellings.some((spelling) => namesPath(command, spelling))),
  );
  if (naming.length > 0) return naming.length === 1 ? (naming[0] ?? null) : null;
  const owning = services.filter((unit) =>
    settingsOf(unit, "RuntimeDirectory")
      .flatMap((value) => value.split(/\s+/))
      .some((directory) => directory !== "" && spellings.some((each) => each.startsWith(`/run/${directory}/`))),
  );
  return owning.length === 1 ? (owning[0] ?? null) : null;
}

/** True where a command has the path as a word, or at the end of one (`unix:/run/x.sock`, `--bind=/run/x.sock`). */
function namesPath(command: string, path: string): boolean {
  return command
    .split(/[\s"']+/)
    .some((word) => word.endsWith(path) && !/[\w.-]/.test(word.at(-path.length - 1) ?? ""));
}

/** Processes of a service, by its control group; none where it does not run or cannot be seen. */
export async function processesOf(host: Host, root: string, unit: Unit): Promise<readonly number[]> {
  // Version 2 of the hierarchy, then version 1. Units of systemd itself and of RHEL lie directly in system.slice.
  for (const hierarchy of ["/sys/fs/cgroup", "/sys/fs/cgroup/systemd"]) {
    const text = await readText(host, `${root}${hierarchy}/system.slice/${unit.name}/cgroup.procs`);
    if (text !== null)
      return text
        .split("\n")
        .filter((line) => /^[1-9]\d*$/.test(line))
        .map(Number);
  }
  return [];
}

/** The domain in which systemd starts a service. `how`: in words; `reason`: why it is not known. */
export type StartDomain =
  { readonly domain: string; readonly how: string } | { readonly domain: null; readonly reason: string };

/** From SELinuxContext=, else from the label of the program and the policy's transitions. */
export async function domainOfService(
  host: Host,
  live: LivePolicy,
  unit: Unit,
  labelOf: (path: string) => Promise<DiskLabel>,
): Promise<StartDomain> {
  const context = settingsOf(unit, "SELinuxContext").at(-1);
  const wanted = context === undefined ? null : typeOfContext(context.replace(/^-/, ""));
  if (wanted !== null) return { domain: wanted, how: `SELinuxContext= of ${unit.name}` };
  const program = programOf(unit);
  if (program === null) return { domain: null, reason: `${unit.name} does not say which program it starts` };
  return domainOfProgram(host, live, program, labelOf);
}

/** The domain that a program gets when systemd starts it. */
export async function domainOfProgram(
  host: Host,
  live: LivePolicy,
  program: string,
  labelOf: (path: string) => Promise<DiskLabel>,
): Promise<StartDomain> {
  const { facts } = live;
  const onDisk = await labelOf(program);
  if (onDisk.state === "missing") return { domain: null, reason: `${program} does not exist` };
  const byDefault = onDisk.state === "present" ? null : facts.label(program, "file");
  const type = onDisk.state === "present" ? onDisk.type : byDefault?.type;
  if (type === null || type === undefined) return { domain: null, reason: `the label of ${program} is not known` };
  const init = await domainOfInit(host, live);
  return {
    domain: await domainOfType(host, live, type),
    how: `${program} is labelled ${type}${byDefault === null ? "" : " by default"} and is started by ${init}`,
  };
}

/** The domain that a program with this label gets when systemd starts it. */
export async function domainOfType(host: Host, live: LivePolicy, type: string): Promise<string> {
  const init = await domainOfInit(host, live);
  return live.facts.processTransition(init, type) ?? init;
}

async function domainOfInit(host: Host, { root }: LivePolicy): Promise<string> {
  return (await domainOf(host, root, 1)) ?? "init_t";
}
