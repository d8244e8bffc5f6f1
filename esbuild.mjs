/** Builds dist: the client, the server and the command line, and the policies beside them. `--production`, `--watch`. */
import { cp, mkdir, rm } from "node:fs/promises";
import { context } from "esbuild";

const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");

/** A module that is built into a bundle of its own, and is loaded from there when it is needed. */
function beside(name, filter, path) {
  return {
    name,
    setup(build) {
      build.onResolve({ filter }, ({ kind }) => (kind === "entry-point" ? undefined : { path, external: true }));
    },
  };
}

/** The command line starts the server that is built beside it instead of carrying a second one. */
const serverBeside = beside("server-beside", /^\.\/main\.ts$/, "./server.cjs");
/** The language client is most of the extension, and the activation need not wait for it. */
const languageClientBeside = beside("language-client-beside", /\/languageClient\.ts$/, "./languageClient.cjs");

const shared = {
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  minify: production,
  sourcemap: production ? false : "linked",
  legalComments: "none",
  define: { "import.meta.dirname": "__dirname" },
  logLevel: "info",
};

const builds = [
  {
    ...shared,
    entryPoints: ["client/src/extension.ts"],
    outfile: "dist/client.cjs",
    external: ["vscode"],
    plugins: [languageClientBeside],
  },
  {
    ...shared,
    entryPoints: ["client/src/languageClient.ts"],
    outfile: "dist/languageClient.cjs",
    external: ["vscode"],
  },
  { ...shared, entryPoints: ["server/src/main.ts"], outfile: "dist/server.cjs" },
  {
    ...shared,
    entryPoints: ["server/src/cli.ts"],
    outfile: "dist/cli.cjs",
    plugins: [serverBeside],
    banner: { js: "#!/usr/bin/env node" },
  },
];

await rm("dist", { recursive: true, force: true });
await mkdir("dist", { recursive: true });
await cp("server/policies", "dist/policies", { recursive: true });

const contexts = await Promise.all(builds.map((build) => context(build)));
if (watch) {
  await Promise.all(contexts.map((each) => each.watch()));
} else {
  await Promise.all(contexts.map((each) => each.rebuild()));
  await Promise.all(contexts.map((each) => each.dispose()));
}
