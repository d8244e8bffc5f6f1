/**
 * Compose files: does a service mount a configuration to where nginx reads it?
 *
 * As the Compose specification says: `volumes` in the short and the long form, `configs` with a `file`. Lists that are
 * kept under `x-volumes` or the like and used through an alias count where they stand.
 */
import { mountsForServer, shortMount, type Mount } from "./mounts.ts";
import { createCover, isServersImage, isServersName } from "./serverPlaces.ts";
import { expand } from "./shellWords.ts";
import { visitScalars, type YamlNode } from "./readYaml.ts";

/** One mount as it is written; the parts of the long form come one by one. */
interface Written {
  source: string;
  target: string;
  type: string;
  line: number;
  readonly service: YamlNode | null;
  /** True for an item of `configs`: its source is a name. */
  readonly isConfig: boolean;
}

/**
 * The line, from 1, that mounts `file` to where nginx reads it; null where none does.
 * `directory`: that of the compose file, to which its paths are relative.
 */
export function lineThatMounts(text: string, directory: string, file: string): number | null {
  const written = new Map<YamlNode, Written>();
  const servers = new Set<YamlNode>();
  const configFiles = new Map<string, string>();

  visitScalars(text, (node, scalar, line) => {
    const value = expand(scalar, (name) => (name === "PWD" ? "." : undefined));
    const { key, parent } = node;
    if (parent === null) return;
    if (key === "image" && isServersImage(value)) servers.add(parent);
    else if (key === "file" && parent.parent?.key === "configs" && parent.key !== null)
      configFiles.set(parent.key, value);
    const item = key === null ? node : parent;
    const list = item.key === null ? item.parent : null;
    const isConfig = list?.key === "configs";
    if (list === null || !(isConfig || /volumes/i.test(list.key ?? ""))) return;
    let mount = written.get(item);
    if (mount === undefined) {
      mount = { source: "", target: "", type: "", line, service: list.parent, isConfig };
      written.set(item, mount);
    }
    if (key === "source" || key === "src") {
      mount.source = value;
      mount.line = line;
    } else if (key === "target" || key === "dst" || key === "destination") mount.target = value;
    else if (key === "type") mount.type = value;
    else if (key === null) {
      // The short form of a config mounts it as /NAME.
      const short = isConfig ? { source: value, target: `/${value}` } : shortMount(value);
      mount.source = short?.source ?? "";
      mount.target = short?.target ?? "";
    }
  });

  const covers = createCover();
  for (const mount of written.values()) {
    const found = mountOf(mount, servers, configFiles);
    if (found !== null && mountsForServer(found, directory, file, covers)) return mount.line;
  }
  return null;
}

function mountOf(
  { source, target, type, service, isConfig }: Written,
  servers: ReadonlySet<YamlNode>,
  configFiles: ReadonlyMap<string, string>,
): Mount | null {
  const hasServer = service !== null && (servers.has(service) || isServersName(service.key ?? ""));
  if (source === "" || (type !== "" && type !== "bind")) return null;
  const path = isConfig ? configFiles.get(source) : source;
  if (path === undefined) return null;
  // A bind mount of the long form and the file of a config are always paths.
  const isPath = isConfig || type === "bind";
  return {
    source: isPath && !/^[./~\0]/.test(path) ? `./${path}` : path,
    target: target === "" && isConfig ? `/${source}` : target,
    hasServer,
  };
}
