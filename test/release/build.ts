/** `npm test`'s package step: every package that can be made here. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensurePackages, MissingPackagesError } from "../../scripts/systemPackages.ts";
import { rpmTools } from "./programs.ts";

const only = await ensurePackages(rpmTools).then(
  () => [],
  (error: unknown) => {
    if (!(error instanceof MissingPackagesError)) throw error;
    console.log(`${error.message}\nWithout them no RPM is made.`);
    return ["--only", "vsix,npm"];
  },
);
const release = join(import.meta.dirname, "../../scripts/release.ts");
process.exitCode = spawnSync(process.execPath, [release, "--dry-run", ...only], { stdio: "inherit" }).status ?? 1;
