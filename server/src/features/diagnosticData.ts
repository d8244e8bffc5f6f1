/** What travels with a diagnostic to the client and comes back with a request for its actions. */

/** Shown beside every diagnostic, and how ours are recognised when they come back. */
export const diagnosticSource = "SELinux";

export interface DiagnosticData {
  /** Target key of the finding: tells findings of one rule at one place apart. */
  readonly key: string;
}

/** Checks what a client sent back. Undefined where it is not ours or was tampered with. */
export function parseDiagnosticData(value: unknown): DiagnosticData | undefined {
  if (typeof value !== "object" || value === null || !("key" in value)) return undefined;
  return typeof value.key === "string" ? { key: value.key } : undefined;
}
