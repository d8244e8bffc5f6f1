import { existsSync } from "node:fs";

/** True where scripts/oracle-setup.mjs can install SELinux's tools: as root, on Debian and its like. */
export function mayInstallOracles(): boolean {
  return process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
}
