/** The manual page, made from the table of commands and options. */
import { commands } from "../../server/src/cli/arguments.ts";
import { optionRows, optionUsage } from "../../server/src/cli/help.ts";
import { repositoryUrl } from "../../server/src/base/project.ts";

/** The page for man(1), in the macros of man(7). */
export function manPage(version: string): string {
  return [
    `.TH NGINX\\-SELINUX 1 "" ${quoted(`nginx-selinux ${version}`)} ${quoted("User Commands")}`,
    ".SH NAME",
    `nginx\\-selinux \\- ${roff("what SELinux will refuse when nginx loads its configuration, and the commands that make it work")}`,
    ".SH SYNOPSIS",
    ...commands.flatMap(({ name, operands }, i) => [
      ...(i === 0 ? [] : [".br"]),
      `.B nginx\\-selinux ${roff(name)}`,
      `[${italic("option")} ...] ${roff(operands)}`.trimEnd(),
    ]),
    ".SH COMMANDS",
    ...commands.flatMap(({ name, operands, help }) => entry([name, operands].join(" ").trimEnd(), sentence(help))),
    ".SH OPTIONS",
    ...optionRows().flatMap(({ option, commands: names }) =>
      entry(optionUsage(option), `${sentence(option.help)} Of ${names.join(", ")}.`),
    ),
    ".SH EXIT STATUS",
    ...entry("0", "Clean."),
    ...entry("1", "There are findings at or above the severity of --fail-on."),
    ...entry("2", "It could not run; the reason is on standard error."),
    ".SH ENVIRONMENT",
    ...entry("NO_COLOR", "Where it is set, the text has no colours."),
    ...entry(
      "NODE_DISABLE_COMPILE_CACHE",
      "Where it is set, the compiled program is not kept between runs in ~/.cache/nginx-selinux (XDG_CACHE_HOME).",
    ),
    ".SH EXAMPLES",
    ...entry("nginx-selinux check", "The configuration of this host, against its own policy."),
    ...entry(
      "nginx-selinux check --policy rhel9 --format script nginx.conf > fix.sh",
      "Every fix for RHEL 9 as a shell script with an undo.",
    ),
    ".SH SEE ALSO",
    ".BR semanage (8),",
    ".BR setsebool (8),",
    ".BR restorecon (8),",
    ".BR audit2why (1)",
    ".PP",
    `The rules and how to use it in CI: ${roff(repositoryUrl)}`,
    "",
  ].join("\n");
}

function entry(tag: string, text: string): readonly string[] {
  return [".TP", `.B ${roff(tag)}`, roff(text)];
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

function italic(text: string): string {
  return `\\fI${roff(text)}\\fR`;
}

function quoted(text: string): string {
  return `"${roff(text).replaceAll('"', "\\(dq")}"`;
}

/** The text as roff shows it: nothing in it is a request, and a hyphen can be copied into a shell. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("\n", " ")
    .replace(/^([.'])/, "\\&$1");
}
