/** Quadlets (podman-systemd.unit(5)): does a `.container` unit mount a configuration to where nginx reads it? */
import { mountsForServer, shortMount } from "./mounts.ts";
import { createCover, isServersImage, UNKNOWN } from "./serverPlaces.ts";

/**
 * The line, from 1, that mounts `file` to where nginx reads it; null where none does.
 * `directory`: that of the unit, at which paths begin that begin with a dot.
 */
export function lineThatMountsInUnit(text: string, directory: string, file: string): number | null {
  const mounts: { readonly source: string; readonly target: string; readonly line: number }[] = [];
  let hasServer = false;
  let section = "";
  for (const { key, value, line } of entriesOf(text)) {
    if (key === "[") section = value;
    else if (section !== "Container") continue;
    else if (key === "Image") hasServer ||= isServersImage(value);
    else if (key === "Volume" || key === "Mount") {
      const mount = key === "Volume" ? shortMount(withoutSpecifiers(value)) : longMount(withoutSpecifiers(value));
      if (mount !== null) mounts.push({ ...mount, line });
    }
  }
  const covers = createCover();
  return mounts.find((mount) => mountsForServer({ ...mount, hasServer }, directory, file, covers))?.line ?? null;
}

/** Keys with their values, and the names of sections under the key `[`. A backslash at the end goes on in the next line. */
function* entriesOf(text: string): Generator<{ readonly key: string; readonly value: string; readonly line: number }> {
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = i + 1;
    const parts: string[] = [];
    for (; i < lines.length; i++) {
      const now = (lines[i] ?? "").trim();
      if (parts.length > 0 && /^[#;]/.test(now)) continue;
      parts.push(now.endsWith("\\") ? now.slice(0, -1) : now);
      if (!now.endsWith("\\")) break;
    }
    const whole = parts.join(" ");
    const equals = whole.indexOf("=");
    if (/^[#;]/.test(whole)) continue;
    if (whole.startsWith("[")) yield { key: "[", value: whole.slice(1).replace(/\].*$/, ""), line };
    else if (equals > 0) yield { key: whole.slice(0, equals).trim(), value: whole.slice(equals + 1).trim(), line };
  }
}

/** `%h` and its like (systemd.unit(5)), of which nothing is known here. */
function withoutSpecifiers(value: string): string {
  return value.replace(/^"|"$/g, "").replaceAll(/%(.)/g, (_, letter: string) => (letter === "%" ? "%" : UNKNOWN));
}

/** `type=bind,source=PATH,target=PATH,ro`; null for another type. */
function longMount(text: string): { readonly source: string; readonly target: string } | null {
  const parts = new Map(
    text.split(",").map((part) => {
      const equals = part.indexOf("=");
      return equals < 0 ? [part, ""] : [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
    }),
  );
  const source = parts.get("source") ?? parts.get("src");
  const target = parts.get("target") ?? parts.get("dst") ?? parts.get("destination");
  return parts.get("type") !== "bind" || source === undefined || target === undefined ? null : { source, target };
}
