/** The bind mounts of quadlets (podman-systemd.unit(5)). */
import { textOf } from "../base/changedText.ts";
import type { ContainerMount } from "./containerMount.ts";
import { relabelOf, shortMount } from "./mounts.ts";
import { isServersImage, UNKNOWN } from "./serverPlaces.ts";

/** The bind mounts of the container that a unit describes. */
export function quadletMounts(text: string): readonly ContainerMount[] {
  const mounts: Omit<ContainerMount, "from" | "hasServer" | "isConfined" | "isConfig" | "service">[] = [];
  const lines = textOf(text);
  let hasServer = false;
  let isConfined = true;
  let section = "";
  for (const { key, value, line, start, end } of entriesOf(text)) {
    if (key === "[") section = value;
    else if (section !== "Container") continue;
    else if (key === "Image") hasServer ||= isServersImage(value);
    else if (key === "SecurityLabelDisable") isConfined &&= !/^(?:true|yes|on|1)$/i.test(value);
    else if (key === "PodmanArgs")
      isConfined &&= !/(?:^|\s)(?:--privileged|--security-opt[= ]label[=:]disable)(?=\s|$)/.test(value);
    else if (key === "Volume" || key === "Mount") {
      const known = withoutSpecifiers(value);
      const mount = key === "Volume" ? shortMount(known) : longMount(known);
      if (mount === null) continue;
      const range = { start: { line: line - 1, character: start }, end: { line: line - 1, character: end } };
      const { source, target, options } = mount;
      const written = { line, range, lines, text: end > start ? value : null };
      mounts.push({ source, target, relabel: relabelOf(options), ...written });
    }
  }
  return mounts.map((mount) => ({ ...mount, from: null, service: "", isConfig: false, hasServer, isConfined }));
}

interface Entry {
  /** The name of a section under the key `[`. */
  readonly key: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
  /** Columns of the value in its line; equal where it goes on in the next line. */
  readonly start: number;
  readonly end: number;
}

/** Keys with their values, and the names of sections under the key `[`. A backslash at the end goes on in the next line. */
function* entriesOf(text: string): Generator<Entry, void> {
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
    if (whole.startsWith("[")) {
      yield { key: "[", value: whole.slice(1).replace(/\].*$/, ""), line, start: 0, end: 0 };
    } else if (equals > 0) {
      const value = whole.slice(equals + 1).trim();
      const at = parts.length === 1 ? (lines[i] ?? "").lastIndexOf(value) : 0;
      const length = parts.length === 1 ? value.length : 0;
      yield { key: whole.slice(0, equals).trim(), value, line, start: at, end: at + length };
    }
  }
}

/** `%h` and its like (systemd.unit(5)), whose values are not known here. */
function withoutSpecifiers(value: string): string {
  return value.replace(/^"|"$/g, "").replaceAll(/%(.)/g, (_, letter: string) => (letter === "%" ? "%" : UNKNOWN));
}

/** `type=bind,source=PATH,target=PATH,ro`; null for another type. */
function longMount(text: string): ReturnType<typeof shortMount> {
  const parts = new Map(
    text.split(",").map((part) => {
      const equals = part.indexOf("=");
      return equals < 0 ? [part, ""] : [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
    }),
  );
  const source = parts.get("source") ?? parts.get("src");
  const target = parts.get("target") ?? parts.get("dst") ?? parts.get("destination");
  const options = `${parts.get("relabel") === "private" ? "Z" : parts.get("relabel") === "shared" ? "z" : ""},${text}`;
  return parts.get("type") !== "bind" || source === undefined || target === undefined
    ? null
    : { source, target, options };
}
