/** Packages of the other editors. */
import { existsSync, readFileSync } from "node:fs";
import type { SystemPackage } from "../../../scripts/systemPackages.ts";

const editors: readonly SystemPackage[] = [
  { program: "nvim", debian: "neovim", fedora: "neovim" },
  { program: "emacs", debian: "emacs-nox", fedora: "emacs-nox" },
];

/** A part of Emacs since 29. */
const eglot: SystemPackage = {
  program: "/var/lib/dpkg/info/elpa-eglot.list",
  debian: "elpa-eglot",
  fedora: "emacs-nox",
};

/** What the editors need on this system. */
export function otherEditors(): readonly SystemPackage[] {
  const release = "/etc/debian_version";
  const isOld = existsSync(release) && /^1[012]\b|^bookworm/.test(readFileSync(release, "utf8"));
  return isOld ? [...editors, eglot] : editors;
}
