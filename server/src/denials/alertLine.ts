/** setroubleshoot's line in the journal, and sealert's report. */
import { IDENTIFIER, typeOf } from "./decode.ts";
import type { AlertLine } from "./denial.ts";
import { isoInstant } from "./time.ts";

const SENTENCE =
  /SELinux is preventing (\S{1,512}) from (?:using the )?([\w, ]{2,200}?) access(?:es)? on (?:the|a|an) ([\w ]{2,60}?)(?:\s+(labeled \S+|port (\d{1,5})|\/[^\n]*?|[^\s\n]{1,512}))?\s?\.(?=\s|#012|$)/u;

/** The alert in a text that begins with its sentence; the reason where it cannot be read. */
export function parseAlert(text: string, lines: readonly number[], prefix: string): AlertLine | string {
  const report = text.replaceAll("#012", "\n");
  const match = SENTENCE.exec(report);
  if (match === null)
    return 'setroubleshoot\'s sentence is cut: "SELinux is preventing PROGRAM from PERMISSION access on the CLASS NAME."';
  const [, program = "", permissions = "", cls = "", object = ""] = match;
  const isReport = /Additional Information:|Source Context/u.test(report);
  const port = match[5] ?? fieldOf(report, "Port");
  const path = object.startsWith("/") ? object : null;
  return {
    kind: "setroubleshoot",
    form: isReport ? "sealert" : "setroubleshoot",
    lines,
    time: fieldOf(report, "Last Seen"),
    instant: isoInstant(prefix) ?? utcInstant(fieldOf(report, "Last Seen")),
    program,
    permissions: permissions.split(/[\s,]+/u).filter((word) => IDENTIFIER.test(word) && word !== "and"),
    cls: className(cls),
    port: port !== null && /^\d{1,5}$/u.test(port) ? Number(port) : null,
    path,
    name: path === null && object !== "" && !/^(?:port|labeled) /u.test(object) ? object : null,
    source: typeOf(fieldOf(report, "Source Context")),
    target: typeOf(fieldOf(report, "Target Context")),
    defaultType: /default label should be ([A-Za-z0-9_]+)\./u.exec(report)?.[1] ?? null,
    count: countOf(fieldOf(report, "Alert Count")),
    policyPackage: fieldOf(report, "(?:SELinux )?Policy RPM")?.replace(/\.(?:noarch|x86_64)$/u, "") ?? null,
    suggestions: suggestionsOf(report),
  };
}

/** `tcp_socket`; of "process" and "file" the word itself; "Unknown" is none. */
function className(words: string): string | null {
  const word = words.trim().replaceAll(" ", "_");
  return IDENTIFIER.test(word) ? word : null;
}

function fieldOf(report: string, name: string): string | null {
  const value = new RegExp(`(?:^|\\n)[ \\t]*${name}[ \\t]{2,}(\\S[^\\n]*)`, "u").exec(report)?.[1]?.trim();
  return value === undefined || value === "<Unknown>" ? null : value;
}

function countOf(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/u.test(text) ? Number(text) : null;
}

function utcInstant(text: string | null): number | null {
  return text !== null && text.endsWith(" UTC") ? isoInstant(text.replace(" UTC", "Z")) : null;
}

/** The plugins that spoke; where one proposes a boolean, with its name. */
function suggestionsOf(report: string): readonly string[] {
  const parts = report.split(/\*{3,}\s+Plugin /u).slice(1);
  return parts.slice(0, 20).map((part) => {
    const plugin = /^\w+/u.exec(part)?.[0] ?? "";
    const boolean = plugin === "catchall_boolean" ? /setsebool (?:-P )?(\w+)/u.exec(part)?.[1] : undefined;
    return boolean === undefined ? plugin : `${plugin}:${boolean}`;
  });
}
