/** Absolute paths as text, parted by `/`. Nothing here looks at a file system. */

/** The directory in which a path lies: `/` for one in the root, `.` for a name without a slash. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, Math.max(slash, 1));
}

/** The last part of a path; "" where it ends in a slash. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path of a name in a directory. */
export function inDirectory(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}

/** The directories that hold a path, the nearest first: `/run/app`, `/run`, `/` for `/run/app/app.sock`. */
export function directoriesAbove(path: string): string[] {
  const directories: string[] = [];
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) directories.push(path.slice(0, at));
  directories.push("/");
  return directories;
}

/** True for a path that is one of the directories or lies below one; for any path where `within` is null. */
export function isWithin(path: string, within: readonly string[] | null): boolean {
  return (
    within === null || within.some((directory) => path === directory || path.startsWith(inDirectory(directory, "")))
  );
}

/** A path from the first folder, where it lies in it. */
export function shownIn([folder]: readonly string[], path: string): string {
  return folder !== undefined && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}
