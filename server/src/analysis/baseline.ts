/** The list of findings that are known and do not count: by rule, target and file, so that lines may move. */
import type { Analysis } from "./analysis.ts";
import type { Finding, Silenced } from "./finding.ts";
import { identityKey, identityOf, type Identity } from "./identity.ts";

/** First field of such a file. */
export const baselineFormat = "nginx-selinux-baseline";

/** How a finding's file is named in the list: relative to the list where it can be, so that checkouts agree. */
export type NameOf = (finding: Finding) => string;

/** The text of a list of these findings: sorted, one a line, so that its changes can be read. */
export function baselineText(findings: readonly Finding[], nameOf: NameOf): string {
  const identities = new Map<string, Identity>();
  for (const finding of findings) {
    const identity = identityOf(finding, nameOf(finding));
    identities.set(identityKey(identity), identity);
  }
  const lines = [...identities.values()].map((identity) => JSON.stringify(identity)).toSorted();
  return `{"format":"${baselineFormat}","version":1,"findings":[\n${lines.join(",\n")}\n]}\n`;
}

/** The keys of a list. Throws an Error whose message says what is wrong with the text. */
export function parseBaseline(text: string): ReadonlySet<string> {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || value["format"] !== baselineFormat) throw new Error("it is no baseline of nginx-selinux");
  if (value["version"] !== 1) throw new Error("it is of a newer version of nginx-selinux");
  const { findings } = value;
  if (!Array.isArray(findings)) throw new Error('its "findings" are no list');
  return new Set(findings.map((each: unknown) => identityKey(parseIdentity(each))));
}

function parseIdentity(value: unknown): Identity {
  if (isRecord(value)) {
    const { rule, target, file } = value;
    if (typeof rule === "string" && typeof target === "string" && typeof file === "string")
      return { rule, target, file };
  }
  throw new Error("one of its findings lacks rule, target or file");
}

/** The analysis without the findings that are known; they are kept as silenced. `shown`: how the list is called. */
export function withoutKnown(analysis: Analysis, known: ReadonlySet<string>, nameOf: NameOf, shown: string): Analysis {
  const findings: Finding[] = [];
  const silenced: Silenced[] = [...analysis.silenced];
  for (const finding of analysis.findings) {
    if (known.has(identityKey(identityOf(finding, nameOf(finding)))))
      silenced.push({ finding, by: "baseline", reason: `listed in ${shown}` });
    else findings.push(finding);
  }
  return { ...analysis, findings, silenced };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
