/**
 * What `npm start` and `npm test` need before anything else: the dependencies of the lockfile and Node 24.
 * Plain JavaScript and built-in modules only, so that it runs right after a clone with Node 20.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withProgress } from "./progress.mjs";

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const node24 = join(projectRoot, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

/** Older Nodes cannot run what is installed: they get a sentence, and exit code 2. */
const oldestNode = 20;
if (Number(process.versions.node.split(".")[0]) < oldestNode) {
  console.error(`This needs Node ${oldestNode} or newer, and this is Node ${process.versions.node}.`);
  process.exit(2);
}

/** Installs the dependencies when node_modules does not match package-lock.json. Rejects with what npm said. */
export async function ensureDependencies() {
  const reason = staleReason();
  if (reason !== null) {
    await withProgress(`Downloading and installing what the build and the tests need (${reason}; npm ci)`, () =>
      run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
    );
  }
  if (!existsSync(node24)) await withProgress("Downloading Node 24", () => run("npm", ["rebuild", "node"]));
}

/** Why `npm ci` is needed, or null. Compares the lockfile with the one that npm keeps inside node_modules. */
function staleReason() {
  const installed = readPackages(join(projectRoot, "node_modules", ".package-lock.json"));
  if (installed === null) return "nothing is installed yet";
  const wanted = readPackages(join(projectRoot, "package-lock.json"));
  for (const [path, entry] of Object.entries(wanted ?? {})) {
    if (path === "") continue;
    const found = installed[path];
    if (found === undefined && entry.optional !== true) return `${path} is missing`;
    if (found !== undefined && found.version !== entry.version)
      return `${path} is ${found.version}, not ${entry.version}`;
  }
  return null;
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return null;
  }
}

async function run(command, args) {
  const child = spawn(command, args, {
    cwd: projectRoot,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  const [code, signal] = await once(child, "exit");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code ?? signal}`);
}

/**
 * Runs a TypeScript file of the project with Node 24, hands signals on to it and ends with its exit code.
 * The child also sees when this process is gone (its IPC channel closes), so that it can end what it started.
 */
export function runScript(script, args) {
  const child = spawn(node24, [join(projectRoot, script), ...args], {
    cwd: process.cwd(),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, PATH: [join(projectRoot, "node_modules", ".bin"), process.env.PATH].join(pathSeparator) },
  });
  // npm runs us below a shell that dies of a signal without handing it on.
  const parent = process.ppid;
  const orphaned = setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, 500);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(error.message);
    process.exitCode = 2;
  });
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
    clearInterval(orphaned);
    if (child.connected) child.disconnect();
  });
}

const pathSeparator = process.platform === "win32" ? ";" : ":";
