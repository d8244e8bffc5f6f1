/** The parts of a hover as Markdown: a verdict in one line, a fix with its links, the state of booleans. */
import type { PlacedFinding } from "../analysis/finding.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Access, Place } from "../nginx/access.ts";
import { nameOf } from "../base/paths.ts";
import { escapeMarkdown } from "../base/markdown.ts";
import { offersOf, type OfferedFix } from "../offers/offeredFixes.ts";
import type { RuleContext } from "../rules/context.ts";
import { confidence, releaseName } from "../rules/phrases.ts";
import type { Decision } from "../selinux/query.ts";
import { copyCommandsCommand, explainCommand, runInTerminalCommand, type FixParams } from "../shared/protocol.ts";
import { code, codeBlock, describeAccess } from "./describeDecision.ts";
import { placeOf } from "./explainFinding.ts";
import type { FileView } from "./fileView.ts";

/** For example ``**Refused** by RHEL 9: nginx connects to tcp port `3000` (`ntop_port_t`)``. */
export function verdictLine(access: Access, decision: Decision, context: RuleContext): string {
  const { verdict, target, because } = decision;
  const name = escapeMarkdown(releaseName(context.policy.facts.info));
  const act = `nginx ${describeAccess(access)}${target === null ? "" : ` (${code(target)})`}`;
  if (verdict === "unknown") return `**Not known**: ${act}; ${escapeMarkdown(because.join("; "))}`;
  if (verdict === "allowed") return `**Allowed** by ${name}: ${act}${decision.exact ? "" : ", by its default label"}`;
  const { verb, blocks } = confidence(context, access, "error", decision.exact);
  const says = { will: "Refused", may: "May be refused", would: "Would be refused" }[verb];
  return `**${says}** by ${name}: ${act}${verb === "would" ? `; ${escapeMarkdown(blocks)}` : ""}`;
}

/** `upstreams.conf:4`. */
export function placeText(view: FileView, { file, span }: Place): string {
  const found = view.configuration.files[file];
  if (found === undefined) return "";
  return escapeMarkdown(`${nameOf(found.path)}:${lineIndexOf(found.tree).positionAt(span.start).line + 1}`);
}

/** The preferred fix of a finding with its commands, what they open, and links; "" where there is nothing to do. */
export function fixText(view: FileView, finding: PlacedFinding, links: boolean): string {
  const offers = offersOf(view.analysis)(finding);
  const offer = offers.find(({ preferred }) => preferred) ?? offers[0];
  const below = links ? linksOf(view, finding, offer) : "";
  if (offer === undefined) return below;
  const { fix, edits } = offer;
  const remarks = [
    ...(fix.durable ? [] : ["temporary"]),
    ...(fix.opensBriefly === "" ? [] : [fix.opensBriefly]),
    ...(edits.length === 0
      ? []
      : [`its quick fix changes ${edits.length === 1 ? "1 place" : `${edits.length} places`}`]),
    ...(offers.length > 1 ? [`${offers.length - 1} other ${offers.length === 2 ? "fix" : "fixes"}`] : []),
  ];
  const commands = fix.commands.length === 0 ? [] : [codeBlock(fix.commands)];
  return [`Fix: ${escapeMarkdown(fix.title)}`, ...commands, escapeMarkdown(remarks.join("; ")), below]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Links name the fix and hold no command: the server is asked for it when one is followed. */
function linksOf(view: FileView, finding: PlacedFinding, offer: OfferedFix | undefined): string {
  const place = placeOf(view, finding);
  const explain = link("Explain", explainCommand, place);
  if (offer === undefined || offer.fix.commands.length === 0) return explain;
  const params: FixParams = { ...place, fix: offer.fix.id };
  return [
    link("Copy", copyCommandsCommand, params),
    link("Run in terminal", runInTerminalCommand, params),
    explain,
  ].join(" | ");
}

/** A link that runs a command of our client. Its argument cannot end the link: what Markdown would act on is encoded. */
function link(title: string, command: string, argument: unknown): string {
  const encoded = encodeURIComponent(JSON.stringify([argument])).replace(
    /[()*!'_~]/gu,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `[${title}](command:${command}?${encoded})`;
}

/** The booleans that the fixes of these findings change, each once with its state now; "" for none. */
export function booleanStates({ analysis }: FileView, findings: readonly PlacedFinding[]): string {
  const offers = offersOf(analysis);
  const names = new Set(
    findings.flatMap((finding) =>
      offers(finding).flatMap(({ fix }) => fix.changes.flatMap((each) => (each.kind === "boolean" ? [each.name] : []))),
    ),
  );
  if (names.size === 0) return "";
  const { booleans } = analysis.context.policy;
  const states = [...names].map((name) => `${code(name)} is ${booleans.get(name) === true ? "on" : "off"}`);
  return `Now ${states.join(", ")}.`;
}
