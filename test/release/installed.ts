/** An installed command line, as its users run it. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { root, version } from "../../scripts/packages/product.ts";

/** The PATH without the project's own Node: the machine's, which may be 20. */
export const machinePath = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((entry) => !entry.includes("node_modules"))
  .join(delimiter);

/** Checks the sample with an installed program, away from the project: in `folder`, with the machine's own Node. */
export function assertChecks(program: string, folder: string): void {
  const sample = join(root, "sample/nginx/nginx.conf");
  const { status, stdout, stderr } = spawnSync(program, ["check", "--policy", "rhel9", sample], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: machinePath, HOME: folder },
  });
  assert.equal(status, 1, stderr);
  assert.match(stdout, /tcp.*3000/);
  assert.match(stdout, /^3 causes at 3 places \(2 errors, 1 warning\) in 6 files/m);
  assert.equal(execFileSync(program, ["--version"], { encoding: "utf8", env: { PATH: machinePath } }), `${version}\n`);
}
