/** File contexts of directories and files as a tree: each lies inside of its parent. */
import { BELOW } from "../regex.ts";
import { specKey } from "./changes.ts";
import type { ChangeOf } from "./changes.ts";

type Context = ChangeOf<"fileContext">;

export class SpecTree {
  /** The one that counts of equal specs: the last, as `semanage` keeps one record for each. */
  readonly #bySpec = new Map<string, Context>();
  readonly #tops = new Map<string, Context>();
  readonly #members = new Map<Context, Context[]>();

  constructor(contexts: readonly Context[]) {
    const sorted = contexts.toSorted((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
    for (const context of sorted) this.#bySpec.set(specKey(context), context);
    for (const context of this.#bySpec.values()) {
      const top = this.#climb(context);
      this.#tops.set(specKey(context), top);
      const members = this.#members.get(top);
      if (members === undefined) this.#members.set(top, [context]);
      else members.push(context);
    }
  }

  /** True where none is inside of another one. */
  get isFlat(): boolean {
    return this.#members.size === this.#bySpec.size;
  }

  /** The outermost one that holds a context: itself where none does. */
  topOf(context: Context): Context {
    return this.#tops.get(specKey(context)) ?? context;
  }

  /** Every context at or inside of an outermost one, in no order. */
  below(top: Context): readonly Context[] {
    return this.#members.get(top) ?? [top];
  }

  /** Those of some contexts that change something: not the ones inside of another with the same label and none between. */
  withoutCovered(contexts: readonly Context[]): readonly Context[] {
    return contexts.filter((context) => this.#holder(context)?.type !== context.type);
  }

  #climb(context: Context): Context {
    let top = this.#bySpec.get(specKey(context)) ?? context;
    for (let holder = this.#holder(top); holder !== undefined; holder = this.#holder(top)) top = holder;
    return top;
  }

  /** The nearest directory around a context that has one too. */
  #holder(context: Context): Context | undefined {
    const { spec } = context;
    const path = spec.endsWith(BELOW) ? spec.slice(0, -BELOW.length) : spec;
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const holder = this.#bySpec.get(specKey({ ...context, spec: path.slice(0, end) + BELOW }));
      if (holder !== undefined) return holder;
    }
    return undefined;
  }
}
