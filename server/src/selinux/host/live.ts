/**
 * The live provider: the policy of this machine, or of one whose `/` was copied, as an ordinary user can read it. No
 * program is started but `rpm -q`, nothing is held open, nothing is written.
 */
import { hostBelow } from "../../host/copyHost.ts";
import { HostError, type Host } from "../../host/host.ts";
import { parseOsRelease } from "./osRelease.ts";
import { binaryFacts } from "../binary/binaryFacts.ts";
import { PolicyFormatError } from "../binary/policyFormatError.ts";
import type { Mode, PolicyFacts, PolicyInfo } from "../policy.ts";
import { directoryLabels, fileContextNames, newestPolicyName } from "../files/policyDirectory.ts";
import { namesIn, readIfThere, readText, stampOf } from "../../host/readHost.ts";
import { readStatus, type SelinuxStatus } from "./selinuxStatus.ts";

export interface LivePolicy {
  readonly available: true;
  /** "" for this machine, else the directory that stands for `/`. */
  readonly root: string;
  /** `info.source` is `live`. The booleans are the persistent ones: those that the policy on disk has. */
  readonly facts: PolicyFacts;
  readonly mode: Mode;
  /** Runtime values; the persistent ones where there is no kernel to ask. */
  readonly booleans: ReadonlyMap<string, boolean>;
  /** `net.ipv4.ip_local_port_range`, inclusive. */
  readonly localPorts: readonly [low: number, high: number];
  /** Types that restorecon leaves alone unless it is forced (contexts/customizable_types). */
  readonly customizableTypes: ReadonlySet<string>;
  /** Files and directories whose change may change this. */
  readonly watched: readonly string[];
  /** Equal stamps: the same answers. */
  readonly stamp: string;
  readonly cache: LiveCache;
}

export interface LiveUnavailable {
  readonly available: false;
  /** For the user: why there is no live policy here. */
  readonly reason: string;
}

/** What a later call can use again, with what it was made from. */
interface LiveCache {
  readonly loaded: Loaded;
  readonly booleansKey: string | null;
  readonly packageKey: string;
  readonly packageName: string | null;
}

/** A policy file that was read, and the facts before they were told mode and names. */
interface Loaded {
  readonly key: string;
  readonly path: string;
  readonly facts: PolicyFacts;
}

/** Policies are 2 to 10 MB, file_contexts under 1 MB. */
const LARGEST_POLICY = 64 * 2 ** 20;
/** Newest version that the reader knows; libselinux starts at the newer of the kernel's and its own (load_policy.c). */
const NEWEST_VERSION = 35;
/** The kernel's default `ip_local_port_range`. */
const DEFAULT_LOCAL_PORTS = [32768, 60999] as const;

/**
 * The live policy of this machine (`root` "") or of a copy of a machine's `/`. With `previous`, what is unchanged is
 * used again, and where nothing has changed `previous` itself is the answer: cheap enough to be called every second.
 */
export async function openLive(
  host: Host,
  root: string,
  previous: LivePolicy | null = null,
): Promise<LivePolicy | LiveUnavailable> {
  try {
    return await open(hostBelow(host, root), root, previous?.root === root ? previous : null);
  } catch (error) {
    if (error instanceof HostError || error instanceof PolicyFormatError) return unavailable(error.message);
    throw error;
  }
}

async function open(host: Host, root: string, previous: LivePolicy | null): Promise<LivePolicy | LiveUnavailable> {
  const selinuxfs = `${root}/sys/fs/selinux`;
  const config = parseConfig(await readText(host, `${root}/etc/selinux/config`));
  const enforce = await readText(host, `${selinuxfs}/enforce`);
  if (enforce === null && root === "" && (await isContainer(host))) {
    return unavailable("this is a container, in which the policy of its host cannot be seen");
  }
  if (enforce === null && config === null) {
    return unavailable(`SELinux is not there: neither ${selinuxfs} nor ${root}/etc/selinux/config exists`);
  }
  const type = config?.type ?? "targeted";
  const directory = `${root}/etc/selinux/${type}`;
  const status = await readStatus(host, `${selinuxfs}/status`);
  const kernel = await readText(host, `${selinuxfs}/policyvers`);
  const files = await policyFiles(host, directory, selinuxfs, kernel, status);
  if (files.length === 0) {
    return unavailable(`there is no policy in ${directory}/policy, and none can be read from ${selinuxfs}/policy`);
  }
  const loaded = await loadFirst(host, files, directory, previous?.cache.loaded ?? null);

  const packageKey = `${type} ${loaded.key}`;
  const known = previous?.cache.packageKey === packageKey ? previous.cache : null;
  const packageName = known === null ? await policyPackage(host, root, type) : known.packageName;
  const mode = modeOf(enforce, config?.mode ?? null, root);
  const origin = [
    packageName,
    loaded.path === `${selinuxfs}/policy` ? "the running policy" : loaded.path.slice(root.length),
    kernel === null ? null : `kernel policy version ${kernel}`,
  ];
  const info = await describe(host, root, mode, origin, loaded.facts.info.exactLabels);

  const booleansKey = root === "" && status !== null ? `${loaded.key} ${status.policyLoad}` : null;
  const booleans =
    previous !== null && booleansKey !== null && previous.cache.booleansKey === booleansKey
      ? previous.booleans
      : await readBooleans(host, `${selinuxfs}/booleans`, loaded.facts.booleans);
  const localPorts = parsePorts(await readText(host, `${root}/proc/sys/net/ipv4/ip_local_port_range`));
  const customizable = await readText(host, `${directory}/contexts/customizable_types`);
  const stamp = JSON.stringify([root, loaded.key, info, [...booleans], localPorts, customizable]);
  if (previous?.stamp === stamp) return previous;
  return {
    available: true,
    root,
    facts: { ...loaded.facts, info },
    mode,
    booleans,
    localPorts,
    customizableTypes: new Set((customizable ?? "").split(/\s+/).filter((name) => name !== "")),
    watched: [
      `${root}/etc/selinux/config`,
      `${directory}/policy`,
      `${directory}/contexts/files`,
      `${selinuxfs}/enforce`,
      `${selinuxfs}/status`,
      `${selinuxfs}/booleans`,
    ],
    stamp,
    cache: { loaded, booleansKey, packageKey, packageName },
  };
}

function unavailable(reason: string): LiveUnavailable {
  return { available: false, reason };
}

interface SelinuxConfig {
  readonly mode: Mode | null;
  /** Name of the directory below /etc/selinux. */
  readonly type: string;
}

/** /etc/selinux/config, as libselinux reads it (selinux_config.c): the type is `targeted` unless it says otherwise. */
function parseConfig(text: string | null): SelinuxConfig | null {
  if (text === null) return null;
  const values = new Map(
    text.split("\n").map((line) => {
      const equals = Math.max(line.indexOf("="), 0);
      return [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
    }),
  );
  const mode = values.get("SELINUX")?.toLowerCase();
  const wanted = values.get("SELINUXTYPE") ?? "";
  const type = /^[\w.-]+$/.test(wanted) ? wanted : "targeted";
  return {
    mode: mode === "enforcing" || mode === "permissive" || mode === "disabled" ? mode : null,
    type: /^\.+$/.test(type) ? "targeted" : type,
  };
}

/** The kernel knows. Without its file system a machine has SELinux off; a copy is taken for the machine as it boots. */
function modeOf(enforce: string | null, configured: Mode | null, root: string): Mode {
  if (enforce !== null) return enforce === "0" ? "permissive" : "enforcing";
  return root === "" ? "disabled" : (configured ?? "assumed");
}

/** Podman and Docker leave these files; systemd tells `container=` to its children only. */
async function isContainer(host: Host): Promise<boolean> {
  const marks = await Promise.all(["/run/.containerenv", "/.dockerenv"].map((path) => stampOf(host, path)));
  return marks.some((mark) => mark !== null);
}

interface PolicyFile {
  readonly path: string;
  /** Equal keys: the same content. */
  readonly key: string;
}

/**
 * Files to try: the one that libselinux would load, then what the kernel shows of the policy that it runs. The latter
 * has the runtime values of booleans as its own, and no time of change: the count of policy loads stands for it.
 */
async function policyFiles(
  host: Host,
  directory: string,
  selinuxfs: string,
  kernel: string | null,
  status: SelinuxStatus | null,
): Promise<readonly PolicyFile[]> {
  const version = Number.parseInt(kernel ?? "", 10);
  const newest = Number.isNaN(version) ? NEWEST_VERSION : Math.max(version, NEWEST_VERSION);
  const name = newestPolicyName(await namesIn(host, `${directory}/policy`), newest);
  const onDisk = name === null ? null : `${directory}/policy/${name}`;
  const running = `${selinuxfs}/policy`;
  const stamps = [onDisk === null ? null : await stampOf(host, onDisk), await stampOf(host, running)];
  return [
    ...(onDisk === null || stamps[0] === null ? [] : [{ path: onDisk, key: `${onDisk} ${stamps[0]}` }]),
    ...(stamps[1] === null ? [] : [{ path: running, key: `${running} ${stamps[1]} ${status?.policyLoad ?? ""}` }]),
  ];
}

/** The first file that can be used: one on disk may be unreadable, or too new for the reader. Rejects with HostError. */
async function loadFirst(
  host: Host,
  files: readonly PolicyFile[],
  directory: string,
  previous: Loaded | null,
): Promise<Loaded> {
  const labelStamps = await Promise.all(
    fileContextNames.map((name) => stampOf(host, `${directory}/contexts/files/${name}`)),
  );
  const refusals: string[] = [];
  for (const { path, key: fileKey } of files) {
    const key = [fileKey, ...labelStamps].join(" ");
    if (previous?.key === key) return previous;
    try {
      const bytes = await host.readFile(path, LARGEST_POLICY);
      const labels = await directoryLabels({
        readIfThere: (name) => readIfThere(host, `${directory}/${name}`, LARGEST_POLICY),
      });
      return { key, path, facts: binaryFacts(bytes, unnamed(labels !== undefined), labels) };
    } catch (error) {
      if (!(error instanceof HostError || error instanceof PolicyFormatError)) throw error;
      refusals.push(`${path}: ${error.message}`);
    }
  }
  throw new HostError("EINVAL", `no policy can be used: ${refusals.join("; ")}`);
}

/** Facts are made before all is known that is said of them. */
function unnamed(exactLabels: boolean): PolicyInfo {
  return { source: "live", name: "", title: "", provenance: "", mode: "assumed", exactLabels };
}

/** `/sys/fs/selinux/booleans/NAME` is `current pending`; what cannot be read keeps its persistent value. */
async function readBooleans(
  host: Host,
  directory: string,
  persistent: ReadonlyMap<string, boolean>,
): Promise<ReadonlyMap<string, boolean>> {
  const values = new Map(persistent);
  const names = [...persistent.keys()].filter((name) => /^\w[\w.-]*$/.test(name));
  await Promise.all(
    names.map(async (name) => {
      const current = (await readText(host, `${directory}/${name}`))?.[0];
      if (current === "0" || current === "1") values.set(name, current === "1");
    }),
  );
  return values;
}

function parsePorts(text: string | null): readonly [number, number] {
  const match = /^(\d{1,5})\s+(\d{1,5})$/.exec(text ?? "");
  return match === null ? DEFAULT_LOCAL_PORTS : [Number(match[1]), Number(match[2])];
}

/** `selinux-policy-targeted-38.1.45-3.el9_5.noarch`; null where there is no rpm or it does not know. */
async function policyPackage(host: Host, root: string, type: string): Promise<string | null> {
  if (root !== "") return null;
  try {
    const limits = { timeoutMs: 5000, maxBytes: 4096 };
    const { code, stdout } = await host.run("/usr/bin/rpm", ["-q", "--", `selinux-policy-${type}`], limits);
    const name = stdout.trim();
    return code === 0 && /^[\w.+~^-]+$/.test(name) ? name : null;
  } catch (error) {
    if (error instanceof HostError) return null;
    throw error;
  }
}

async function describe(
  host: Host,
  root: string,
  mode: Mode,
  origin: readonly (string | null)[],
  exactLabels: boolean,
): Promise<PolicyInfo> {
  const text =
    (await readText(host, `${root}/etc/os-release`)) ?? (await readText(host, `${root}/usr/lib/os-release`)) ?? "";
  const release = parseOsRelease(text);
  const name = `${release.get("ID") ?? ""}${release.get("VERSION_ID") ?? ""}`;
  return {
    source: "live",
    name: name === "" ? "host" : name,
    title: release.get("PRETTY_NAME") ?? (root === "" ? "this host" : "the copied host"),
    provenance: origin.filter((part) => part !== null).join(", "),
    mode,
    exactLabels,
  };
}
