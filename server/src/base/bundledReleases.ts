/**
 * The bundled releases, a row each: `auto`, `--policy`, the settings, the README and the tests take them from here.
 * `server/policies/<name>.json.br` holds the table; docs/bundled-policies.md says how one is made.
 */

/** A version of a distribution; the minor one is 0 where the distribution has none. */
type Version = readonly [major: number, minor: number];

export interface BundledRelease {
  /** As `--policy` takes it. */
  readonly name: string;
  /** That of the table. */
  readonly title: string;
  /** Distributions whose versions are counted alike. */
  readonly family: "rhel" | "fedora";
  /** The first version that the table stands for. It stands for those up to the next row of its family. */
  readonly from: Version;
  /** The version whose policy the table holds: what later ones of the row changed is not in it. */
  readonly measured: Version;
  /** Date of the policy's source, for example `2025-02-07`; null where its provenance has none. */
  readonly dated: string | null;
}

/** In each family the oldest first. */
export const bundledReleases = [
  { name: "rhel7", title: "RHEL 7", family: "rhel", from: [7, 0], measured: [7, 7], dated: null },
  { name: "rhel8", title: "RHEL 8", family: "rhel", from: [8, 0], measured: [8, 9], dated: null },
  {
    name: "rhel9",
    title: "RHEL 9 / CentOS Stream 9",
    family: "rhel",
    from: [9, 0],
    measured: [9, 6],
    dated: "2025-02-07",
  },
  { name: "rhel10.0", title: "RHEL 10.0", family: "rhel", from: [10, 0], measured: [10, 0], dated: "2025-02-17" },
  {
    name: "rhel10",
    title: "RHEL 10.1 and later / CentOS Stream 10",
    family: "rhel",
    from: [10, 1],
    measured: [10, 1],
    dated: "2025-02-07",
  },
  { name: "fedora", title: "Fedora 42", family: "fedora", from: [42, 0], measured: [42, 0], dated: "2025-02-07" },
] as const satisfies readonly BundledRelease[];

export type ReleaseName = (typeof bundledReleases)[number]["name"];

/** The names, in the order of the rows. */
export const releaseNames: readonly ReleaseName[] = bundledReleases.map(({ name }) => name);

/** True for the name of a bundled release. */
export function isReleaseName(name: string): name is ReleaseName {
  return releaseNames.some((each) => each === name);
}

/** True for a policy that is named by its path: it looks like one, and is no release's name (`rhel10.0`). */
export function isPolicyPath(policy: string): boolean {
  return !isReleaseName(policy) && /[/\\.]/.test(policy);
}

/** What answers where the system is not known. */
export const assumedRelease: ReleaseName = "rhel9";
