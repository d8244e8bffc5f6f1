/** `npm test`'s release step: the packages, installed and used. What cannot be installed here is left out, and said to be. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { nodeTest } from "../../scripts/nodeTest.ts";
import { ensurePackages, MissingPackagesError, type SystemPackage } from "../../scripts/systemPackages.ts";
import { ansible, preCommit, rpmTools, shells } from "./programs.ts";

/** Tests that need programs of the distribution. */
const needs: Readonly<Record<string, readonly SystemPackage[]>> = {
  "ci.test.ts": preCommit,
  "completions.test.ts": [...rpmTools, ...shells],
  "fleet.test.ts": ansible,
  "rpm.test.ts": rpmTools,
};

const files: string[] = [];
for (const name of readdirSync(import.meta.dirname).filter((each) => each.endsWith(".test.ts"))) {
  if (await canRun(name)) files.push(join(import.meta.dirname, name));
}
const { status } = spawnSync(process.execPath, [...nodeTest, ...files], { stdio: "inherit" });
process.exitCode = status ?? 1;

async function canRun(name: string): Promise<boolean> {
  try {
    await ensurePackages(needs[name] ?? []);
    return true;
  } catch (error) {
    if (!(error instanceof MissingPackagesError)) throw error;
    console.log(`${name} is left out. ${error.message}`);
    return false;
  }
}
