/** Values by what a rule of the policy is about. */

type ByPermission<V> = Map<string, V>;

/**
 * A map whose key is four names. No text is made of them: a configuration asks for a few rules very often, and names that
 * stay the same are found by the hash that they have already.
 */
export class RuleMap<V> {
  readonly #values = new Map<string, Map<string, Map<string, ByPermission<V>>>>();

  get(source: string, target: string, cls: string, permission: string): V | undefined {
    return this.#values.get(source)?.get(target)?.get(cls)?.get(permission);
  }

  set(source: string, target: string, cls: string, permission: string, value: V): void {
    within(within(within(this.#values, source), target), cls).set(permission, value);
  }
}

/** The map that is kept for a key; a new one where there is none. */
function within<K, V>(maps: Map<string, Map<K, V>>, key: string): Map<K, V> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const made = new Map<K, V>();
  maps.set(key, made);
  return made;
}
