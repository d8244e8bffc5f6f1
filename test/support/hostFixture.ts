/** What a fixture says of the host that it runs on, as the state that a live provider would have gathered. */
import { hostStateOf } from "../../server/src/selinux/host/hostState.ts";
import type { DiskLabel, HostState, NginxDomain, SocketPeer } from "../../server/src/selinux/host/hostState.ts";
import type { Mode, PolicyFacts } from "../../server/src/selinux/policy.ts";
import type { FileKind } from "../../server/src/selinux/fileContextLists.ts";

const kinds: Readonly<Record<string, FileKind>> = { dir: "dir", file: "file", sock: "sock" };

/**
 * Lines, each one of: `mode permissive`, `boolean NAME=on` (at run time), `label PATH TYPE dir|file|sock`,
 * `missing PATH`, `peer PATH DOMAIN`, `nginx DOMAIN`, `container DOMAIN`, `customizable TYPE`,
 * `files HARD-LIMIT`.
 * Unless told otherwise nginx runs as httpd_t on an enforcing host.
 */
export function hostFixture(facts: PolicyFacts, lines: readonly string[]): HostState {
  const booleans = new Map(facts.booleans);
  const labels = new Map<string, DiskLabel>();
  const peers = new Map<string, SocketPeer>();
  const customizableTypes = new Set<string>();
  let mode: Mode = "enforcing";
  const running = { domain: "httpd_t", how: "the running master process (pid 812)", container: false };
  let nginx: NginxDomain = running;
  for (const line of lines) {
    const [what, first = "", second = "", third = ""] = line.split(" ");
    const [name = "", value] = first.split("=");
    if (what === "mode" && (first === "permissive" || first === "disabled")) mode = first;
    else if (what === "boolean" && facts.booleans.has(name)) booleans.set(name, value === "on");
    else if (what === "label") labels.set(first, { state: "present", type: second, kind: kinds[third] ?? "file" });
    else if (what === "missing") labels.set(first, { state: "missing" });
    else if (what === "peer") peers.set(first, { domain: second, process: "app (pid 900)", assumed: false });
    else if (what === "nginx") nginx = { ...running, domain: first };
    else if (what === "container") nginx = { ...running, domain: first, container: true };
    else if (what === "files" && nginx.domain !== null)
      nginx = { ...nginx, hardLimits: { nofile: Number(first), core: null } };
    else if (what === "customizable") customizableTypes.add(first);
    else throw new Error(`a fixture's host cannot be told "${line}"`);
  }
  return hostStateOf(facts, {
    mode,
    booleans,
    localPorts: [32768, 60999],
    nginx,
    customizableTypes,
    labels,
    realPaths: new Map(),
    peers,
  });
}
