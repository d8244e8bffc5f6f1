/** A directory that stands for the `/` of a host with a distribution's policy. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Oracle } from "../support/oracle.ts";

/** Gives a directory Debian's policy and the directories of so many sites; the arguments that make it the host. */
export function makeHost(directory: string, sites: number, { root }: Oracle): readonly string[] {
  cpSync(join(root, "etc/selinux"), join(directory, "etc/selinux"), { recursive: true });
  writeFileSync(join(directory, "etc/selinux/config"), "SELINUX=enforcing\nSELINUXTYPE=default\n");
  for (let site = 0; site < sites; site++) mkdirSync(join(directory, `srv/site${site}`), { recursive: true });
  return ["--root", directory, "--policy", "live"];
}
