/** The changelog, by release. */

/** True where the changelog has a dated section for the version. */
export function isReleased(changelog: string, version: string): boolean {
  return changelog
    .split("\n")
    .some((line) => line.startsWith(`## ${version} - `) && /^\d{4}-\d{2}-\d{2}$/.test(line.slice(-10)));
}

/** The text below the heading of a version, or null where it has no section. */
export function sectionOf(changelog: string, version: string): string | null {
  const lines = changelog.split("\n");
  const start = lines.findIndex((line) => line === `## ${version}` || line.startsWith(`## ${version} - `));
  if (start === -1) return null;
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith("## "));
  return lines
    .slice(start + 1, length === -1 ? undefined : start + 1 + length)
    .join("\n")
    .trim();
}
