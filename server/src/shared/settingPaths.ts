/** Paths of settings: made absolute, in the form in which the engine knows paths. */
import { isPolicyPath } from "../base/bundledReleases.ts";
import type { Settings } from "./settings.ts";

/** The settings with their paths seen from the folder that they are written for. */
export function withAbsolutePaths(settings: Settings, folder: string | null): Settings {
  const { policy, mainFile, root } = settings;
  return {
    ...settings,
    policy: isPolicyPath(policy) ? absolutePath(policy, folder) : policy,
    mainFile: absolutePath(mainFile, folder),
    root: absolutePath(root, folder).replace(/(?<=.)\/+$/, ""),
    baseline: absolutePath(settings.baseline, folder),
  };
}

/** The engine's path; a relative one begins at the folder, `${workspaceFolder}` is the folder. "" for "". */
export function absolutePath(path: string, folder: string | null): string {
  if (path === "") return "";
  const slashed = path.replaceAll("\\", "/").replace("${workspaceFolder}", folder ?? "");
  const [, drive, rest] = /^\/?([A-Za-z]:)(\/.*)/su.exec(slashed) ?? [];
  // As `pathOfUri` writes a drive: a file has one path.
  if (drive !== undefined && rest !== undefined) return `/${drive.toLowerCase()}${rest}`;
  if (slashed.startsWith("/")) return slashed;
  return `${folder ?? ""}/${slashed.replace(/^\.\//, "")}`;
}
