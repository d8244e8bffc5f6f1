/** Files that a tool may be asked about: those of the workspace. */
import { isWithin } from "../base/paths.ts";
import { HostError, type Host } from "../host/host.ts";
import { absolutePath } from "../shared/settingPaths.ts";

/** A reason for no answer, in a sentence for the model and the user. */
export class ToolError extends Error {}

/**
 * The path of a file of the workspace. `written`: absolute, or from the first folder. Rejects with ToolError for one that
 * lies elsewhere, itself or behind links, and for one that does not exist.
 */
export async function fileInWorkspace(written: string, folders: readonly string[], host: Host): Promise<string> {
  const [first] = folders;
  if (first === undefined) throw new ToolError("No folder is open, so no file may be read.");
  const path = withoutDots(absolutePath(written, first));
  const outside = `${written} is outside of the workspace (${folders.join(", ")}), and nothing else may be read.`;
  if (!isWithin(path, folders)) throw new ToolError(outside);
  const real = await host.realPath(path).catch((error: unknown) => {
    throw error instanceof HostError ? new ToolError(`${written} cannot be read: ${error.message}.`) : error;
  });
  const realFolders = await Promise.all(folders.map((folder) => host.realPath(folder).catch(() => folder)));
  if (!isWithin(real, realFolders)) throw new ToolError(outside);
  return path;
}

/** An absolute path without `.`, `..` and double slashes; a link is not looked at. */
function withoutDots(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
