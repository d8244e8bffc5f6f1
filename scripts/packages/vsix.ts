/** The extension, with the command line in it. */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createVSIX } from "@vscode/vsce";
import { manifest, packages, root } from "./product.ts";

/** Fields of package.json that are npm's: vsce refuses `files` beside .vscodeignore, and an editor needs none of them. */
const npmOnly = new Set(["files", "man", "bin", "scripts", "devDependencies", "allowScripts"]);

/** What .vscodeignore chooses from. */
const shipped = [
  ".vscodeignore",
  "CHANGELOG.md",
  "LICENSE",
  "images",
  "language-configuration.json",
  "dist",
  "schemas",
  "syntaxes/nginx.tmLanguage.json",
];

/** Packs dist, which is built already, from a folder of its own. `path`: the file to write. */
export async function writeVsix(path: string = packages.vsix): Promise<void> {
  const stage = await mkdtemp(join(tmpdir(), "nginx-selinux-vsix-"));
  try {
    for (const name of shipped) {
      await mkdir(dirname(join(stage, name)), { recursive: true });
      await cp(join(root, name), join(stage, name), { recursive: true });
    }
    // The marketplace and the editor show it: about the extension alone, with addresses in place of files of the repository.
    await cp(join(root, "client/README.md"), join(stage, "README.md"));
    const kept = Object.fromEntries(Object.entries(manifest).filter(([name]) => !npmOnly.has(name)));
    await writeFile(join(stage, "package.json"), `${JSON.stringify(kept, null, 2)}\n`);
    await mkdir(dirname(path), { recursive: true });
    await createVSIX({ cwd: stage, packagePath: path, dependencies: false });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}
