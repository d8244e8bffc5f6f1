/** What surrounds the documents: trust, folders and settings; what follows from them for one file. */
import { directoriesAbove, isWithin, parentOf } from "../base/paths.ts";
import { isUri } from "../base/uri.ts";
import type { MainFileOptions } from "../nginx/load/mainFile.ts";
import { defaultSettings, namesBundledPolicy, type Settings } from "../shared/settings.ts";

export interface Surroundings {
  /** False: nothing outside of the workspace is read, and settings that name a path are ignored. */
  readonly trusted: boolean;
  /** Paths of the workspace folders. */
  readonly folders: readonly string[];
  /** True: configurations are read below the folders alone, whatever is trusted. */
  readonly bound?: boolean;
  /** The settings that hold for a path; paths in them are absolute. */
  settingsFor(path: string): Settings;
  /** What wins over a project file: the command line. */
  readonly override?: (settings: Settings) => Settings;
  /** nginx's domain; null for the policy's own answer. */
  readonly domain: string | null;
  /** True: a boolean that the policy does not have is an error. False: it is ignored, and the policy's reason says so. */
  readonly strict: boolean;
}

/** The surroundings of a command line without options. */
export const plainSurroundings: Surroundings = {
  trusted: true,
  folders: [],
  settingsFor: () => defaultSettings,
  domain: null,
  strict: true,
};

/** The settings that hold for a file at `path`: in an untrusted workspace without those that name a path. */
export function settingsUnder(surroundings: Surroundings, path: string): Settings {
  const settings = surroundings.settingsFor(path);
  if (surroundings.trusted) return settings;
  const policy = namesBundledPolicy(settings.policy) ? settings.policy : defaultSettings.policy;
  return { ...settings, policy, mainFile: "", root: "" };
}

/** The directories below which files may be read for a file at `path`; null for anywhere. */
export function readableBelow({ trusted, folders, bound }: Surroundings, path: string): readonly string[] | null {
  if (bound === true) return folders;
  return trusted ? null : [...folders, parentOf(path)];
}

/** Where the snapshot of a file's workspace may lie: the folders around the file; without any, all directories above. */
export function snapshotDirectories(path: string, folders: readonly string[]): readonly string[] {
  if (isUri(path)) return folders;
  if (folders.length > 0) {
    return folders.filter((folder) => isWithin(path, [folder])).toSorted((a, b) => b.length - a.length);
  }
  return directoriesAbove(path);
}

/** The directories that hold a file, the nearest first: up to the outermost folder around it; without any, all of them. */
export function directoriesAround(path: string, folders: readonly string[]): readonly string[] {
  const above = directoriesAbove(path);
  const inside = above.filter((directory) => isWithin(directory, folders));
  return inside.length > 0 ? inside : above;
}

/** How configurations are loaded under the settings. */
export function loadOptions(settings: Settings): { readonly root?: string } {
  return settings.root === "" ? {} : { root: settings.root };
}

/** How the main file of a fragment is searched. `folders`: where it is looked for last. */
export function mainFileOptions(settings: Settings, folders: readonly string[]): MainFileOptions {
  return { setting: settings.mainFile === "" ? null : settings.mainFile, folders, load: loadOptions(settings) };
}
