/** PolicyFacts over plain tables: what a snapshot holds once it has been read. */
import { BoundedMap, memo } from "../../base/memo.ts";
import { FileContexts, canonicalisePath, equivalenceAgainst, unknownLabel } from "../fileContexts.ts";
import type { FileKind, PathEquivalence, SpecList } from "../fileContextLists.ts";
import type { Condition, LabelAnswer, PolicyFacts, PolicyInfo, PortRecord, RuleAnswer } from "../policy.ts";
import type { RuleTable } from "./ruleTable.ts";

export type RulesByDomain = ReadonlyMap<string, ReadonlyMap<string, RuleTable>>;

export interface PolicyTables {
  readonly info: PolicyInfo;
  readonly domain: string;
  readonly permissive: ReadonlySet<string>;
  readonly types: Pick<ReadonlySet<string>, "has">;
  /** True where `types` has every type of the policy. */
  readonly allTypes: boolean;
  /** Names that are known to be no type. */
  readonly noTypes: ReadonlySet<string>;
  readonly aliases: ReadonlyMap<string, string>;
  readonly ports: readonly PortRecord[];
  readonly defaultPortType: string;
  readonly booleans: ReadonlyMap<string, boolean>;
  readonly booleanSince: ReadonlyMap<string, string>;
  /** By domain, then by `class permission`. */
  readonly rules: RulesByDomain;
  /** Refusals that leave no AVC, in the same form; null where the source has no such tables. */
  readonly dontaudit: RulesByDomain | null;
  /** New type by `transitionKey`: of what a domain creates in a directory, and of what it executes. */
  readonly fileTransitions: ReadonlyMap<string, string>;
  readonly processTransitions: ReadonlyMap<string, string>;
  /** In `.subs_dist` order. */
  readonly equivalences: readonly PathEquivalence[];
  /** In `.subs` order. */
  readonly localEquivalences: readonly PathEquivalence[];
  /** In file order. A function, so that they may be read when first needed; it gives the same value every time. */
  readonly fileContexts: () => SpecList;
  /** Spec texts that the policy defines; null where `fileContexts` are the policy's own. */
  readonly definedFileContexts: () => ReadonlySet<string> | null;
}

/** The facts that the tables hold. */
export function factsOfTables(tables: PolicyTables): PolicyFacts {
  return new TableFacts(tables);
}

/** Key of a transition; `parts` are source, type, and for an object its class and perhaps its name. */
export function transitionKey(...parts: readonly string[]): string {
  return parts.join("\0");
}

const noTargets: ReadonlyMap<string, readonly Condition[]> = new Map();

/** Remembered labels; many questions are about the same few directories. */
const labelCacheSize = 256;

class TableFacts implements PolicyFacts {
  readonly info: PolicyInfo;
  readonly domain: string;
  readonly ports: readonly PortRecord[];
  readonly defaultPortType: string;
  readonly booleans: ReadonlyMap<string, boolean>;
  readonly booleanSince: ReadonlyMap<string, string>;
  readonly domains: readonly string[];
  readonly #tables: PolicyTables;
  readonly #labels = new BoundedMap<string, LabelAnswer>(labelCacheSize);
  /** Names by those that were asked for: there are a few, and a type is looked up in a list. */
  readonly #realNames = new Map<string, string>();
  #contexts: FileContexts | null = null;
  #defined: ReadonlySet<string> | null = null;

  constructor(tables: PolicyTables) {
    this.info = tables.info;
    this.domain = tables.domain;
    this.ports = tables.ports;
    this.defaultPortType = tables.defaultPortType;
    this.booleans = tables.booleans;
    this.booleanSince = tables.booleanSince;
    this.domains = [...tables.rules.keys()];
    this.#tables = tables;
  }

  resolveType(name: string): string | undefined | null {
    const known = this.#realNames.get(name);
    if (known !== undefined) return known;
    const { types, aliases, noTypes, allTypes } = this.#tables;
    const real = aliases.get(name) ?? (types.has(name) ? name : undefined);
    if (real !== undefined) this.#realNames.set(name, real);
    return real !== undefined || allTypes || noTypes.has(name) ? real : null;
  }

  rules(source: string, target: string, cls: string, permission: string): RuleAnswer {
    return this.#answer(this.#tables.rules, source, target, cls, permission);
  }

  dontaudit(source: string, target: string, cls: string, permission: string): RuleAnswer {
    const { dontaudit } = this.#tables;
    if (dontaudit === null) return { known: false, reason: `${this.info.title} has no dontaudit rules` };
    return this.#answer(dontaudit, source, target, cls, permission);
  }

  #answer(tables: RulesByDomain, source: string, target: string, cls: string, permission: string): RuleAnswer {
    const domain = tables.get(source);
    if (domain === undefined) {
      return {
        known: false,
        reason: `${this.info.title} has no rules of ${source}, only of ${this.domains.join(", ")}`,
      };
    }
    const table = domain.get(`${cls} ${permission}`);
    if (table === undefined) {
      return { known: false, reason: `${this.info.title} has no table for ${cls} ${permission}` };
    }
    const conditions = table.conditionsOf(target);
    if (conditions.length === 0 && this.resolveType(target) === undefined) {
      return { known: false, reason: `the policy has no type ${target}` };
    }
    return { known: true, conditions };
  }

  targets(source: string, cls: string, permission: string): ReadonlyMap<string, readonly Condition[]> {
    return this.#tables.rules.get(source)?.get(`${cls} ${permission}`)?.byTarget ?? noTargets;
  }

  canonicalPath(path: string): string {
    return canonicalisePath(path, this.#tables.localEquivalences, this.#tables.equivalences);
  }

  equivalenceAgainst(spec: string): PathEquivalence | undefined {
    const { localEquivalences, equivalences } = this.#tables;
    return equivalenceAgainst(spec, localEquivalences) ?? equivalenceAgainst(spec, equivalences);
  }

  label(path: string, kind: FileKind): LabelAnswer {
    return memo(this.#labels, `${kind} ${path}`, () => this.#findLabel(this.canonicalPath(path), kind));
  }

  #findLabel(path: string, kind: FileKind): LabelAnswer {
    this.#contexts ??= new FileContexts(this.#tables.fileContexts());
    const match = this.#contexts.match(path, kind);
    if (match === null) return { type: null, exact: this.info.exactLabels, spec: null };
    if ("refused" in match) return unknownLabel(match, this.info.title);
    if (!this.info.exactLabels && match.spec.regex === everything && isStandard(path)) {
      return { type: null, exact: false, spec: null };
    }
    return { type: match.spec.type, exact: this.info.exactLabels, spec: match.spec.regex };
  }

  definesFileContext(spec: string): boolean {
    this.#defined ??= this.#tables.definedFileContexts() ?? specsOfAnyKind(this.#tables.fileContexts());
    return this.#defined.has(spec);
  }

  fileTransition(source: string, directoryType: string, cls: string, name?: string): string | undefined {
    const { fileTransitions } = this.#tables;
    const named = name === undefined ? undefined : fileTransitions.get(transitionKey(source, directoryType, cls, name));
    return named ?? fileTransitions.get(transitionKey(source, directoryType, cls));
  }

  processTransition(source: string, execType: string): string | undefined {
    return this.#tables.processTransitions.get(transitionKey(source, execType));
  }

  isPermissive(domain: string): boolean {
    return this.#tables.permissive.has(domain);
  }
}

/** The spec that no policy lacks: `/.*` is `default_t`. */
const everything = "/.*";

/**
 * Directories of every system (hier(7)), and every policy has a spec for each. A bundled list in which only the
 * spec for everything matches there has a gap: its answer would be wrong.
 */
const standardDirectories: ReadonlySet<string> = new Set(
  "bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var".split(" "),
);

function isStandard(path: string): boolean {
  return standardDirectories.has(path.split("/", 2)[1] ?? "");
}

/** `semanage fcontext -a` without `-f` is about all kinds, and so refuses only a spec of all kinds. */
function specsOfAnyKind(specs: SpecList): ReadonlySet<string> {
  return new Set(specs.regexes.filter((_, index) => specs.at(index)?.kind === "any"));
}
