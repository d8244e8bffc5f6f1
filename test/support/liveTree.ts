/** The files of a host that a live provider reads: a tree for a host in memory or for a directory on disk. */
import assert from "node:assert/strict";
import type { MemoryEntry, MemoryHost } from "./memoryHost.ts";
import { encodePolicy } from "./policies/encoder.ts";
import type { SyntheticPolicy } from "./policies/encoder.ts";

export interface LiveTree {
  readonly policy: SyntheticPolicy;
  /** Prefix of every path; "" unless told otherwise. */
  readonly root?: string;
  /** Contents of selinuxfs `enforce`; null: there is no selinuxfs. "1" unless told otherwise. */
  readonly enforce?: "0" | "1" | null;
  /** Text of /etc/selinux/config. */
  readonly config?: string;
  /** Runtime values where they differ from the persistent ones. */
  readonly booleans?: Readonly<Record<string, boolean>>;
  /** Lines of file_contexts. */
  readonly fileContexts?: readonly string[];
  /** Lines of file_contexts.subs_dist. */
  readonly subsDist?: readonly string[];
  /** Counts loads of the policy and commits of booleans. */
  readonly policyLoad?: number;
}

/** Every file by its path. */
export function liveTree(tree: LiveTree): Record<string, MemoryEntry> {
  const root = tree.root ?? "";
  const directory = `${root}/etc/selinux/targeted`;
  const files: Record<string, MemoryEntry> = {
    [`${root}/etc/selinux/config`]: tree.config ?? "SELINUX=enforcing\nSELINUXTYPE=targeted\n",
    [`${root}/etc/os-release`]: 'ID="rhel"\nVERSION_ID="9.4"\nPRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"\n',
    [`${directory}/policy/policy.${tree.policy.version}`]: encodePolicy(tree.policy),
    [`${directory}/contexts/files/file_contexts`]: (tree.fileContexts ?? []).map((line) => `${line}\n`).join(""),
    [`${directory}/contexts/files/file_contexts.subs_dist`]: (tree.subsDist ?? []).map((line) => `${line}\n`).join(""),
    [`${root}/proc/sys/net/ipv4/ip_local_port_range`]: "32768\t60999\n",
  };
  if (tree.enforce === null) return files;
  const selinuxfs = `${root}/sys/fs/selinux`;
  files[`${selinuxfs}/enforce`] = tree.enforce ?? "1";
  files[`${selinuxfs}/policyvers`] = "33";
  files[`${selinuxfs}/status`] = statusPage({ policyLoad: tree.policyLoad ?? 1 });
  for (const [name, persistent] of Object.entries(tree.policy.booleans ?? {})) {
    const value = (tree.booleans?.[name] ?? persistent) ? 1 : 0;
    files[`${selinuxfs}/booleans/${name}`] = `${value} ${value}`;
  }
  return files;
}

/** The 20 bytes of selinuxfs `status`. */
export function statusPage(values: {
  readonly policyLoad: number;
  readonly sequence?: number;
  readonly bigEndian?: boolean;
}): Uint8Array {
  const view = new DataView(new ArrayBuffer(20));
  const words = [1, values.sequence ?? 4, 1, values.policyLoad, 0];
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word, values.bigEndian !== true);
  return new Uint8Array(view.buffer);
}

/** What /usr/bin/stat says of labels on disk: path to type and letter of the kind, `httpd_sys_content_t d`. */
export function statProgram(labels: Readonly<Record<string, string>>): MemoryHost["program"] {
  const modes: Readonly<Record<string, string>> = { d: "41ed", s: "c1b6", f: "81a4" };
  return (file, args) => {
    if (file !== "/usr/bin/stat") return undefined;
    assert.deepEqual(args.slice(0, 3), ["-L", String.raw`--printf=%n\0%C\0%f\0`, "--"]);
    const records = args.slice(3).flatMap((path) => {
      const [type = "", letter = ""] = labels[path]?.split(" ") ?? [];
      if (type === "") return [];
      const context = type === "?" ? "?" : `system_u:object_r:${type}:s0`;
      return [`${path}\0${context}\0${modes[letter] ?? "0"}\0`];
    });
    return { code: records.length === args.length - 3 ? 0 : 1, stdout: records.join(""), stderr: "" };
  };
}
