/**
 * A stand-in for semanage that refuses what the real one refuses (seobject.py of policycoreutils 3.4): the verb against
 * what is defined exactly, paths below the left side of an equivalence, ranges that overlap local ones; and what setfiles
 * refuses when semanage lets it check the new records: characters beyond ASCII.
 */

export interface SemanageRecords {
  /** Specs of files of any kind that the policy has. */
  readonly fileContexts: ReadonlySet<string>;
  readonly equivalences: readonly (readonly [from: string, to: string])[];
  /** `tcp 80-80`. */
  readonly ports: ReadonlySet<string>;
}

export interface SemanageStandIn {
  /** Runs a command line as it is printed. Throws with the real message where semanage refuses it. */
  run(line: string): void;
  /** How often each verb was taken: `fcontext -a`, `port -m`. */
  readonly taken: ReadonlyMap<string, number>;
}

/** Words of a command line that a shell would see; only what our commands are made of. */
export function shellWords(line: string): readonly string[] {
  const word = /\s*((?:'[^']*'|\\.|[^\s'\\])+)/y;
  const words: string[] = [];
  while (word.lastIndex < line.length) {
    const found = word.exec(line)?.[1];
    if (found === undefined) throw new Error(`not a command line: ${line}`);
    words.push(found.replace(/'([^']*)'|\\(.)/g, (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? ""));
  }
  return words;
}

/** A host with these records and no local ones. */
export function semanageStandIn({ fileContexts, equivalences, ports }: SemanageRecords): SemanageStandIn {
  const localContexts = new Set<string>();
  const localPorts = new Set<string>();
  const taken = new Map<string, number>();

  function validate(spec: string): void {
    if (spec === "" || spec.includes("\n")) throw new Error("Invalid file specification");
    if (spec.includes(" ")) throw new Error("File specification can not include spaces");
    if (/[^\0-\x7f]/u.test(spec)) throw new Error("Non-ASCII characters found");
    const rule = equivalences.find(([from]) => spec.startsWith(`${from}/`));
    if (rule !== undefined) throw new Error(`File spec ${spec} conflicts with equivalency rule '${rule.join(" ")}'`);
  }

  function fcontext(verb: string, spec: string, kind: string): void {
    const key = `${kind} ${spec}`;
    const defined = (kind === "a" && fileContexts.has(spec)) || localContexts.has(key);
    if (verb === "-d") {
      if (!localContexts.delete(key)) throw new Error(`File context for ${spec} is not defined`);
      return;
    }
    validate(spec);
    if (verb === "-a" && defined) throw new Error(`File context for ${spec} already defined`);
    if (verb === "-m" && !defined) throw new Error(`File context for ${spec} is not defined`);
    localContexts.add(key);
  }

  function port(verb: string, protocol: string, range: string): void {
    const [low = "", high = low] = range.split("-");
    const key = `${protocol} ${low}-${high}`;
    const defined = ports.has(key) || localPorts.has(key);
    if (verb === "-d") {
      if (!localPorts.delete(key)) throw new Error(`Port ${protocol}/${range} is not defined`);
      return;
    }
    if (verb === "-a" && defined) throw new Error(`Port ${protocol}/${range} already defined`);
    if (verb === "-m" && !defined) throw new Error(`Port ${protocol}/${range} is not defined`);
    const overlap = [...localPorts].find((other) => other !== key && overlaps(other, key));
    if (overlap !== undefined) throw new Error(`port overlap between ranges ${overlap} and ${key}`);
    localPorts.add(key);
  }

  function option(words: readonly string[], name: string): string | undefined {
    const at = words.indexOf(name);
    return at === -1 ? undefined : words[at + 1];
  }

  return {
    taken,
    run(line) {
      const [sudo, tool, object, verb = "", ...rest] = shellWords(line);
      if (sudo !== "sudo" || tool !== "semanage") return;
      const operand = rest.at(-1) ?? "";
      taken.set(`${object} ${verb}`, (taken.get(`${object} ${verb}`) ?? 0) + 1);
      if (object === "fcontext") fcontext(verb, operand, option(rest, "-f") ?? "a");
      else if (object === "port") port(verb, option(rest, "-p") ?? "", operand);
      else throw new Error(`semanage has no ${object} here: ${line}`);
    },
  };
}

function overlaps(one: string, other: string): boolean {
  const [left, right] = [one, other].map((key) => {
    const [protocol = "", range = ""] = key.split(" ");
    const [low = "", high = ""] = range.split("-");
    return { protocol, low: Number(low), high: Number(high) };
  });
  if (left === undefined || right === undefined || left.protocol !== right.protocol) return false;
  return left.low <= right.high && right.low <= left.high;
}
