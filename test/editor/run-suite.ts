/**
 * Runs the mocha suite inside a VS Code: the embedded one where it can be had, otherwise a desktop one that
 * `@vscode/test-electron` downloads. Exit code 2 where neither is possible.
 */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { runTests, TestRunFailedError } from "@vscode/test-electron";
import { build } from "esbuild";
import { MissingPackagesError } from "../../scripts/systemPackages.ts";
import { embeddedEditorPossible, ensureEditorHost } from "./host/install.ts";

const root = join(import.meta.dirname, "..", "..");
const workspace = await mkdtemp(join(tmpdir(), "nginx-selinux-suite-"));
// The executable that stands in for `code` is a script, and Node 24 must be the one that runs it.
process.env["PATH"] = [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof MissingPackagesError ? error.message : error);
  process.exitCode = error instanceof TestRunFailedError ? 1 : 2;
} finally {
  await rm(workspace, { recursive: true, force: true });
}

async function main(): Promise<number> {
  const suite = join(root, ".cache", "suite", "suite.cjs");
  await build({
    entryPoints: [join(import.meta.dirname, "suite", "index.ts")],
    outfile: suite,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    sourcemap: "inline",
    external: ["vscode", "mocha"],
    logLevel: "warning",
  });
  await cp(join(root, "sample"), workspace, { recursive: true });
  const embedded = await embeddedCode();
  return runTests({
    ...(embedded === null ? {} : { vscodeExecutablePath: embedded }),
    extensionDevelopmentPath: root,
    extensionTestsPath: suite,
    launchArgs: [workspace],
    extensionTestsEnv: { SUITE_COLOR: process.stdout.isTTY ? "1" : "0" },
  });
}

/** The stand-in for `code`, or null where only a download can help. */
async function embeddedCode(): Promise<string | null> {
  if (!embeddedEditorPossible()) return null;
  try {
    await ensureEditorHost();
    return join(import.meta.dirname, "host", "code.ts");
  } catch (error) {
    if (!(error instanceof MissingPackagesError)) throw error;
    console.log(`${error.message}\nTrying to download a desktop VS Code instead.`);
    return null;
  }
}
