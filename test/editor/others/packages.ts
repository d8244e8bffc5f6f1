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

/** Fedora has no package of it. */
export const lspMode: SystemPackage = {
  program: "/var/lib/dpkg/info/elpa-lsp-mode.list",
  debian: "elpa-lsp-mode",
  fedora: "emacs-nox",
};

const release = "/etc/debian_version";
/** True where lsp-mode is tried. */
export const hasLspMode = existsSync(release);

/** What the editors need on this system. */
export function otherEditors(): readonly SystemPackage[] {
  const isOld = hasLspMode && /^1[012]\b|^bookworm/.test(readFileSync(release, "utf8"));
  return [...editors, ...(hasLspMode ? [lspMode] : []), ...(isOld ? [eglot] : [])];
}
