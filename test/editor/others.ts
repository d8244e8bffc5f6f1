/**
 * Neovim and Emacs with the language server, set up as docs/editors.md says: each opens the sample, waits for its finding,
 * applies the preferred quick fix and saves. Passes over them where Debian's packages cannot be installed.
 */
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { buildProduct, root } from "../../scripts/packages/product.ts";
import { ensurePackages, MissingPackagesError } from "../../scripts/systemPackages.ts";
import { runToEnd } from "./host/processes.ts";
import { hasLspMode, otherEditors } from "./others/packages.ts";

const here = join(import.meta.dirname, "others");
/** In the place of the package nginx-mode: its colours are no part of this. */
const nginxMode = `(define-derived-mode nginx-mode prog-mode "nginx")\n(add-to-list 'auto-mode-alist '("\\\\.conf\\\\'" . nginx-mode))\n`;
const work = await mkdtemp(join(tmpdir(), "nginx-selinux-others-"));
try {
  process.exitCode = await main();
} finally {
  await rm(work, { recursive: true, force: true });
}

async function main(): Promise<number> {
  try {
    await ensurePackages(otherEditors());
  } catch (error) {
    if (!(error instanceof MissingPackagesError)) throw error;
    console.log(`${error.message}\nWithout them Neovim and Emacs are left out.\n# others: 0 passed, 0 failed`);
    return 0;
  }
  await buildProduct();
  await writeProgram();
  const counts = { passed: 0, failed: 0 };
  for (const [name, run] of [
    ["Neovim", inNeovim],
    ["Emacs with Eglot", inEmacs],
    ...(hasLspMode ? [["Emacs with lsp-mode", inLspMode] as const] : []),
  ] as const) {
    const began = performance.now();
    try {
      await run();
      counts.passed += 1;
      console.log(`  ok: ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      counts.failed += 1;
      console.error(`  FAILED: ${name}`, error);
    }
  }
  console.log(`# others: ${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 ? 0 : 1;
}

/** `nginx-selinux` on the PATH of the editors. */
async function writeProgram(): Promise<void> {
  const program = `#!/bin/sh\nexec '${process.execPath}' '${join(root, "dist", "cli.cjs")}' "$@"\n`;
  await mkdir(join(work, "bin"));
  await writeFile(join(work, "bin", "nginx-selinux"), program, { mode: 0o755 });
}

async function inNeovim(): Promise<void> {
  const said = await runToEnd("nvim", ["--version"], {});
  const minor = Number(/^NVIM v0\.(\d+)/.exec(said)?.[1] ?? 99);
  const setup = await snippets("lua");
  const init = setup[minor >= 11 ? 0 : minor >= 8 ? 1 : 2] ?? "";
  await checkEditor("neovim", "init.lua", init, (file, config) => [
    "nvim",
    ["--headless", "-n", "-u", config, file, "-c", `luafile ${join(here, "neovim.lua")}`],
  ]);
}

async function inEmacs(): Promise<void> {
  const [eglot = ""] = await snippets("elisp");
  await checkEmacs("emacs", `(require 'eglot)\n${nginxMode}${eglot}`);
}

async function inLspMode(): Promise<void> {
  const [, lspMode = ""] = await snippets("elisp");
  await checkEmacs("lsp-mode", `(require 'lsp-mode)\n${nginxMode}${lspMode}`);
}

/** `name`: of the file with the function `check-in-NAME`. */
async function checkEmacs(name: string, setup: string): Promise<void> {
  await checkEditor(name, "init.el", `(package-initialize)\n${setup}`, (file, config) => [
    "emacs",
    ["--batch", "-l", config, "-l", join(here, `${name}.el`), file, "-f", `check-in-${name}`],
  ]);
}

/** The code of a language in the page for users, in its order. */
async function snippets(language: string): Promise<readonly string[]> {
  const page = await readFile(join(root, "docs", "editors.md"), "utf8");
  const found = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, code = ""]) => code);
  assert.ok(found.length > 0, language);
  return found;
}

type CommandLine = readonly [program: string, args: readonly string[]];

async function checkEditor(
  name: string,
  config: string,
  setup: string,
  commandLine: (file: string, config: string) => CommandLine,
): Promise<void> {
  const home = join(work, name);
  const site = join(home, "shop");
  const file = join(site, "nginx", "conf.d", "upstreams.conf");
  await cp(join(root, "sample"), site, { recursive: true });
  await writeFile(join(home, config), setup);
  const [program, args] = commandLine(file, join(home, config));
  const path = [join(work, "bin"), process.env["PATH"] ?? ""].join(delimiter);
  const said = await runToEnd(program, args, { cwd: site, env: { HOME: home, PATH: path, TERM: "dumb" } });
  assert.match(said, /tcp port 3000 \(ntop_port_t\): SELinux refuses/);
  assert.match(await readFile(file, "utf8"), /^ {4}# {3}sudo semanage port -a -t http_port_t -p tcp 3000\n/m);
}
