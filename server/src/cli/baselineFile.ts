/** `--write-baseline`: the file of the findings that are known. */
import type { Finding } from "../analysis/finding.ts";
import { baselineText } from "../analysis/baseline.ts";
import type { Outcome } from "../workspace/analyses.ts";
import { namesBeside } from "../workspace/projectFiles.ts";
import { absolutePath, type Console } from "./console.ts";
import { replaceFile } from "./replaceFile.ts";

/** Lists what was found, under every policy, what is known already included. Throws UsageError where it cannot be written. */
export async function writeBaseline(file: string, outcomes: readonly Outcome[], console: Console): Promise<void> {
  const path = absolutePath(console, file);
  const names = new Map<Finding, string>();
  for (const { analysis } of outcomes) {
    const nameOf = namesBeside(path, analysis);
    const known = analysis.silenced.filter(({ by }) => by === "baseline").map(({ finding }) => finding);
    for (const finding of [...analysis.findings, ...known]) names.set(finding, nameOf(finding));
  }
  const text = baselineText([...names.keys()], (finding) => names.get(finding) ?? "");
  await replaceFile(path, [text], `--write-baseline ${file}`);
  console.complain(`baseline: ${names.size} findings are listed in ${file}`);
}
