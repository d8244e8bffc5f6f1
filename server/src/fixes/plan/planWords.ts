/** Words that the renderings of a plan share. */
import { withoutMarkers } from "../../base/workflowCommands.ts";
import type { Change, Policy } from "../../selinux/policy.ts";
import { COPY_MODE, type FileCopy } from "../fileCopy.ts";
import { portName } from "../commands.ts";
import { quoteWord } from "../quote.ts";
import { letters, lineOf, type PermissionChange } from "../permissionChange.ts";
import type { EditedPlace, PermissionStep, Plan, PlanCopy, PlanStep, Uncleared } from "./plan.ts";

/** Titles shown with one change. */
const MOST_REASONS = 3;
/** Characters of one comment line. */
const MOST_CHARACTERS = 800;

/** Any text as the rest of one comment line: nothing in it ends the line or hides. */
export function commentText(text: string): string {
  const shown = withoutMarkers(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  const characters = Array.from(shown);
  return characters.length <= MOST_CHARACTERS ? shown : `${characters.slice(0, MOST_CHARACTERS).join("")}...`;
}

/** A change in words: `Label tcp port 3000 http_port_t`. */
export function changeTitle(change: Change): string {
  switch (change.kind) {
    case "allow":
      return `Allow ${change.source} ${change.cls} ${change.permission} on ${change.target}`;
    case "port":
      return `Label ${portName(change.protocol, change.low, change.high)} ${change.type}`;
    case "boolean":
      return `Turn ${change.value ? "on" : "off"} ${change.name}`;
    case "fileContext":
      return `Label ${change.spec} ${change.type}`;
    case "label":
      return `Label ${change.path} ${change.type}`;
    case "restore":
      return `Reset the labels of ${change.path}`;
  }
}

/** A change of owners, modes or groups in words. */
export function permissionTitle(change: PermissionChange): string {
  switch (change.kind) {
    case "acl":
      return `Give user ${change.user} ${letters(change.rights)} on ${change.path}`;
    case "owner":
      return `Give the owner ${letters(change.rights)} on ${change.path}`;
    case "group":
      return `Add user ${change.user} to the group ${change.group}`;
  }
}

/** What such a step does and is for, a line each. */
function permissionLines({ change, reasons }: PermissionStep): readonly string[] {
  return itemLines(permissionTitle(change), "", reasons);
}

/** What a step does, opens and is for, a line each. */
function stepLines({ change, opens, reasons }: PlanStep): readonly string[] {
  return itemLines(changeTitle(change), opens, reasons);
}

function itemLines(title: string, remark: string, reasons: readonly string[]): readonly string[] {
  const more = reasons.length > MOST_REASONS ? [`and ${reasons.length - MOST_REASONS} more`] : [];
  const details = [
    ...(remark === "" ? [] : [remark]),
    ...reasons.slice(0, MOST_REASONS).map((reason) => `for: ${reason}`),
    ...more,
  ];
  return [`- ${title}`, ...details.map((detail) => `    ${detail}`)].map(commentText);
}

/** A copy in words: `Copy /root/site.key to /etc/pki/tls/private/site.key (mode 600)`. */
export function copyTitle({ from, to }: FileCopy): string {
  return `Copy ${from} to ${to} (mode ${COPY_MODE})`;
}

/** One place that has to be changed: `at /etc/nginx/nginx.conf:3 /root/a.key becomes /etc/pki/tls/private/a.key`. */
export function editedWords({ file, line, before, after }: EditedPlace): string {
  return `at ${file}:${line} ${before} becomes ${after}`;
}

/** What a plan changes, a line each. */
export function changeLines({ copies, steps, permissions }: Plan): readonly string[] {
  return [...copies.flatMap(copyLines), ...steps.flatMap(stepLines), ...permissions.flatMap(permissionLines)];
}

/** The places of the configuration that a person changes once the copies are made, a line each; none without copies. */
export function placeLines({ copies }: Plan): readonly string[] {
  const places = copies.flatMap((copy) => copy.places.map((place) => commentText(`- ${editedWords(place)}`)));
  return places.length === 0 ? [] : ["", "Change the configuration after it ran, and reload nginx:", ...places];
}

function copyLines({ copy, reasons }: PlanCopy): readonly string[] {
  return itemLines(copyTitle(copy), "", reasons);
}

/** What the head of a plan without a change says. */
export function withoutChange(uncleared: readonly Uncleared[]): string {
  if (uncleared.length === 0) return "Nothing has to be changed for SELinux.";
  return uncleared.every(({ isUnread }) => isUnread === true)
    ? "Not all of the configuration was read. Of what was read, nothing needs a change for SELinux."
    : "There is nothing that a command can do.";
}

/** What a plan leaves, a line each. */
export function unclearedLines(uncleared: readonly Uncleared[]): readonly string[] {
  return uncleared.map(({ title, reason }) => commentText(`${title}: ${reason}`));
}

/** The real name of a type: tools list that one, whatever alias was asked for. */
export function realType(policy: Policy, type: string): string {
  return policy.facts.resolveType(type) ?? type;
}

/** Words of ours and of a plan as a line for a POSIX shell; throws where a word cannot be written, see `shellWord`. */
export function commandLine(words: readonly string[]): string {
  const line = lineOf(words);
  if (line === null) throw new Error(`cannot be written for a shell: ${words.join(" ")}`);
  return line;
}

/** True for a plan that changes nothing. */
export function isEmpty({ copies, steps, restore, permissions }: Plan): boolean {
  return copies.length === 0 && steps.length === 0 && restore.length === 0 && permissions.length === 0;
}

/** A word for a POSIX shell. Only for words that `inexpressible` let pass; throws where that was forgotten. */
export function shellWord(word: string): string {
  const quoted = quoteWord(word);
  if (!quoted.ok) throw new Error(`cannot be written for a shell: ${quoted.reason}`);
  return quoted.text;
}
