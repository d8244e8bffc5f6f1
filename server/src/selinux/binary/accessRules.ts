/**
 * The allow or the dontaudit rules of one source type: its own and those of its attributes, unconditional and
 * conditional, gathered by one scan of the file so that each later question is a few look-ups.
 */
import type { Condition } from "../policy.ts";
import { AUDITDENY, scanItems } from "./avtab.ts";
import type { AccessKind, ItemList } from "./avtab.ts";
import { PolicyFormatError } from "./policyFormatError.ts";
import { forEachAttribute } from "./policyDb.ts";
import type { PolicyDb } from "./policyDb.ts";

/** Sources whose rules are kept at a time. Questions nearly always concern one domain. */
const MAX_SOURCES = 4;
/** Most conditions that one `targetsOf` gathers. A real policy has some thousands; more is a file made to exhaust memory. */
const MAX_GATHERED = 1_000_000;

const ALWAYS: Condition = { op: "true" };

/** Rules for one target (type or attribute) and class. */
interface Entry {
  readonly cls: number;
  /** Access vector that the rules are about without condition. */
  always: number;
  /** Access vectors under conditions, in file order. `branch` counts both lists of each block: 2n is true, 2n+1 false. */
  readonly conditional: { readonly branch: number; vector: number }[];
}

export interface AccessRules {
  /** Conditions under which one of the rules is about these permissions; `[true]` where one is so always. */
  conditionsOf(source: number, target: number, cls: number, vector: number): readonly Condition[];
  /** The same for every target type that has any, by value. Throws PolicyFormatError for absurdly many conditions. */
  targetsOf(source: number, cls: number, vector: number): ReadonlyMap<number, readonly Condition[]>;
}

/** Answers from the rules of one kind alone; constraints and bounds are not looked at. */
export function accessRulesOf(db: PolicyDb, kind: AccessKind): AccessRules {
  const sources = new Map<number, ReadonlyMap<number, Entry>>();

  function rulesOf(source: number): ReadonlyMap<number, Entry> {
    let rules = sources.get(source);
    if (rules === undefined) {
      rules = gather(db, kind, source);
      const [oldest] = sources.keys();
      if (oldest !== undefined && sources.size >= MAX_SOURCES) {
        sources.delete(oldest);
      }
    }
    sources.delete(source);
    sources.set(source, rules);
    return rules;
  }

  function conditionsFor(rules: ReadonlyMap<number, Entry>, target: number, cls: number, vector: number): Condition[] {
    const branches = new Set<number>();
    let always = false;
    forEachAttribute(db, target, (value) => {
      const entry = rules.get(keyOf(value, cls));
      if (entry === undefined || always) {
        return;
      }
      always = (entry.always & vector) !== 0;
      for (const rule of entry.conditional) {
        if ((rule.vector & vector) !== 0) {
          branches.add(rule.branch);
        }
      }
    });
    return always ? [ALWAYS] : [...branches].sort((left, right) => left - right).map((b) => conditionOf(db, b));
  }

  return {
    conditionsOf: (source, target, cls, vector) => conditionsFor(rulesOf(source), target, cls, vector),
    targetsOf: (source, cls, vector) => {
      const rules = only(rulesOf(source), cls, vector);
      const targets = new Map<number, readonly Condition[]>();
      let looked = 0;
      for (let target = 1; rules.size > 0 && target <= db.types.count; target++) {
        if (db.types.names[target] === undefined || db.types.isAttribute[target] === 1) {
          continue;
        }
        forEachAttribute(db, target, (value) => {
          looked += rules.get(keyOf(value, cls))?.conditional.length ?? 0;
        });
        if (looked > MAX_GATHERED) {
          throw new PolicyFormatError(db.rules.start, `at most ${MAX_GATHERED} conditional rules for one permission`);
        }
        const conditions = conditionsFor(rules, target, cls, vector);
        if (conditions.length > 0) {
          targets.set(target, conditions);
        }
      }
      return targets;
    },
  };
}

/** The entries for this class that are about one of these permissions, without the rules that do not matter. */
function only(rules: ReadonlyMap<number, Entry>, cls: number, vector: number): ReadonlyMap<number, Entry> {
  const kept = new Map<number, Entry>();
  for (const [key, entry] of rules) {
    if (entry.cls !== cls) {
      continue;
    }
    const always = entry.always & vector;
    const conditional = always === 0 ? entry.conditional.filter((rule) => (rule.vector & vector) !== 0) : [];
    if (always !== 0 || conditional.length > 0) {
      kept.set(key, { cls, always, conditional });
    }
  }
  return kept;
}

function keyOf(target: number, cls: number): number {
  return target * 0x10000 + cls;
}

function conditionOf(db: PolicyDb, branch: number): Condition {
  const condition = db.conditionals[branch >>> 1]?.condition ?? ALWAYS;
  return branch % 2 === 0 ? condition : { op: "not", of: condition };
}

function gather(db: PolicyDb, kind: AccessKind, source: number): ReadonlyMap<number, Entry> {
  const isSource = new Uint8Array(db.types.count + 1);
  forEachAttribute(db, source, (value) => {
    isSource[value] = 1;
  });
  const entries = new Map<number, Entry>();

  function scan(list: ItemList, branch: number | null): void {
    scanItems(db.view, list, kind, (from, target, cls, data) => {
      if (isSource[from] !== 1) {
        return;
      }
      // A dontaudit rule is stored as the permissions that are still recorded (kernel services.c, auditdeny).
      const vector = kind === AUDITDENY ? ~data : data;
      const key = keyOf(target, cls);
      let entry = entries.get(key);
      if (entry === undefined) {
        entry = { cls, always: 0, conditional: [] };
        entries.set(key, entry);
      }
      if (branch === null) {
        entry.always |= vector;
        return;
      }
      const last = entry.conditional.at(-1);
      if (last !== undefined && last.branch === branch) {
        last.vector |= vector;
      } else {
        entry.conditional.push({ branch, vector });
      }
    });
  }

  scan(db.rules, null);
  db.conditionals.forEach((block, index) => {
    scan(block.whenTrue, 2 * index);
    scan(block.whenFalse, 2 * index + 1);
  });
  return entries;
}
