/** What the packages are built and tried with. */
import type { SystemPackage } from "../../scripts/systemPackages.ts";

export const rpmTools: readonly SystemPackage[] = [{ program: "rpmbuild", debian: "rpm", fedora: "rpm-build" }];

/** The shells whose completions are tried, and the reader of manual pages. */
export const shells: readonly SystemPackage[] = [
  { program: "man", debian: "man-db", fedora: "man-db" },
  { program: "groff", debian: "groff", fedora: "groff" },
  { program: "fish", debian: "fish", fedora: "fish" },
  { program: "zsh", debian: "zsh", fedora: "zsh" },
];

export const preCommit: readonly SystemPackage[] = [
  { program: "pre-commit", debian: "pre-commit", fedora: "pre-commit" },
  { program: "git", debian: "git", fedora: "git" },
];

export const ansible: readonly SystemPackage[] = [
  { program: "ansible-playbook", debian: "ansible", fedora: "ansible" },
];
