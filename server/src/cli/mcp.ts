/** `nginx-selinux mcp`: what the tools for assistants may read, and which policy answers them. */
import { isPolicyPath } from "../base/bundledReleases.ts";
import { isWithin } from "../base/paths.ts";
import { PolicyError } from "../providers/policies.ts";
import type { Settings } from "../shared/settings.ts";
import type { Surroundings } from "../workspace/surroundings.ts";
import type { McpCommand } from "./arguments.ts";
import { surroundingsOf } from "./check.ts";
import { absolutePath, type Console } from "./console.ts";
import { UsageError } from "./usageError.ts";

/** Throws UsageError for a folder that is none. */
export async function mcpSurroundings(command: McpCommand, console: Console): Promise<Surroundings> {
  const folders = await Promise.all(
    (command.folders.length === 0 ? [console.directory] : command.folders).map((each) => folderAt(each, console)),
  );
  const [policy] = command.policies;
  const surroundings = surroundingsOf(console, command, policy, { root: "" });
  return {
    ...surroundings,
    folders,
    bound: true,
    override: (settings) => {
      refuseOutside(settings, folders);
      return surroundings.override?.(settings) ?? settings;
    },
  };
}

async function folderAt(written: string, console: Console): Promise<string> {
  const path = absolutePath(console, written);
  const { kind } = await console.host.stat(path).catch((error: unknown) => {
    throw new UsageError(`${written}: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (kind !== "directory") throw new UsageError(`${written}: not a directory`);
  return path;
}

/** Throws PolicyError where a project file names something outside of the folders: it is the repository's, not the user's. */
function refuseOutside({ policy, root, mainFile, baseline, project }: Settings, folders: readonly string[]): void {
  for (const path of [isPolicyPath(policy) ? policy : "", root, mainFile, baseline])
    if (path !== "" && !isWithin(path, folders))
      throw new PolicyError(`${project?.path ?? "a setting"} names ${path}, which is outside of the workspace`);
}
