/** A Fix: the smallest change that makes a finding disappear, replayed before it is offered. */
import type { Change } from "../selinux/policy.ts";
import type { Tier } from "./candidate.ts";
import type { FileCopy } from "./fileCopy.ts";
import type { Edit } from "./edit.ts";
import type { Range } from "../base/text.ts";
import type { Module } from "./module.ts";
import type { PermissionChange } from "./permissionChange.ts";

/** A stretch of a file that is not part of the configuration, and what stands there afterwards. */
export interface OutsideEdit {
  /** Absolute path. */
  readonly path: string;
  readonly range: Range;
  readonly newText: string;
}

export interface Fix {
  /**
   * Stable id, unique within a finding: `boolean` (meant for the target as it is), `boolean-wider` and `boolean-relay`
   * (the same with a boolean that opens more), `label-port` (with a boolean where the label alone is not enough),
   * `label-port-relay`, `label-directory`, `label-file`, `restorecon`, `module` (an allow rule of its own), `module-<domain>` (the same
   * for a process that was not seen, in another domain than the usual one), `chcon`,
   * `narrow` (several narrow changes in place of a wide boolean), `broad-boolean`, `label-program` (the service in
   * nginx's own domain), `acl`, `group` and `unit-mode` (owners and modes, beside SELinux), `mount-label` (a mount of a
   * container that asks for a label), `copy` (a key or certificate copied out of a home, and the copy named in the
   * configuration), `edit` (another socket, port or file in the configuration), `edit-tcp` (a port for a socket).
   */
  readonly id: string;
  /** Where it stands in the order of purpose. */
  readonly tier: Tier;
  /** True where the usual fix is another one, which cannot be named: never the one to offer first. */
  readonly lastResort?: true;
  readonly title: string;
  /** Shell commands in the order in which they must run, quoted for a POSIX shell. */
  readonly commands: readonly string[];
  /** Shell commands that take it back. */
  readonly undo: readonly string[];
  /** Survives a reboot and a relabel. */
  readonly durable: boolean;
  /** What else it opens, in words: how many types, for whom; which service loses the port. */
  readonly opens: string;
  /** The part of it that matters most, in a few words: `opens ports 80, 443 and nothing else`. */
  readonly opensBriefly: string;
  /** What was replayed on the policy. */
  readonly changes: readonly Change[];
  /** Path whose labels on disk are reset (`restorecon`) after the changes; null where none is. */
  readonly restore: string | null;
  /** The policy module that the commands write and install, where they do. */
  readonly module?: Module | undefined;
  /** What the configuration says instead. The commands, if there are any, are needed too. */
  readonly edit?: Edit;
  /** The file that the commands copy. */
  readonly copy?: FileCopy | undefined;
  /** What a file that is not part of the configuration says instead. */
  readonly outside?: OutsideEdit;
  /** What the commands change of owners, modes and groups, which no policy knows of. */
  readonly permissions?: readonly PermissionChange[];
  /** systemd unit that the commands restart at the end. */
  readonly restartUnit?: string | undefined;
}

/** A copy of a fix with other fields. A fix may work its words out when they are asked for: `{ ...fix }` loses those. */
export function fixWith(fix: Fix, other: Partial<Fix>): Fix {
  const { id, tier, lastResort, title, commands, undo, durable, opens, opensBriefly, changes, restore } = fix;
  const { module, edit, copy, outside, permissions, restartUnit } = fix;
  return {
    ...{ id, tier, title, commands, undo, durable, opens, opensBriefly, changes, restore },
    ...(lastResort === undefined ? {} : { lastResort }),
    ...(module === undefined ? {} : { module }),
    ...(edit === undefined ? {} : { edit }),
    ...(copy === undefined ? {} : { copy }),
    ...(outside === undefined ? {} : { outside }),
    ...(permissions === undefined ? {} : { permissions }),
    ...(restartUnit === undefined ? {} : { restartUnit }),
    ...other,
  };
}

/** True for a fix that changes labels of files. */
export function relabels({ changes }: Fix): boolean {
  return changes.some(({ kind }) => kind === "fileContext" || kind === "label" || kind === "restore");
}
