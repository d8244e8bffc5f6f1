/** Bind mounts whose files keep the host's label: SELinux refuses those to a container, wherever they are mounted. */
import type { LineIndex, Range } from "../base/text.ts";
import { parentOf } from "../base/paths.ts";
import type { ContainerMount } from "./containerMount.ts";
import { absolutePath, UNKNOWN } from "./serverPlaces.ts";

/** A mount that asks for no label, in the container in which this configuration's nginx runs. */
export interface UnlabelledMount {
  /** The compose file or quadlet. */
  readonly file: string;
  readonly range: Range;
  /** The text of the file. */
  readonly lines: LineIndex;
  /** As written. */
  readonly source: string;
  readonly target: string;
  /** The source on this machine; null below a home whose place is not known. */
  readonly path: string | null;
  /** What it needs: `z` where another container of the file has the same source, `Z` otherwise. */
  readonly relabel: "z" | "Z";
  /** The text at `range` with it; null for a form of several lines. */
  readonly newText: string | null;
}

/**
 * The mounts without a label of the containers that `mountsIt` is about. `path`: of the compose file or quadlet. Left out: what the engine must not relabel (a
 * system's own directories, sockets), what containers may read as it is (/usr, /opt), and what no option can label
 * (`configs`).
 */
export function unlabelledMounts(
  mounts: readonly ContainerMount[],
  path: string,
  mountsIt: (mount: ContainerMount) => boolean,
): readonly UnlabelledMount[] {
  const services = new Set(mounts.filter(mountsIt).map(({ service }) => service));
  const found = mounts.flatMap((mount): readonly UnlabelledMount[] => {
    const { service, source, target, range, lines, text, isConfined, isConfig } = mount;
    if (!services.has(service) || !isConfined || isConfig || mount.relabel !== null) return [];
    const file = mount.from ?? path;
    const directory = parentOf(file);
    if (!isProjects(source, directory)) return [];
    const shared = mounts.some((other) => other.service !== service && other.source === source);
    const relabel = shared ? "z" : "Z";
    const onDisk = source.startsWith("~") ? null : absolutePath(directory, source);
    const newText = text === null ? null : withOption(text, relabel);
    return [{ file, range, lines, source, target, path: onDisk, relabel, newText }];
  });
  // Several services may extend the one that has the mount.
  const places = new Map(found.map((mount) => [JSON.stringify([mount.file, mount.range]), mount]));
  return [...places.values()];
}

/** True for a source in the project or in a home: its label is that of a home, or of no service. */
function isProjects(source: string, directory: string): boolean {
  if (source.includes(UNKNOWN) || source.endsWith(".sock")) return false;
  if (source.startsWith("~")) return true;
  if (source.startsWith(".")) return !/^\/(?:usr|opt)(?:\/|$)/.test(absolutePath(directory, source) ?? directory);
  return /^\/(?:home|root|srv)\//.test(source);
}

/** `./a:/b` becomes `./a:/b:Z`, `"./a:/b:ro"` becomes `"./a:/b:ro,Z"`, `type=bind,...` gets `relabel=private`. */
function withOption(text: string, relabel: "z" | "Z"): string {
  const quote = /["']$/.exec(text)?.[0] ?? "";
  const inside = quote === "" ? text : text.slice(0, -1);
  if (/(?:^|,)type=bind(?:,|$)/.test(inside))
    return `${inside},relabel=${relabel === "z" ? "shared" : "private"}${quote}`;
  const parts = inside.replaceAll(/\$\{[^}]*\}/g, "$").split(":").length;
  return `${inside}${parts > 2 ? "," : ":"}${relabel}${quote}`;
}
