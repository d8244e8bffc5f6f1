/** Volumes: does one bring a configuration to where nginx reads it? */
import { absolutePath, isContent, isServersPlace, landingOf, UNKNOWN, type Cover } from "./serverPlaces.ts";

export interface Mount {
  /** As written, variables expanded. */
  readonly source: string;
  readonly target: string;
  /** True where the container's image or its name says that nginx runs in it. */
  readonly hasServer: boolean;
}

/**
 * True where a mount brings the file to where nginx reads it; a relative source begins at `directory`. A source that
 * begins with an unknown variable is looked for in `directory` too. Names of volumes are no paths.
 */
export function mountsForServer(
  { source, target, hasServer }: Mount,
  directory: string,
  file: string,
  covers: Cover,
): boolean {
  if (!/^[./~\0]/.test(source)) return false;
  const known = /^[~\0]/.test(source) ? source.replace(/^[~\0]\/+(?=[^/])/, "./") : source;
  if (known.startsWith("~") || known.startsWith(UNKNOWN)) return false;
  const path = absolutePath(directory, known);
  const rest = path === null ? null : covers(path, file);
  if (rest === null) return false;
  const destination = absolutePath("/", target);
  if (destination === null) return false;
  const landing = landingOf(file, rest, destination, target.endsWith("/"));
  if (isServersPlace(landing)) return true;
  return hasServer && landing.named && !isContent(landing.path);
}

/** `SOURCE:TARGET[:OPTIONS]`; null for a volume without a source. */
export function shortMount(
  text: string,
): { readonly source: string; readonly target: string; readonly options: string } | null {
  const [source = "", target = "", options = ""] = text.split(":");
  return source === "" || target === "" ? null : { source, target, options };
}

/** The relabelling that options ask for, `ro,z` and the like; null for none. */
export function relabelOf(options: string): "z" | "Z" | null {
  const words = options.split(",");
  return words.includes("Z") ? "Z" : words.includes("z") ? "z" : null;
}
