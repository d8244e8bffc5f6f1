/** The committed snapshots, for tests. */
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import type { PolicyFacts } from "../../server/src/selinux/policy.ts";
import { releaseNames, type ReleaseName } from "../../server/src/base/bundledReleases.ts";
import { snapshotFacts } from "../../server/src/selinux/files/snapshot.ts";

export const releases = releaseNames;
export type Release = ReleaseName;

/** Values by the release from which on they hold, in the order of the releases: `{ rhel7: 1, "rhel10.0": 2 }`. */
export type Since<Value> = { readonly [Name in Release]?: Value } & { readonly rhel7: Value };

/** The value of a release: that of the newest one named that is not newer than it. */
export function since<Value>(values: Since<Value>, release: Release): Value {
  const named = releases.slice(0, releases.indexOf(release) + 1).findLast((name) => values[name] !== undefined);
  const value = values[named ?? "rhel7"];
  return value === undefined ? values.rhel7 : value;
}

const loaded = new Map<Release, PolicyFacts>();

/** The JSON text of a bundled snapshot. */
export function bundledText(release: Release): string {
  const file = new URL(`../../server/policies/${release}.json.br`, import.meta.url);
  return brotliDecompressSync(readFileSync(file)).toString("utf8");
}

/** The facts of a bundled release; read once. */
export function bundledFacts(release: Release): PolicyFacts {
  let facts = loaded.get(release);
  if (facts === undefined) {
    facts = snapshotFacts(bundledText(release), "bundled");
    loaded.set(release, facts);
  }
  return facts;
}
