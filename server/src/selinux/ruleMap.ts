/** Values by what a rule of the policy is about. */
import { memo } from "../base/memo.ts";

/**
 * A map whose key is four names. No text is made of them: a configuration asks for a few rules very often, and names that
 * stay the same are found by the hash that they have already.
 */
export class RuleMap<V> {
  readonly #values = new Map<string, Map<string, Map<string, Map<string, V>>>>();

  get(source: string, target: string, cls: string, permission: string): V | undefined {
    return this.#values.get(source)?.get(target)?.get(cls)?.get(permission);
  }

  set(source: string, target: string, cls: string, permission: string, value: V): void {
    const byTarget = memo(this.#values, source, () => new Map<string, Map<string, Map<string, V>>>());
    const byClass = memo(byTarget, target, () => new Map<string, Map<string, V>>());
    memo(byClass, cls, () => new Map<string, V>()).set(permission, value);
  }
}
