/** The command line as an RPM, with its manual page and its completions. */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { launcherText } from "../../client/src/launcherText.ts";
import { runToEnd } from "../../test/editor/host/processes.ts";
import { out, packages, root, version } from "./product.ts";

/** Where the spec puts the program. */
const program = "/usr/share/nginx-selinux/dist/cli.cjs";

/** Packs dist, which is built already. Rejects where rpmbuild is missing, or refuses the spec. */
export async function writeRpm(): Promise<void> {
  const top = await mkdtemp(join(tmpdir(), "nginx-selinux-rpm-"));
  const sources = join(top, "SOURCES");
  try {
    await mkdir(sources);
    for (const name of ["dist", "package.json", "LICENSE", "README.md"])
      await cp(join(root, name), join(sources, name), { recursive: true });
    await writeFile(join(sources, "launcher.sh"), launcherText({ node: "node", program }), { mode: 0o755 });
    await runToEnd("rpmbuild", [
      "-bb",
      "--quiet",
      ...define("_topdir", top),
      ...define("_rpmdir", top),
      ...define("_rpmfilename", basename(packages.rpm)),
      ...define("product_version", version),
      join(root, "packaging", "nginx-selinux.spec"),
    ]);
    await mkdir(out, { recursive: true });
    await cp(join(top, basename(packages.rpm)), packages.rpm);
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

function define(name: string, value: string): readonly string[] {
  return ["--define", `${name} ${value}`];
}
