/** `npm run package`: builds and writes nginx-selinux.vsix, and holds it to its size. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { createVSIX } from "@vscode/vsce";
import { runToEnd } from "../test/editor/host/processes.ts";

const root = join(import.meta.dirname, "..");
const vsix = join(root, "nginx-selinux.vsix");
/** People install it over slow links, into hosts that they look after. */
const limit = 500 * 1024;

const started = performance.now();
await runToEnd(process.execPath, [join(root, "scripts", "build.ts"), "--production"], { cwd: root });
console.log(`Built in ${seconds(started)}.`);
await createVSIX({
  cwd: root,
  packagePath: vsix,
  dependencies: false,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
const { size } = await stat(vsix);
console.log(
  `nginx-selinux.vsix: ${(size / 1024).toFixed(0)} KB of at most ${limit / 1024} KB, in ${seconds(started)}.`,
);
if (size > limit) process.exitCode = 1;

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
