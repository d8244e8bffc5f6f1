/** Paths of settings: made absolute, in the form in which the engine knows paths. */
import { isPolicyPath } from "../base/bundledReleases.ts";
import type { Settings } from "./settings.ts";

/** The settings with their paths seen from the folder that they are written for. */
export function withAbsolutePaths(settings: Settings, folder: string | null): Settings {
  const { policy, mainFile, root } = settings;
  return {
    ...settings,
    policy: isPolicyPath(policy) ? absolute(policy, folder) : policy,
    mainFile: absolute(mainFile, folder),
    root: absolute(root, folder).replace(/(?<=.)\/+$/, ""),
    baseline: absolute(settings.baseline, folder),
  };
}

/** Relative paths begin at the folder; `${workspaceFolder}` is the folder. */
function absolute(path: string, folder: string | null): string {
  if (path === "") return "";
  const slashed = path.replaceAll("\\", "/").replace("${workspaceFolder}", folder ?? "");
  const [, drive, rest] = /^\/?([A-Za-z]:)(\/.*)/su.exec(slashed) ?? [];
  // As `pathOfUri` writes a drive: a file has one path.
  if (drive !== undefined && rest !== undefined) return `/${drive.toLowerCase()}${rest}`;
  if (slashed.startsWith("/")) return slashed;
  return `${folder ?? ""}/${slashed.replace(/^\.\//, "")}`;
}
