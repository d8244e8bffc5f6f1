/**
 * `npm run build`: writes dist, with what the client, the server and the command line share in files of its own.
 * `--production`: smaller, without source maps. `--watch`: again after each change.
 */
import { chmod, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { context, transform, type BuildOptions, type BuildResult, type Metafile } from "esbuild";
import { noticesFor } from "./notices.ts";
import { completions } from "./packages/completions.ts";
import { manPage } from "./packages/manPage.ts";
import { version } from "./packages/product.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/** VS Code 1.91 and the command line's oldest Node. */
const target = "node20";

/** Bundles by the name of their file in dist. */
const entryPoints = {
  client: "client/src/extension.ts",
  server: "server/src/main.ts",
  cli: "server/src/cli.ts",
  program: "server/src/cli/process.ts",
};

function optionsFor(production: boolean): BuildOptions & { readonly metafile: true } {
  return {
    absWorkingDir: root,
    entryPoints,
    outdir: dist,
    outExtension: { ".js": ".cjs" },
    chunkNames: "[name]-[hash]",
    bundle: true,
    // Only ES modules can be split; `toCommonJs` makes of each file what VS Code 1.91 can load.
    format: "esm",
    splitting: true,
    platform: "node",
    target,
    minify: production,
    sourcemap: production ? false : "inline",
    legalComments: "none",
    define: { "import.meta.dirname": "__dirname" },
    external: ["vscode"],
    logLevel: "warning",
    metafile: true,
    write: false,
  };
}

/** The file as a CommonJS module. Imports of other files of dist are done when they are reached, dynamic ones too. */
async function toCommonJs(text: string, production: boolean): Promise<string> {
  const { code } = await transform(text, {
    format: "cjs",
    target,
    minify: production,
    sourcemap: production ? false : "inline",
    supported: { "dynamic-import": false },
    logLevel: "warning",
  });
  return code;
}

async function writeDist({ outputFiles = [], metafile }: BuildResult, production: boolean): Promise<void> {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  await cp(join(root, "server/policies"), join(dist, "policies"), { recursive: true });
  const program = join(dist, "cli.cjs");
  await Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const code = await toCommonJs(text, production);
      await writeFile(path, path === program ? `#!/usr/bin/env node\n${code}` : code);
    }),
  );
  await chmod(program, 0o755);
  await writeFile(join(dist, "nginx-selinux.1"), manPage(version));
  await mkdir(join(dist, "completions"));
  for (const [name, script] of completions()) await writeFile(join(dist, "completions", name), script);
  await writeFile(join(dist, "THIRD-PARTY-NOTICES.txt"), await noticesFor(inputsOf(metafile), root));
}

function inputsOf(metafile: Metafile | undefined): readonly string[] {
  return Object.keys(metafile?.inputs ?? {});
}

const production = process.argv.includes("--production");
const watching = await context({
  ...optionsFor(production),
  plugins: [
    {
      name: "write-dist",
      setup: (build) => build.onEnd((result) => (result.errors.length > 0 ? undefined : writeDist(result, production))),
    },
  ],
});
if (process.argv.includes("--watch")) await watching.watch();
else {
  await watching.rebuild();
  await watching.dispose();
}
