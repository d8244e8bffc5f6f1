/**
 * Installs and downloads what later steps of `npm test` need, while the first ones run: `node test/prepare.ts STEP...`.
 * A failure ends nothing here: the step tries again, and says what is missing.
 */
import { join } from "node:path";
import { ensurePackages } from "../scripts/systemPackages.ts";
import { embeddedEditorPossible, ensureEditorHost } from "./editor/host/install.ts";
import { otherEditors } from "./editor/others/packages.ts";
import { runToEnd } from "./editor/host/processes.ts";
import { mayInstallOracles } from "./oracle/install.ts";
import { ansible, preCommit, rpmTools, shells } from "./release/programs.ts";

const root = join(import.meta.dirname, "..");
const preparations: Readonly<Record<string, () => Promise<unknown>>> = {
  release: () => ensurePackages([...rpmTools, ...shells, ...preCommit, ...ansible]),
  oracle: async () => {
    if (mayInstallOracles()) await runToEnd(process.execPath, [join(root, "scripts/oracle-setup.mjs")]);
  },
  others: () => ensurePackages(otherEditors()),
  window: async () => {
    if (embeddedEditorPossible()) await ensureEditorHost();
  },
};

// One after the other: they share the package manager.
for (const name of process.argv.slice(2)) await preparations[name]?.().catch((error: unknown) => console.error(error));
