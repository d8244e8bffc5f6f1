/** The state that is gathered of a running host with a small policy: its files are in memory. */
import assert from "node:assert/strict";
import { gatherHostState } from "../../server/src/selinux/host/gatherHostState.ts";
import type { HostState, NamedPath } from "../../server/src/selinux/host/hostState.ts";
import { openLive } from "../../server/src/selinux/host/live.ts";
import { liveTree, statProgram, type LiveTree } from "./liveTree.ts";
import { createMemoryHost, type MemoryEntry, type MemoryHost } from "./memoryHost.ts";
import { webPolicy } from "./policies/webPolicy.ts";

/** A running host. */
export const usual: LiveTree = {
  policy: webPolicy(33),
  fileContexts: ["/usr/sbin/nginx -- system_u:object_r:httpd_exec_t:s0", "/var/run(/.*)? system_u:object_r:run_t:s0"],
  subsDist: ["/run /var/run"],
};

/** The usual host with more files; `labels`: what `stat` says of those on disk, as `statProgram` takes them. */
export function hostOf(
  files: Readonly<Record<string, MemoryEntry>>,
  labels: Readonly<Record<string, string>> = {},
): MemoryHost {
  const host = createMemoryHost({ ...liveTree(usual), ...files });
  host.program = statProgram(labels);
  return host;
}

/** The state that is gathered for these paths; `root`: a copy of another machine's root. */
export async function stateOf(host: MemoryHost, paths: readonly NamedPath[], root = ""): Promise<HostState> {
  const live = await openLive(host, root);
  assert.ok(live.available, live.available ? "" : live.reason);
  return gatherHostState(host, live, paths);
}

/** Files of /proc for one process. */
export function processFiles(pid: number, domain: string, command: string, group = "0::/system.slice/x.service\n") {
  return {
    [`/proc/${pid}/attr/current`]: `system_u:system_r:${domain}:s0\0`,
    [`/proc/${pid}/cmdline`]: `${command}\0`,
    [`/proc/${pid}/comm`]: `${command.split(/[: ]/)[0] ?? ""}\n`,
    [`/proc/${pid}/cgroup`]: group,
  };
}

export const sock = (path: string): NamedPath => ({ path, kind: "sock" });
export const file = (path: string): NamedPath => ({ path, kind: "file" });
