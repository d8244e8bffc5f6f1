/**
 * The Policy: what the engine asks of an SELinux policy.
 *
 * Two layers. `PolicyFacts` is what a provider (bundled or written snapshot, binary policy file, live host) knows and
 * never changes. `Policy` is those facts under a state: boolean values and local changes. A fix is replayed by asking
 * the same facts under another state, so there is one implementation of the semantics (`policyOf` in `model.ts`).
 */

import type { FileContextLists, FileKind, PathEquivalence } from "./fileContextLists.ts";

export type Protocol = "tcp" | "udp";
/** A port context record. Order matters: the first record that contains a port wins (POLICY: file order; kernel ocontexts). */
export interface PortRecord {
  readonly protocol: string;
  readonly low: number;
  readonly high: number;
  readonly type: string;
  /**
   * True for a record that was added on the host (`semanage port`), where the source can tell: a new record that
   * overlaps one of them without being exactly it is refused (libsemanage `semanage_port_validate_local`).
   */
  readonly local?: true;
}

/** A boolean expression in the policy. `{ op: "true" }` is an unconditional rule. */
export type Condition =
  | { readonly op: "true" }
  | { readonly op: "bool"; readonly name: string }
  | { readonly op: "not"; readonly of: Condition }
  | { readonly op: "and" | "or" | "xor" | "eq" | "neq"; readonly left: Condition; readonly right: Condition };

/** Whether and when the policy allows one permission. */
export type RuleAnswer =
  /** Every rule that allows it, each under its condition. Empty: denied whatever the booleans. */
  | { readonly known: true; readonly conditions: readonly Condition[] }
  | { readonly known: false; readonly reason: string };

/** A default label. `type` null is `<<none>>`: the policy gives no default. */
export interface LabelAnswer {
  readonly type: string | null;
  /** False for labels of a bundled table: right nearly always, never certain. */
  readonly exact: boolean;
  /** The spec that matched, as written in file_contexts, for evidence; null where none did. */
  readonly spec: string | null;
  /** Why the label is not known, where that spec may match and cannot be evaluated. */
  readonly unknown?: string;
}

export type PolicySource = "bundled" | "snapshot" | "binary" | "live";
export type Mode = "enforcing" | "permissive" | "disabled" | "assumed";

export interface PolicyInfo {
  readonly source: PolicySource;
  /** Short name, for example `rhel9`. */
  readonly name: string;
  readonly title: string;
  /** Where the facts come from: policy package and version, and how good an approximation it is. */
  readonly provenance: string;
  readonly mode: Mode;
  /** True where default labels come from a host's own file_contexts. */
  readonly exactLabels: boolean;
  /** Why this policy was chosen, and why not a better one. */
  readonly reason?: string;
}

/** What a provider knows. All type names are resolved names, not aliases. */
export interface PolicyFacts {
  readonly info: PolicyInfo;
  /** nginx's domain unless told otherwise. `httpd_t` for every bundled release. */
  readonly domain: string;
  /** Port contexts in policy order, local changes already in front. */
  readonly ports: readonly PortRecord[];
  /** Type of a port that no record contains (initial SID port). */
  readonly defaultPortType: string;
  /** Booleans and their shipped (or persistent) state. */
  readonly booleans: ReadonlyMap<string, boolean>;
  /** `since`: first minor release that has the boolean, where not all of the release have it. */
  readonly booleanSince: ReadonlyMap<string, string>;
  /** Domains that the facts can answer for. Others are an error at the edge, with these as suggestions. */
  readonly domains: readonly string[];
  /** Real name of a type or alias; undefined where the policy has no such type; null where the table cannot tell. */
  resolveType(name: string): string | undefined | null;
  rules(source: string, target: string, cls: string, permission: string): RuleAnswer;
  /**
   * The dontaudit rules that keep a refusal of one permission out of the audit log, each under its condition. Empty: it
   * is recorded. Not known where the source has no such rules to look at: a snapshot written before they were kept.
   */
  dontaudit(source: string, target: string, cls: string, permission: string): RuleAnswer;
  /** Default label by file_contexts rules (libselinux matching), without local changes of this session. */
  label(path: string, kind: FileKind): LabelAnswer;
  /** Path with the policy's equivalences applied (`/run/x` -> `/var/run/x` on RHEL 7-9, the reverse later). */
  canonicalPath(path: string): string;
  /** The path equivalence that makes `semanage fcontext` refuse a spec, if any. */
  equivalenceAgainst(spec: string): PathEquivalence | undefined;
  /** True where a file context with exactly this spec text is defined, so that `semanage fcontext -a` refuses it. */
  definesFileContext(spec: string): boolean;
  /** Type that a local file context with exactly this spec text gives, where the source can tell: what an undo restores. */
  localFileContext?(spec: string): string | undefined;
  /** True for a permissive domain: denied but not blocked. */
  isPermissive(domain: string): boolean;
  /**
   * Type that a type_transition rule gives to what `source` creates in a directory of this type: the new object's class
   * (`file`, `dir`, `sock_file`) and, where a rule is about it, its name. Undefined where no rule applies or none is
   * known: the object then gets the directory's type. Conditional rules count under the facts' own boolean values.
   */
  fileTransition(source: string, directoryType: string, cls: string, name?: string): string | undefined;
  /**
   * Domain that a process of `source` enters when it executes a file of this type. Undefined where no rule applies or
   * none is known: the process then keeps its domain.
   */
  processTransition(source: string, execType: string): string | undefined;
  /** Lists of what the facts hold, where they can be had: of a policy file or a host, not of a snapshot. */
  readonly contents?: PolicyContents;
  /** Types that this domain may be allowed `cls permission` on when `condition` holds; what a boolean opens. */
  targets(source: string, cls: string, permission: string): ReadonlyMap<string, readonly Condition[]>;
}

/** What a provider can list beside answering questions: what a snapshot is written from. */
export interface PolicyContents {
  /** Names of all types. */
  readonly types: readonly string[];
  /** Alias -> the type's real name. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Permission names by class. */
  readonly permissions: ReadonlyMap<string, readonly string[]>;
  /** Undefined where no labels are known. */
  readonly fileContexts: FileContextLists | undefined;
  /** Every type_transition rule whose source is exactly this type. */
  transitionsFrom(source: string): readonly TypeTransition[];
  /** Types for which a dontaudit rule names `cls permission` when `condition` holds. */
  dontauditTargets(source: string, cls: string, permission: string): ReadonlyMap<string, readonly Condition[]>;
}

/** A type_transition rule of one source. */
export interface TypeTransition {
  readonly target: string;
  readonly cls: string;
  readonly newType: string;
  readonly condition: Condition;
  /** Name that the new object must have; null where the rule is about any. */
  readonly name: string | null;
}

/** A change to the policy or to labels that a fix or a what-if makes. */
export type Change =
  | { readonly kind: "boolean"; readonly name: string; readonly value: boolean }
  | {
      readonly kind: "port";
      readonly protocol: Protocol;
      readonly low: number;
      readonly high: number;
      readonly type: string;
    }
  /** A durable file context (`semanage fcontext` + `restorecon`). `spec` is the regex text. */
  | { readonly kind: "fileContext"; readonly spec: string; readonly fileKind: FileKind; readonly type: string }
  /** A label set on one existing object (`chcon`): wins over specs until the next relabel. */
  | { readonly kind: "label"; readonly path: string; readonly type: string }
  /** Labels on disk at and below a path are set to their defaults (`restorecon -R`): undoes earlier `label` changes. */
  | { readonly kind: "restore"; readonly path: string }
  /** One allow rule in a local module. */
  | {
      readonly kind: "allow";
      readonly source: string;
      readonly target: string;
      readonly cls: string;
      readonly permission: string;
    };

/** One permission check, with what decided it. */
export type CheckResult =
  | { readonly verdict: "allowed"; readonly by: readonly Condition[] }
  /** `conditions`: what would allow it if it held. Empty: no boolean helps. */
  | { readonly verdict: "denied"; readonly conditions: readonly Condition[] }
  | { readonly verdict: "unknown"; readonly reason: string };

/** Whether a refusal of one permission is recorded in the audit log (an AVC), with what keeps it out. */
export type AuditResult =
  | { readonly verdict: "silent"; readonly by: readonly Condition[] }
  | { readonly verdict: "recorded" }
  | { readonly verdict: "unknown"; readonly reason: string };

/** Facts under a state. Immutable: `with` returns another one. */
export interface Policy {
  readonly facts: PolicyFacts;
  readonly changes: readonly Change[];
  /** Current value of every boolean. */
  readonly booleans: ReadonlyMap<string, boolean>;
  /** The record that decides a port's type, or null where none does (`facts.defaultPortType`). Port 0..65535. */
  portRecord(protocol: Protocol, port: number): PortRecord | null;
  portType(protocol: Protocol, port: number): string;
  /** True where a record (policy or local) covers exactly low..high: `semanage port -a` refuses it, `-m` is the verb. */
  definesPort(protocol: Protocol, low: number, high: number): boolean;
  label(path: string, kind: FileKind): LabelAnswer;
  check(source: string, target: string, cls: string, permission: string): CheckResult;
  /**
   * Whether the refusal of one permission, where it is refused, leaves an AVC. The kernel records a refusal of several
   * permissions at once where it records one of them (`avc_audit_required`).
   */
  dontaudit(source: string, target: string, cls: string, permission: string): AuditResult;
  with(changes: readonly Change[]): Policy;
}
