/** Findings by cause: one target that is refused for one reason, with every place that it concerns. */
import { severities, type Severity } from "../base/severity.ts";
import type { Report, ReportAccess, ReportFinding, ReportFix } from "./report.ts";
import type { Range } from "../base/text.ts";

export interface CausePlace {
  readonly file: string;
  readonly range: Range;
}

export interface Cause {
  /** Unique in the report and the same for the same findings: usable as an anchor. */
  readonly key: string;
  readonly rule: string;
  /** The worst of its findings. */
  readonly severity: Severity;
  readonly message: string;
  /** Of the first finding; null where the rule judges no access. */
  readonly access: ReportAccess | null;
  /** In the order of the report; at least one. */
  readonly places: readonly CausePlace[];
  readonly because: readonly string[];
  /** Best first. */
  readonly fixes: readonly ReportFix[];
}

/** The causes of a report: worst first, in the order of the report where that is equal. Linear in the findings. */
export function causesOf({ findings }: Pick<Report, "findings">): readonly Cause[] {
  const groups = new Map<string, ReportFinding[]>();
  for (const finding of findings) {
    const key = causeKey(finding);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  const causes = [...groups].flatMap(([key, group]) => causeOf(key, group) ?? []);
  return causes.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

function causeOf(key: string, group: readonly ReportFinding[]): Cause | null {
  const worst = group.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))[0];
  if (worst === undefined) return null;
  const { rule, severity, message, access, because, fixes } = worst;
  return {
    key,
    rule,
    severity,
    message,
    access,
    because,
    fixes,
    places: group.map(({ file, range }) => ({ file, range })),
  };
}

/** Equal for findings that one decision is about; the address of a listen is no part of it, since only its port counts. */
function causeKey({ rule, access, message }: ReportFinding): string {
  if (access === null) return JSON.stringify([rule, message]);
  const { kind, protocol, port, lastPort, path, target, certainty } = access;
  return JSON.stringify([rule, kind, protocol, port, lastPort ?? null, path, target, certainty]);
}
