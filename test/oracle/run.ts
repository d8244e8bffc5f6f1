/** `npm test`'s oracle step: installs SELinux's own tools where it may (Debian, root), and holds the engine to them. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { nodeTest } from "../../scripts/nodeTest.ts";
import { mayInstallOracles } from "./install.ts";

const root = join(import.meta.dirname, "../..");
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => `test/oracle/${name}`);

if (mayInstallOracles()) {
  run(["scripts/oracle-setup.mjs"], {});
  run([...nodeTest, ...files], { ORACLE: "required" });
} else {
  console.log("SELinux's tools can be installed by root on Debian only; without them their comparison is left out.");
  console.log("# oracle: 0 passed, 0 failed");
}

function run(args: readonly string[], env: Readonly<Record<string, string>>): void {
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}
