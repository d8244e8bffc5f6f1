/** Reading what may not be there: most facts about a host are optional. */
import { HostError, type Host } from "./host.ts";

/** Files of /proc, /sys and unit files are small. */
const SMALL = 2 ** 20;

/** The bytes, or null where the file does not exist. Rejects with HostError for any other reason. */
export async function readIfThere(host: Host, path: string, limit: number): Promise<Uint8Array | null> {
  try {
    return await host.readFile(path, limit);
  } catch (error) {
    if (error instanceof HostError && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
    throw error;
  }
}

/**
 * A text file without the white space at its ends and the NULs that the kernel puts there; null where it cannot be
 * read, whatever the reason, or has more than `limit` bytes.
 */
export async function readText(host: Host, path: string, limit: number = SMALL): Promise<string | null> {
  try {
    const text = new TextDecoder().decode(await host.readFile(path, limit));
    let end = text.length;
    while (end > 0 && text[end - 1] === "\0") end--;
    return text.slice(0, end).trim();
  } catch (error) {
    if (error instanceof HostError) return null;
    throw error;
  }
}

/** `FileStat.stamp`, or null where there is nothing or it cannot be seen. */
export async function stampOf(host: Host, path: string): Promise<string | null> {
  try {
    return (await host.stat(path)).stamp;
  } catch (error) {
    if (error instanceof HostError) return null;
    throw error;
  }
}

/** The names in a directory; none where it cannot be read. */
export async function namesIn(host: Host, path: string): Promise<readonly string[]> {
  try {
    return (await host.readDirectory(path)).map((entry) => entry.name);
  } catch (error) {
    if (error instanceof HostError) return [];
    throw error;
  }
}

/** The type in a context `user:role:type:range`; null where it is none. */
export function typeOfContext(context: string): string | null {
  const type = context.split(":")[2];
  return type !== undefined && /^[\w.-]+$/.test(type) ? type : null;
}

/** The target of a symbolic link as written; null for anything else, and where it cannot be seen. */
export async function linkOrNull(host: Host, path: string): Promise<string | null> {
  try {
    return await host.readLink(path);
  } catch (error) {
    if (error instanceof HostError) return null;
    throw error;
  }
}
