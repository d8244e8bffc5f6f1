/** The committed snapshots, for tests. */
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import type { PolicyFacts } from "../../server/src/selinux/policy.ts";
import { snapshotFacts } from "../../server/src/selinux/snapshot.ts";

export const releases = ["rhel7", "rhel8", "rhel9", "rhel10", "fedora"] as const;
export type Release = (typeof releases)[number];

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
