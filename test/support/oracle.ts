/** Where the oracles are: SELinux's own tools and the policy that scripts/oracle-setup.mjs compiled. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const cache = resolve(import.meta.dirname, "../../.cache/oracle");

/** Commands by their Debian package. */
const tools = {
  checkpolicy: "/usr/bin/checkpolicy",
  "policycoreutils-python-utils": "/usr/sbin/semanage",
  "python3-setools": "/usr/lib/python3/dist-packages/setools/__init__.py",
  secilc: "/usr/bin/secilc",
  "selinux-utils": "/usr/sbin/matchpathcon",
  setools: "/usr/bin/sesearch",
} as const;

export interface Oracle {
  /** A distribution's policy, compiled. */
  readonly policy: string;
  /** The private root around it, laid out like `/`. */
  readonly root: string;
}

/**
 * The oracle, or why it is not there. With ORACLE=required in the environment its absence is an error that names the
 * missing packages, so that CI cannot pass by skipping.
 */
export function findOracle(): { readonly oracle: Oracle; readonly skip: false } | { readonly skip: string } {
  const missing = Object.entries(tools).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
  const stamp = join(cache, "ready.json");
  const reason =
    missing.length > 0
      ? `install ${missing.join(", ")} (scripts/oracle-setup.mjs does)`
      : existsSync(stamp)
        ? null
        : "run scripts/oracle-setup.mjs to compile a policy";
  if (reason !== null) {
    if (process.env["ORACLE"] === "required") {
      throw new Error(`ORACLE=required, but the oracle is missing: ${reason}`);
    }
    return { skip: reason };
  }
  const ready: unknown = JSON.parse(readFileSync(stamp, "utf8"));
  if (typeof ready !== "object" || ready === null || !("policy" in ready) || typeof ready.policy !== "string") {
    throw new Error(`${stamp} is damaged: delete .cache/oracle`);
  }
  return { oracle: { policy: join(cache, ready.policy), root: join(cache, "root") }, skip: false };
}

/** Runs a command with an absolute path and gives its output. Throws, with what it said, where it fails. */
export function runTool(command: string, args: readonly string[], input?: string): string {
  return execFileSync(command, args, {
    encoding: "utf8",
    maxBuffer: 1 << 30,
    stdio: ["pipe", "pipe", "pipe"],
    ...(input === undefined ? {} : { input }),
  });
}

/** Runs a Python script of test/oracle with the system's Python, which has the packages' modules, and parses its JSON. */
export function runPython(script: string, args: readonly string[], input?: string): unknown {
  return JSON.parse(runTool("/usr/bin/python3", [resolve(import.meta.dirname, "../oracle", script), ...args], input));
}
