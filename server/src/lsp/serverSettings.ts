/** The settings of a client, by workspace folder, with their paths made absolute. */
import { defaultSettings, parseSettings, type Settings } from "../shared/settings.ts";
import { withAbsolutePaths } from "../shared/settingPaths.ts";
import { isWithin } from "../base/paths.ts";

/** What a client answered for one folder, or for everything outside of folders (`folder` null). */
export interface FolderSettings {
  /** Path of the folder. */
  readonly folder: string | null;
  /** The value of the section `nginxSelinux`. */
  readonly value: unknown;
}

export interface SettingsByFolder {
  settingsFor(path: string): Settings;
  /** One sentence for each value that was ignored. */
  readonly problems: readonly string[];
}

/** Parses the answers. The innermost folder that contains a path decides; the defaults where none does. */
export function settingsByFolder(answers: readonly FolderSettings[]): SettingsByFolder {
  const problems: string[] = [];
  const parsed = answers.map(({ folder, value }) => {
    const result = parseSettings(value);
    problems.push(...result.problems);
    return { folder, settings: withAbsolutePaths(result.settings, folder) };
  });
  parsed.sort((a, b) => (b.folder?.length ?? -1) - (a.folder?.length ?? -1));
  return {
    problems: [...new Set(problems)],
    settingsFor: (path) =>
      parsed.find(({ folder }) => folder === null || isWithin(path, [folder]))?.settings ?? defaultSettings,
  };
}
