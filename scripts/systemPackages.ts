/** Programs of the distribution: which package has them, and installing them where that may be done. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runToEnd } from "../test/editor/host/processes.ts";
import { withProgress } from "./progress.mjs";

export interface SystemPackage {
  /** The program that shows that it is installed; the absolute path of a file for a package without one. */
  readonly program: string;
  readonly debian: string;
  /** On Fedora and RHEL. */
  readonly fedora: string;
}

/** Packages are missing, and this user cannot install them; the message says how the administrator can. */
export class MissingPackagesError extends Error {
  constructor(packages: readonly SystemPackage[]) {
    const { names, command } = installation(packages);
    super(`These packages are not installed: ${names.join(", ")}.\nInstall them with: ${command} ${names.join(" ")}`);
    this.name = "MissingPackagesError";
  }
}

function installation(packages: readonly SystemPackage[]): {
  readonly names: readonly string[];
  readonly command: string;
} {
  return findProgram("dnf") === null
    ? {
        names: packages.map(({ debian }) => debian),
        command: "sudo apt-get install -y --no-install-recommends",
      }
    : { names: packages.map(({ fedora }) => fedora), command: "sudo dnf install -y" };
}

/** The packages whose program is not on the PATH. */
export function missingPackages(wanted: readonly SystemPackage[]): readonly SystemPackage[] {
  return wanted.filter(({ program }) =>
    program.startsWith("/") ? !existsSync(program) : findProgram(program) === null,
  );
}

/** Installs what is missing, as root on Debian. Rejects with MissingPackagesError elsewhere. */
export async function ensurePackages(wanted: readonly SystemPackage[]): Promise<void> {
  const missing = missingPackages(wanted);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || findProgram("apt-get") === null) throw new MissingPackagesError(missing);
  const names = missing.map(({ debian }) => debian);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  await withProgress(`Installing Debian packages: ${names.join(", ")}`, async () => {
    // A stale or locked index is no reason to stop: the packages may be known already, and the next command tells.
    await runToEnd("apt-get", [...wait, "update", "-q"], { env }).catch((error: Error) => console.log(error.message));
    await runToEnd("apt-get", [...wait, "install", "-y", "-q", "--no-install-recommends", ...names], { env });
  });
}

/** The path of a program on the PATH, or null. */
export function findProgram(name: string): string | null {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}
