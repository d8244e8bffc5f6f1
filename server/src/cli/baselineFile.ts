/** `--baseline` and `--write-baseline`: the file of the findings that are known. */
import type { Analysis } from "../analysis/analysis.ts";
import { isPlaced, type Finding } from "../analysis/finding.ts";
import { inDirectory, parentOf } from "../base/paths.ts";
import type { Outcome } from "../languageService.ts";
import { baselineText, parseBaseline, withoutKnown, type NameOf } from "../report/baseline.ts";
import { absolutePath, type Console } from "./console.ts";
import { replaceFile } from "./replaceFile.ts";
import { UsageError } from "./usageError.ts";

/** A list of all findings of a large configuration is smaller. */
const LARGEST = 64 * 2 ** 20;

/** Takes what the file lists out of an analysis. Throws UsageError where the file cannot be read, or is none. */
export async function readBaseline(file: string, console: Console): Promise<(analysis: Analysis) => Analysis> {
  const path = absolutePath(console, file);
  try {
    const known = parseBaseline(new TextDecoder().decode(await console.host.readFile(path, LARGEST)));
    return (analysis) => withoutKnown(analysis, known, namesBeside(path, analysis), file);
  } catch (error) {
    throw new UsageError(`--baseline ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Lists what was found, under every policy. Throws UsageError where the file cannot be written. */
export async function writeBaseline(file: string, outcomes: readonly Outcome[], console: Console): Promise<void> {
  const path = absolutePath(console, file);
  const names = new Map<Finding, string>();
  for (const { analysis } of outcomes) {
    const nameOf = namesBeside(path, analysis);
    for (const finding of analysis.findings) names.set(finding, nameOf(finding));
  }
  const text = baselineText([...names.keys()], (finding) => names.get(finding) ?? "");
  await replaceFile(path, [text], `--write-baseline ${file}`);
  console.complain(`baseline: ${names.size} findings are listed in ${file}`);
}

/** Files by their paths relative to the list's directory, where they lie below it. */
function namesBeside(list: string, { configuration }: Analysis): NameOf {
  const prefix = inDirectory(parentOf(list), "");
  return (finding) => {
    const path = isPlaced(finding) ? (configuration.files[finding.file]?.path ?? "") : finding.path;
    return path.startsWith(prefix) ? path.slice(prefix.length) : path;
  };
}
