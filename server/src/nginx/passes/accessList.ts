/** Accesses without repetition: a file that is included twice has its places twice. */
import type { Access, Failing } from "../access.ts";
import type { Configuration } from "../load/configuration.ts";

/** Where accesses are added. */
export interface AccessSink {
  add(found: Access): void;
}

/** A list that grows, in the order in which accesses are added. */
export class AccessList implements AccessSink {
  readonly accesses: Access[] = [];
  readonly #repeated: readonly boolean[];
  readonly #doubt: (access: Access) => string | null;
  readonly #seen = new Set<string>();

  /** @param doubt why an access that seems certain is one of several; null if it is not */
  constructor(configuration: Configuration, doubt: (access: Access) => string | null) {
    this.#repeated = repeatedFiles(configuration);
    this.#doubt = doubt;
  }

  add(found: Access): void {
    const reason = found.certainty === "certain" ? this.#doubt(found) : null;
    const access: Access = reason === null ? found : { ...found, certainty: "one-of", reason };
    if (this.#repeated[access.file] === true) {
      const what = targetText(access);
      const key = `${access.file} ${access.span.start} ${access.kind} ${access.protocol} ${what} ${access.certainty}`;
      if (this.#seen.has(key)) return;
      this.#seen.add(key);
    }
    this.accesses.push(access);
  }

  /** The same list for accesses whose failure is seen elsewhere than in a request over HTTP. */
  failing(fails: Failing): AccessSink {
    return {
      add: (found) => {
        this.add({ ...found, fails });
      },
    };
  }
}

/** What tells accesses of the same kind at the same place apart. */
function targetText(access: Access): string {
  if ("use" in access) return `${access.use} ${access.path} ${access.below}`;
  if ("socket" in access) return `${access.socket} ${access.path}`;
  if ("path" in access) return `${access.path}`;
  return "port" in access ? `${access.host}:${access.port}` : "";
}

/** Which files nginx reads more than once. */
function repeatedFiles(configuration: Configuration): boolean[] {
  const times = new Uint32Array(configuration.files.length);
  const edges = new Map<number, number[]>();
  for (const edge of configuration.includes.values()) {
    for (const target of edge.targets) {
      times[target] = (times[target] ?? 0) + 1;
      const targets = edges.get(edge.file);
      if (targets === undefined) edges.set(edge.file, [target]);
      else targets.push(target);
    }
  }
  const repeated = Array.from(times, (count) => count > 1);
  const queue = repeated.flatMap((is, file) => (is ? [file] : []));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    for (const target of edges.get(file) ?? []) {
      if (repeated[target] === true) continue;
      repeated[target] = true;
      queue.push(target);
    }
  }
  return repeated;
}
