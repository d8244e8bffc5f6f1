/** `nginx-selinux parse`: the tree of one file as JSON. */
import { HostError } from "../host/host.ts";
import { parse } from "../nginx/tree/parse.ts";
import { treeToJson } from "../nginx/tree/treeJson.ts";
import { defaultSettings } from "../shared/settings.ts";
import type { ParseCommand } from "./arguments.ts";
import { absolutePath, type Console } from "./console.ts";
import { writeAll } from "./output.ts";
import { UsageError } from "./usageError.ts";

/** Exit code 0 whether nginx would accept the file or not: `ok` and `problems` say it. */
export async function parseFile(command: ParseCommand, console: Console): Promise<number> {
  const limit = defaultSettings.maxFileSizeMB * 2 ** 20;
  try {
    const tree = parse(await console.host.readFile(absolutePath(console, command.file), limit));
    await writeAll(console.out, treeToJson(command.file, tree, command.encoding));
    return 0;
  } catch (error) {
    if (error instanceof HostError) throw new UsageError(`${command.file}: ${error.message}`);
    throw error;
  }
}
