/** Decisions and fixes as Markdown, for hovers and explanations. */
import { escapeMarkdown } from "../base/markdown.ts";
import { accessWords } from "../analysis/accessWords.ts";
import type { Access } from "../nginx/access.ts";
import type { OfferedFix } from "../offers/offeredFixes.ts";
import { mergedEvidence } from "../report/evidence.ts";
import type { Decision } from "../selinux/query.ts";

/** What nginx does, for example ``connects to tcp port `3000` ``. */
export function describeAccess(access: Access): string {
  const { verbs, what, name } = accessWords(access);
  return [verbs, what, ...(name === "" ? [] : [name === null ? "(unknown)" : code(name)])].join(" ");
}

/** The verdict with its types and the facts it rests on, a Markdown list. */
export function describeDecision({ verdict, target, cls, permission, because }: Decision): string {
  const checked = cls === null ? "" : `, checked: ${code(`${cls} ${permission ?? ""}`.trim())}`;
  return [
    `**${verdict}**${target === null ? "" : ` - ${code(target)}${checked}`}`,
    ...mergedEvidence(because).map((sentence) => `- ${escapeMarkdown(sentence)}`),
  ].join("\n");
}

/** The ranked fixes with their commands in code blocks. */
export function describeFixes(offers: readonly OfferedFix[]): string {
  return offers
    .map(({ fix, edits, solves }, i) => {
      const remarks = [
        ...(solves > 1 ? [`clears ${solves} findings`] : []),
        ...(edits.length === 0
          ? []
          : [
              `${fix.commands.length === 0 ? "" : "after the commands, "}changes ${edits.length === 1 ? "this place" : `${edits.length} places`} of the configuration`,
            ]),
        ...(fix.durable ? ["survives a reboot and a relabel"] : fix.title.endsWith("(temporary)") ? [] : ["temporary"]),
      ];
      const undo = fix.undo.length === 0 ? "" : `\n\nUndo:\n\n${codeBlock(fix.undo)}`;
      const commands = fix.commands.length === 0 ? "" : `\n\n${codeBlock(fix.commands)}`;
      const named = remarks.length === 0 ? fix.title : `${fix.title} (${remarks.join("; ")})`;
      const does = `${named}. ${sentence(fix.opens)}`.trimEnd();
      return `${i + 1}. ${escapeMarkdown(does)}${commands}${undo}`;
    })
    .join("\n\n");
}

/** With a capital, where it begins with a word and not with a name, and a full stop. */
function sentence(text: string): string {
  const begun = text.replace(/^[a-z](?=[a-z]* )/u, (letter) => letter.toUpperCase());
  return text === "" || text.endsWith(".") ? begun : `${begun}.`;
}

/** Text as inline code, whatever backticks and control characters it holds. */
export function code(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, "\uFFFD").slice(0, 300);
  const fence = "`".repeat(longestRun(clean) + 1);
  const pad = clean.startsWith("`") || clean.endsWith("`") ? " " : "";
  return `${fence}${pad}${clean}${pad}${fence}`;
}

/** Shell commands as a block of code. */
export function codeBlock(lines: readonly string[]): string {
  const text = lines.join("\n");
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}sh\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
