/**
 * A private copy of the oracle's root in which SELinux's own commands run as on a host: they see its /etc/selinux and
 * /var/lib/selinux in place of this machine's, in a mount namespace of their own. Needs root, for the namespace.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Oracle } from "./oracle.ts";

const enter = `set -e
mount --bind "$0/etc/selinux" /etc/selinux
mount --bind "$0/var/lib/selinux" /var/lib/selinux
PATH="$0/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH
exec sh -c "$1"
`;

export interface PrivateRoot {
  readonly path: string;
  /** Directory laid out like /etc/selinux/targeted. */
  readonly policyDirectory: string;
  /** The compiled policy file; its name can change when the policy is rebuilt. */
  policyFile(): string;
  /** Runs a command line as its text says, `sudo` included. Gives its output; throws where it exits with an error. */
  run(commandLine: string): string;
  remove(): void;
}

/** A fresh private root, or why there can be none here. */
export function createPrivateRoot({ root }: Oracle): PrivateRoot | string {
  try {
    execFileSync("/usr/bin/unshare", ["-m", "true"], { stdio: "ignore" });
  } catch {
    return "needs root for a mount namespace";
  }
  const path = mkdtempSync(join(tmpdir(), "selinux-root-"));
  cpSync(root, path, { recursive: true });
  mkdirSync(join(path, "bin"));
  // We are root inside; the commands are printed for users who are not.
  writeFileSync(join(path, "bin/sudo"), '#!/bin/sh\nexec "$@"\n');
  chmodSync(join(path, "bin/sudo"), 0o755);
  const policyDirectory = join(path, "etc/selinux/default");
  return {
    path,
    policyDirectory,
    policyFile: () => {
      const [name] = readdirSync(join(policyDirectory, "policy"));
      return join(policyDirectory, "policy", name ?? "");
    },
    run: (commandLine) =>
      execFileSync("/usr/bin/unshare", ["-m", "sh", "-c", enter, path, commandLine], {
        // Some commands write files beside them: into this root, not into the project.
        cwd: path,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      }),
    remove: () => rmSync(path, { recursive: true }),
  };
}
