/** Rules asked directly: one access on one bundled release. */
import assert from "node:assert/strict";
import { createEvaluator } from "../../server/src/analysis/evaluator.ts";
import type { Fix } from "../../server/src/fixes/fix.ts";
import type {
  Access,
  BindPort,
  BindSocket,
  ConnectPort,
  ConnectSocket,
  FileAccess,
  FileUse,
  LimitAccess,
  RightAccess,
} from "../../server/src/nginx/access.ts";
import { accessRules } from "../../server/src/rules/index.ts";
import type { RuleContext } from "../../server/src/rules/context.ts";
import type { Verdict } from "../../server/src/rules/rule.ts";
import type { DiskLabel, HostState, SocketPeer } from "../../server/src/selinux/host/hostState.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import type { Decision } from "../../server/src/selinux/query.ts";
import type { Change, Policy, PolicyInfo } from "../../server/src/selinux/policy.ts";
import { bundledFacts } from "../support/bundledPolicies.ts";
import type { Release } from "../support/bundledPolicies.ts";

/** The bundled policy of a release, under changes. */
export function release(name: Release, ...changes: readonly Change[]): Policy {
  return policyOf(bundledFacts(name), changes);
}

/** The same policy with other words about itself: its mode, whether labels are exact. */
export function informed({ facts, changes }: Policy, info: Partial<PolicyInfo>): Policy {
  // Facts are instances with private state: a proxy would not reach it, so each method is handed on.
  return policyOf(
    {
      info: { ...facts.info, ...info },
      domain: facts.domain,
      ports: facts.ports,
      defaultPortType: facts.defaultPortType,
      booleans: facts.booleans,
      booleanSince: facts.booleanSince,
      domains: facts.domains,
      resolveType: (name) => facts.resolveType(name),
      rules: (source, target, cls, permission) => facts.rules(source, target, cls, permission),
      dontaudit: (source, target, cls, permission) => facts.dontaudit(source, target, cls, permission),
      label: (path, kind) => {
        const label = facts.label(path, kind);
        return info.exactLabels === true ? { ...label, exact: true } : label;
      },
      canonicalPath: (path) => facts.canonicalPath(path),
      equivalenceAgainst: (spec) => facts.equivalenceAgainst(spec),
      definesFileContext: (spec) => facts.definesFileContext(spec),
      isPermissive: (domain) => facts.isPermissive(domain),
      fileTransition: (source, directory, cls, name) => facts.fileTransition(source, directory, cls, name),
      processTransition: (source, execType) => facts.processTransition(source, execType),
      targets: (source, cls, permission) => facts.targets(source, cls, permission),
    },
    changes,
  );
}

export function contextOf(policy: Policy): RuleContext {
  return {
    policy,
    source: "httpd_t",
    localPorts: [32768, 60999],
    host: null,
    container: null,
    mounts: [],
    ownSockets: new Set(),
  };
}

export interface Said extends Verdict {
  readonly rule: string;
  readonly decision: Decision;
}

/** Everything that the rules say of the policy's answer to an access. */
export function judge(policy: Policy, access: Access, context: Partial<RuleContext> = {}): readonly Said[] {
  return createEvaluator({ ...contextOf(policy), ...context }, accessRules)
    .judge(access)
    .said.flatMap(({ rule, verdict }) => {
      // Fixes and evidence are getters, which a spread would lose.
      const { decision, severity, message, oncePerUpstream, because, fixes } = verdict;
      return decision === null ? [] : [{ decision, severity, message, oncePerUpstream, because, fixes, rule: rule.id }];
    });
}

/** What a rule says beside the policy's answer: of an access that is allowed now. */
export function aside(policy: Policy, access: Access, context: Partial<RuleContext> = {}): readonly Verdict[] {
  return createEvaluator({ ...contextOf(policy), ...context }, accessRules)
    .judge(access)
    .said.flatMap(({ verdict }) => (verdict.decision === null ? [verdict] : []));
}

const place = { file: 0, span: { start: 0, end: 1 }, directive: "proxy_pass", via: [] } as const;

export function tcp(port: number | null, more: Partial<ConnectPort> = {}): ConnectPort {
  return { ...place, kind: "connect", protocol: "tcp", host: "127.0.0.1", port, certainty: "certain", ...more };
}

export function unix(path: string | null, more: Partial<ConnectSocket> = {}): ConnectSocket {
  return { ...place, kind: "connect", protocol: "unix", path, socket: "stream", certainty: "certain", ...more };
}

export function listen(protocol: "tcp" | "udp", port: number | null, last = port): BindPort {
  return {
    ...place,
    kind: "bind",
    protocol,
    host: "*",
    port,
    lastPort: last,
    certainty: "certain",
    directive: "listen",
  };
}

/** The commands of a fix on one line, with the words that are the same everywhere left out. */
export function brief(fix: Fix): string {
  if (fix.module !== undefined) {
    const { name, cil } = fix.module;
    assert.deepEqual(fix.commands, [`printf '%s\\n' '${cil.trimEnd()}' > ${name}.cil`, `sudo semodule -i ${name}.cil`]);
    assert.deepEqual(fix.undo, [`sudo semodule -r ${name}`]);
    return `module ${cil.trimEnd()}`;
  }
  return fix.commands
    .map((command) => command.replace(/^sudo (semanage )?/, "").replace("setsebool -P ", ""))
    .join(" + ");
}

/** An access to a file or directory by a worker; `use` decides the rest. */
export function file(use: FileUse, path: string | null, more: Partial<FileAccess> = {}): FileAccess {
  const reads = !["log", "cache", "temp", "store", "dav", "pid"].includes(use);
  const isDirectory = ["content", "listing", "dav", "cache", "temp", "store"].includes(use);
  return {
    ...place,
    kind: reads ? "read" : use === "log" ? "append" : "write",
    protocol: "file",
    path,
    below: null,
    object: isDirectory ? "dir" : "file",
    use,
    by: isDirectory ? "worker" : "master",
    certainty: "certain",
    ...more,
  };
}

export function listenUnix(path: string): BindSocket {
  return { ...place, kind: "bind", protocol: "unix", path, certainty: "certain", directive: "listen" };
}

export const limit: LimitAccess = {
  ...place,
  kind: "limit",
  protocol: "process",
  resource: "nofile",
  amount: 65535,
  certainty: "certain",
};

/** A right of nginx's own process: foreign addresses (`proxy_bind ... transparent`), executable memory (`pcre_jit`). */
export function right(name: RightAccess["right"], more: Partial<RightAccess> = {}): RightAccess {
  const directive = name === "net_raw" ? "proxy_bind" : "pcre_jit";
  return {
    ...place,
    kind: "capability",
    protocol: "process",
    right: name,
    directive,
    certainty: "certain",
    ...more,
  };
}

/** What a host says of some paths and sockets; nothing is known of others. */
export function hostState(
  labels: Readonly<Record<string, DiskLabel>>,
  peers: Readonly<Record<string, SocketPeer>> = {},
  policy: Policy = release("rhel9"),
): HostState {
  return {
    mode: "enforcing",
    booleans: policy.booleans,
    localPorts: [32768, 60999],
    nginx: { domain: "httpd_t", how: "the test says so", container: false },
    customizableTypes: new Set(),
    changes: [],
    realPath: (path) => path,
    label: (path) => labels[path] ?? { state: "unknown", reason: "not asked for" },
    peer: (path) => peers[path] ?? { domain: null, reason: "nothing listens there" },
    permissions: null,
  };
}
