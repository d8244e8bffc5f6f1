/** `nginx-selinux snapshot`: the policy of this host, of a copy of one, or of a policy file, to commit beside a configuration. */
import { HostError } from "../host/host.ts";
import { Engine } from "../workspace/engine.ts";
import { snapshotFormat } from "../selinux/files/snapshot.ts";
import type { SnapshotCommand } from "./arguments.ts";
import { rootDirectory, surroundingsOf } from "./check.ts";
import { absolutePath, type Console } from "./console.ts";
import { writeAll } from "./output.ts";
import { replaceFile } from "./replaceFile.ts";
import { UsageError } from "./usageError.ts";

/** Snapshots begin with their format; more need not be read to know one. */
const LARGEST = 64 * 2 ** 20;

/** Exit code 0; what cannot run is thrown. Without `-o` the snapshot goes to standard output. */
export async function snapshot(command: SnapshotCommand, console: Console): Promise<number> {
  const root = command.root === null ? "" : await rootDirectory(console, command.root);
  const output = command.output === null ? null : absolutePath(console, command.output);
  if (output !== null) await refuseOther(console, output, command.output ?? "");
  const engine = new Engine(console.host, surroundingsOf(console, command, command.policies[0], { root }));
  const { text, title } = await engine.snapshot(null);
  if (output === null) await writeAll(console.out, [text]);
  else await replaceFile(output, [text], `-o ${command.output ?? ""}`);
  console.complain(`snapshot: ${title}${output === null ? "" : `, written to ${command.output}`}`);
  return 0;
}

/** Throws UsageError where something lies there that is no snapshot. */
async function refuseOther(console: Console, path: string, shown: string): Promise<void> {
  let text: string;
  try {
    text = new TextDecoder().decode(await console.host.readFile(path, LARGEST));
  } catch (error) {
    if (error instanceof HostError && error.code === "ENOENT") return;
    throw new UsageError(`-o ${shown}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!new RegExp(String.raw`^\s*\{\s*"format"\s*:\s*"${snapshotFormat}"`).test(text))
    throw new UsageError(`-o ${shown}: it exists and is no snapshot; remove it, or choose another name`);
}
