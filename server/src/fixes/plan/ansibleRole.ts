/** A plan as variables of the role `linux-system-roles.selinux` (`rhel-system-roles` on RHEL). */
import type { Policy } from "../../selinux/policy.ts";
import { KIND_LETTERS, portRange } from "../commands.ts";
import type { ChangeOf } from "./changes.ts";
import { moduleText } from "./moduleText.ts";
import type { Plan, PlanAbout } from "./plan.ts";
import {
  changeLines,
  commentText,
  copyTitle,
  editedWords,
  isEmpty,
  permissionTitle,
  realType,
  unclearedLines,
  withoutChange,
} from "./planWords.ts";
import { yamlLines, type Yaml } from "./writeYaml.ts";

/** `semodule` takes the name of a module from that of its file. */
const MODULE_FILE = "nginx_site.cil";

/** The file of variables. A list that would be empty is left out: the role then leaves that kind alone. */
export function ansibleRoleText(whole: Plan, about: PlanAbout, policy: Policy): string {
  const plan = ofLabels(whole);
  const changes = plan.steps.map(({ change }) => change);
  const rules = changes.filter((change) => change.kind === "allow");
  const lists: readonly (readonly [string, readonly Yaml[]])[] = [
    ["selinux_booleans", changes.flatMap((change) => (change.kind === "boolean" ? [booleanOf(change)] : []))],
    ["selinux_ports", changes.flatMap((change) => (change.kind === "port" ? [portOf(change, policy)] : []))],
    [
      "selinux_fcontexts",
      changes.flatMap((change) => (change.kind === "fileContext" ? [labelOf(change, policy)] : [])),
    ],
    ["selinux_restore_dirs", plan.restore],
    ["selinux_modules", rules.length === 0 ? [] : [{ path: MODULE_FILE, state: "enabled" }]],
  ];
  const variables = Object.fromEntries(lists.filter(([, list]) => list.length > 0));
  const body = Object.keys(variables).length === 0 ? "{}\n" : `${yamlLines(variables).join("\n")}\n`;
  return `${head(plan, about, moduleText([], rules, []))}---\n${body}`;
}

/** The role copies no file and changes no mode: such changes are among what it leaves. */
function ofLabels({ copies, permissions, uncleared, ...rest }: Plan): Plan {
  const left = [
    ...copies.map(({ copy, places, reasons }) => ({
      title: reasons.join(", "),
      reason: [`the role copies no file. ${copyTitle(copy)}`, ...places.map(editedWords)].join("; "),
    })),
    ...permissions.map(({ change, reasons }) => ({
      title: reasons.join(", "),
      reason: `the role changes no owners, modes and groups. ${permissionTitle(change)}`,
    })),
  ];
  return { ...rest, copies: [], permissions: [], uncleared: [...uncleared, ...left] };
}

function booleanOf({ name, value }: ChangeOf<"boolean">): Yaml {
  return { name, state: value, persistent: true };
}

function portOf({ protocol, low, high, type }: ChangeOf<"port">, policy: Policy): Yaml {
  return { ports: portRange(low, high), proto: protocol, setype: realType(policy, type), state: "present" };
}

function labelOf({ spec, fileKind, type }: ChangeOf<"fileContext">, policy: Policy): Yaml {
  return { target: spec, ftype: KIND_LETTERS[fileKind], setype: realType(policy, type), state: "present" };
}

function head(plan: Plan, about: PlanAbout, module: string): string {
  const left = unclearedLines(plan.uncleared);
  const lines = [
    "SELinux for nginx: what this configuration needs, as variables of linux-system-roles.selinux.",
    "",
    `Configuration: ${about.configuration}`,
    `Policy:        ${about.policy}`,
    "",
    "Use it as group_vars, or: ansible-playbook -e @FILE; the role makes the changes. Reload nginx afterwards.",
    ...(isEmpty(plan) ? [withoutChange(plan.uncleared)] : ["", "What it changes:"]),
    ...changeLines(plan),
    ...(module === ""
      ? []
      : ["", `Beside the playbook, a file ${MODULE_FILE} with this text:`, ...module.trimEnd().split("\n")]),
    ...(left.length === 0 ? [] : ["", "What it does not clear:", ...left.map((line) => `- ${line}`)]),
  ];
  return lines.map((line) => (line === "" ? "#\n" : `# ${commentText(line)}\n`)).join("");
}
