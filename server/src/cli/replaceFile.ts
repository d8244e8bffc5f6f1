/** Files that the command line writes because the user named them. */
// Node loads these functions when the property is read: most runs write no file.
import { promises } from "node:fs";
import { dirname } from "node:path";
import { nativePath } from "../host/hostNode.ts";
import { UsageError } from "./usageError.ts";

/**
 * Writes a file so that readers see the old one or the new one, never a part. It has the permission bits of the old one. A
 * link is replaced, never followed: nothing is written where it leads. `shown`: the option with its value, for the message.
 * Throws UsageError where it cannot be written, or where something else than a file is there.
 */
export async function replaceFile(enginesPath: string, pieces: Iterable<string>, shown: string): Promise<void> {
  const path = nativePath(enginesPath);
  // Few runs write a file, and loading this takes a tenth of a start.
  const { randomBytes } = await import("node:crypto");
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const there = await promises.stat(path).catch(() => null);
    if (there !== null && !there.isFile()) throw new UsageError(`${shown}: it is no file`);
    await promises.writeFile(temporary, pieces, { flag: "wx" });
    if (there !== null) await promises.chmod(temporary, there.mode & 0o777);
    await promises.rename(temporary, path);
  } catch (error) {
    await promises.rm(temporary, { force: true });
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `${shown}: cannot write in ${dirname(path)}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
