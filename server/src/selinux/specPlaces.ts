/**
 * The specs of a file_contexts list, by the directory that all they match is or lies in. A release has thousands, and a
 * configuration asks about a few directories: a spec is read when a path leads into its directory.
 */
import { byteString } from "./byteString.ts";
import type { SpecList } from "./fileContextLists.ts";
import { directoryNamed, nextName, readSpec, type Entry } from "./specText.ts";

/** A directory that a path led into. In each list the spec that is last in the file comes first. */
export interface Place {
  /** Specs without metacharacters for which the path that they name is not known. */
  readonly literal: readonly Entry[];
  readonly patterns: readonly Entry[];
  /** Null for the top. */
  readonly above: Place | null;
  /** The directories in this one, by name with the slash before it: entered, or what waits there. */
  readonly below: Map<string, Place | Waiting[]>;
}

/** Specs that were not read. The text of each goes on at `from`, behind the name of the directory, which they write alike. */
interface Waiting {
  readonly from: number;
  readonly positions: readonly number[];
}

export class SpecPlaces {
  readonly #specs: SpecList;
  /** The texts of the specs as bytes. */
  #regexes: readonly string[] = [];
  #top: Place | null = null;
  /** Specs without metacharacters, by the path that they name; last in the file first. */
  readonly #byPath = new Map<string, Entry[]>();
  #read = 0;

  /** Nothing is done with the specs yet. */
  constructor(specs: SpecList) {
    this.#specs = specs;
  }

  /** Specs that were read so far. */
  get read(): number {
    return this.#read;
  }

  /** The last place on the way to a path (as bytes): of the specs that name no path, only those from there up can match it. */
  lastOn(path: string): Place {
    let place = (this.#top ??= this.#enterTop());
    for (let from = 0; place.below.size > 0;) {
      const end = endAfter(path, from);
      if (end === -1) break;
      const name = path.slice(from, end);
      const below = place.below.get(name);
      if (below === undefined) break;
      const entered: Place = Array.isArray(below) ? this.#enter(below, place) : below;
      if (entered !== below) place.below.set(name, entered);
      place = entered;
      from = end;
    }
    return place;
  }

  /** The specs without metacharacters that name a path, one per kind of file, once `lastOn` was asked for it. */
  naming(path: string): readonly Entry[] {
    return this.#byPath.get(path) ?? none;
  }

  #enterTop(): Place {
    this.#regexes = this.#specs.regexes.map(byteString);
    return this.#enter([{ from: 0, positions: this.#regexes.map((_, position) => position) }], null);
  }

  /** Reads the specs about a directory, and lets those about directories in it wait there, if there are many. */
  #enter(waiting: readonly Waiting[], above: Place | null): Place {
    if (waiting.reduce((sum, { positions }) => sum + positions.length, 0) <= few)
      return this.#placeOf(
        waiting.flatMap(({ positions }) => positions),
        nothingBelow,
        above,
      );
    const own: number[] = [];
    const below = new Map<string, Waiting[]>();
    for (const { from, positions } of waiting) {
      const byName = new Map<string, number[] | null>();
      positions.forEach((position) => {
        const name = nextName(this.#regexes[position] ?? "", from);
        const others = byName.get(name);
        if (others === undefined) byName.set(name, waitIn(below, name, from, position));
        else others?.push(position);
        if (byName.get(name) === null) own.push(position);
      });
    }
    return this.#placeOf(own, below, above);
  }

  #placeOf(positions: number[], below: Place["below"], above: Place | null): Place {
    const place = { literal: new Array<Entry>(), patterns: new Array<Entry>(), above, below };
    for (const position of positions.sort((left, right) => right - left)) {
      const spec = this.#specs.at(position);
      if (spec === undefined) continue;
      this.#read++;
      const entry = readSpec(spec, position, this.#regexes[position] ?? "");
      if (entry.path !== null) this.#name(entry.path, entry);
      else place[entry.literal ? "literal" : "patterns"].push(entry);
    }
    return place;
  }

  /** Of equal paths and kinds only the last one in the file counts, which comes first here. */
  #name(path: string, entry: Entry): void {
    const named = this.#byPath.get(path);
    if (named === undefined) this.#byPath.set(path, [entry]);
    else if (named.every(({ spec }) => spec.kind !== entry.spec.kind)) named.push(entry);
  }
}

const none: readonly Entry[] = [];

/** So many specs are read at once: there is a list of one for each fix that is replayed, and one per site on a host. */
const few = 4;

const nothingBelow: Place["below"] = new Map();

/** Lets a spec wait in the directory that comes next in its text, as it is written; null where that is the name of none. */
function waitIn(below: Map<string, Waiting[]>, written: string, from: number, position: number): number[] | null {
  const name = directoryNamed(written, from === 0);
  if (name === null) return null;
  const positions = [position];
  const waiting = { from: from + written.length, positions };
  const others = below.get(name);
  if (others === undefined) below.set(name, [waiting]);
  else others.push(waiting);
  return positions;
}

/**
 * Where the next part of a path ends, after the first `end` bytes; -1 after the whole. `$` stands before a newline at the
 * path's end, too.
 */
function endAfter(path: string, end: number): number {
  if (end === path.length) return -1;
  const slash = path.indexOf("/", end + 1);
  if (slash !== -1) return slash;
  return path.endsWith("\n") && end < path.length - 1 ? path.length - 1 : path.length;
}
