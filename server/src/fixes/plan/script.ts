/** A plan as a POSIX shell script: commented, to be run again without harm, with its own undo and proof. */
import type { Policy } from "../../selinux/policy.ts";
import { KIND_LETTERS, portRange } from "../commands.ts";
import { checksum } from "../module.ts";
import { moduleText } from "./moduleText.ts";
import type { Plan, PlanAbout, PlanStep } from "./plan.ts";
import {
  changeLines,
  commandLine,
  commentText,
  isEmpty,
  placeLines,
  realType,
  shellWord,
  unclearedLines,
  withoutChange,
} from "./planWords.ts";
import { wordsOf } from "../permissionChange.ts";
import { copyFunctions, copyLines, pendingLines, removeLines } from "./scriptCopies.ts";

/** The name of the module that a script installs begins with this. */
const MODULE = "nginx_site";

/**
 * The name of a module with this text. It tells whether the module is installed: on an enforcing host semodule may not
 * write one out into a script's own directory to compare it, and older releases list no checksums.
 */
function moduleName(text: string): string {
  return `${MODULE}_${checksum(text)}`;
}

/**
 * The script. Needs root; `--undo` takes back what it did. Ports, booleans and file contexts go through one
 * `semanage import`, which applies all of its lines or none; whether a record is added or modified is decided on the host.
 */
export function scriptText(plan: Plan, about: PlanAbout, policy: Policy): string {
  const rules = plan.steps.flatMap(({ change }) => (change.kind === "allow" ? [change] : []));
  const wanted = plan.steps.flatMap((step) => wantedLine(step, policy) ?? []);
  const cil = rules.length === 0 ? "" : moduleText([], rules, []);
  const module = cil === "" ? null : moduleName(cil);
  const parts = [
    head(plan, about),
    PRELUDE,
    checks(plan, wanted.length > 0),
    WORKPLACE,
    module === null ? "" : moduleFile(module, cil),
    wanted.length > 0 ? wantedFile(wanted) : "",
    plan.copies.length > 0 ? copyFunctions : "",
    applyPart(wanted.length > 0, plan, module),
    undoPart(wanted.length > 0, plan, module),
    verifyPart(about, plan),
    MAIN,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function head(plan: Plan, about: PlanAbout): string {
  const lines = [
    "SELinux for nginx: what this configuration needs, and nothing else.",
    "",
    `Configuration: ${about.configuration}`,
    `Policy:        ${about.policy}`,
    "",
    "Run as root:   sh FILE           it can be run again: changes that are made already are skipped",
    "Take it back:  sh FILE --undo    also what had been so before it ran the first time",
    "",
    ...(isEmpty(plan) ? [withoutChange(plan.uncleared)] : ["What it changes:"]),
    ...changeLines(plan),
    ...plan.restore.map((path) => `- Reset the labels on disk of ${path}`),
    ...placeLines(plan),
  ];
  if (plan.steps.some(({ change, opens }) => change.kind === "port" && opens !== ""))
    lines.push("", "nginx-selinux check --format cil makes a policy module that takes no port from a service.");
  const left = unclearedLines(plan.uncleared);
  if (left.length > 0) lines.push("", "What it does not clear:", ...left.map((line) => `- ${line}`));
  return `#!/bin/sh\n${comment(lines)}`;
}

function comment(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "#\n" : `# ${commentText(line)}\n`)).join("");
}

const PRELUDE = String.raw`set -eu
PATH=$PATH:/usr/sbin:/sbin
export PATH

say() { printf '%s\n' "nginx-selinux: $*"; }
fail() { say "$*" >&2; exit 1; }

undo=no
case $#:${"${1-}"} in
  0:) ;;
  1:--undo) undo=yes ;;
  *) fail 'usage: sh FILE [--undo]' ;;
esac
`;

function checks({ copies, steps, restore, permissions }: Plan, semanage: boolean): string {
  const tools = [
    "getenforce",
    ...(semanage ? ["semanage"] : []),
    ...(restore.length > 0 || copies.length > 0 ? ["restorecon"] : []),
  ];
  if (steps.some(({ change }) => change.kind === "allow")) tools.push("semodule");
  if (permissions.some(({ change }) => change.kind === "acl")) tools.push("setfacl");
  const isForModes = copies.length === 0 && steps.length === 0 && restore.length === 0 && permissions.length > 0;
  return String.raw`[ "$(id -u)" = 0 ] || fail 'run it as root, for example with sudo'
for tool in ${tools.join(" ")}; do
  command -v "$tool" >/dev/null || fail "$tool is missing. Install it with: dnf install policycoreutils-python-utils (RHEL 7: yum install policycoreutils-python; Debian: apt install policycoreutils policycoreutils-python-utils selinux-utils; setfacl: the package acl)"
done
${isForModes ? "" : DISABLED}`;
}

const DISABLED = `[ "$(getenforce)" != Disabled ] || fail 'SELinux is disabled on this host: it refuses nothing, and there is nothing to do'
`;

const WORKPLACE = String.raw`work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Tools of SELinux speak the language of the user; this script reads their English.
english() { env LC_ALL=C.UTF-8 "$@"; }

# When this began: ausearch takes a date and a time as the locale writes them.
day=$(english date '+%x')
time=$(english date '+%X')
`;

function moduleFile(name: string, text: string): string {
  return `# A policy module with the rules that no label and no boolean gives. Its name holds a checksum of them.
cat >"$work/${name}.cil" <<'END_OF_MODULE'
${text}END_OF_MODULE
`;
}

/** A line of the table of what is wanted; null for another kind of change. */
function wantedLine({ change, before }: PlanStep, policy: Policy): string | null {
  switch (change.kind) {
    case "port": {
      const range = portRange(change.low, change.high);
      return `port ${realType(policy, change.type)} ${change.protocol} ${range} ${typeof before === "string" ? before : "-"}`;
    }
    case "boolean":
      return `boolean ${change.name} ${change.value ? "on" : "off"} ${before === change.value ? "-" : change.value ? "off" : "on"}`;
    case "fileContext":
      return `fcontext ${KIND_LETTERS[change.fileKind]} ${realType(policy, change.type)} ${typeof before === "string" ? before : "-"} ${change.spec}`;
    case "allow":
    case "label":
    case "restore":
      return null;
  }
}

function wantedFile(lines: readonly string[]): string {
  return `# The wanted state, and what an undo goes back to (-: no local record):
#   port TYPE PROTOCOL RANGE BEFORE | boolean NAME VALUE BEFORE | fcontext KIND TYPE BEFORE REGEX
cat >"$work/wanted" <<'END_OF_TABLE'
${lines.join("\n")}
END_OF_TABLE

${transaction(new Set(lines.map((line) => line.split(" ")[0] ?? "")))}`;
}

/**
 * Reads the lists of semanage and the table, and prints lines for `semanage import`. `-a` is refused for a record that
 * is defined exactly and `-m` for one that is not; the lists say which it is.
 */
function transaction(kinds: ReadonlySet<string>): string {
  const lists = LISTS.filter(({ kind }) => kinds.has(kind));
  return `# Writes the lines for semanage import that are needed (make), or that take them back (undo).
transaction() {
  # Its domain may not write to our files, but to pipes.
${lists.map(({ list, options }) => `  listed=$(english semanage ${options})\n  printf '%s\\n' "$listed" >"$work/${list}"\n`).join("")}${DECIDE}${lists.map(({ list }) => `from=${list} "$work/${list}" `).join("")}from=wanted "$work/wanted" >"$work/import"
${RUN_TRANSACTION}`;
}

/** What semanage is asked for each kind of line of the table. */
const LISTS: readonly { readonly kind: string; readonly list: string; readonly options: string }[] = [
  { kind: "port", list: "ports", options: "port -l -n" },
  { kind: "port", list: "local-ports", options: "port -l -C -n" },
  { kind: "fcontext", list: "files", options: "fcontext -l -n" },
  { kind: "fcontext", list: "local-files", options: "fcontext -l -C -n" },
  { kind: "boolean", list: "booleans", options: "boolean -l -n" },
];

const DECIDE = String.raw`  awk -v mode="$1" '
    BEGIN {
      kinds["a"] = "all files"; kinds["f"] = "regular file"; kinds["d"] = "directory"; kinds["s"] = "socket"
      kinds["l"] = "symbolic link"; kinds["c"] = "character device"; kinds["b"] = "block device"; kinds["p"] = "named pipe"
    }
    from == "ports" || from == "local-ports" {
      for (i = 3; i <= NF; i++) {
        range = $i
        sub(/,$/, "", range)
        if (from == "ports") { defined[$2, range] = 1; types[$2, range] = types[$2, range] " " $1 }
        else local[$2, range] = $1
      }
      next
    }
    from == "files" || from == "local-files" {
      kind = $2
      for (i = 3; i < NF; i++) kind = kind " " $i
      split($NF, context, ":")
      if (from == "files") defined[kind, $1] = 1
      else local[kind, $1] = context[3]
      next
    }
    from == "booleans" {
      state = $0
      sub(/^[^(]*\(/, "", state)
      sub(/\).*/, "", state)
      gsub(/ /, "", state)
      states[$1] = state
      next
    }
    $1 == "port" {
      if (mode == "make") {
        if (local[$3, $4] == $2 || types[$3, $4] == " " $2) next
        print "port", (defined[$3, $4] ? "-m" : "-a"), "-t", $2, "-p", $3, $4
      } else if (local[$3, $4] == $2) {
        if ($5 == "-") print "port -d -p", $3, $4
        else print "port -m -t", $5, "-p", $3, $4
      }
      next
    }
    $1 == "boolean" {
      so = (states[$2] == $3 "," $3)
      value = mode == "make" ? $3 : $4
      if (so == (mode == "undo") && value != "-") print "boolean -m", (value == "on" ? "-1" : "-0"), $2
      next
    }
    $1 == "fcontext" {
      kind = kinds[$2]
      if (mode == "make") {
        if (local[kind, $5] == $3) next
        print "fcontext", (defined[kind, $5] ? "-m" : "-a"), "-f", $2, "-t", $3, $5
      } else if (local[kind, $5] == $3) {
        if ($4 == "-") print "fcontext -d -f", $2, $5
        else print "fcontext -m -f", $2, "-t", $4, $5
      }
    }
  ' `;

const RUN_TRANSACTION = String.raw`  if [ -s "$work/import" ]; then
    say 'one transaction for semanage; it takes ten seconds, more on a small machine:'
    sed 's/^/  semanage /' "$work/import"
    english semanage import <"$work/import"
  else
    say 'ports, booleans and file contexts: nothing to do'
  fi
}
`;

function applyPart(semanage: boolean, { copies, restore, permissions }: Plan, module: string | null): string {
  const lines = [
    ...copyLines(copies),
    ...(module === null
      ? []
      : [
          "  modules=$(semodule -l)",
          `  if printf '%s\\n' "$modules" | awk '$1 == "${module}" { found = 1 } END { exit !found }'; then`,
          `    say 'module ${module}: is installed already'`,
          "  else",
          `    say 'installing the module ${module}; it takes a minute or two'`,
          "    set --",
          `    for old in $(printf '%s\\n' "$modules" | awk '$1 ~ /^${MODULE}(_[0-9a-f]+)?$/ { print $1 }'); do`,
          `      set -- "$@" -r "$old"`,
          "    done",
          `    semodule "$@" -i "$work/${module}.cil"`,
          "  fi",
        ]),
    ...(semanage ? ["  transaction make"] : []),
    ...restoreLines(restore),
    ...permissions.map(({ change }) => `  ${commandLine(wordsOf(change).run)}`),
  ];
  return functionText("make", lines);
}

function undoPart(semanage: boolean, { copies, restore, permissions }: Plan, module: string | null): string {
  const lines = [
    // What is gone already is no reason to stop.
    ...permissions.map(({ change }) => `  ${commandLine(wordsOf(change).undo)} || :`).toReversed(),
    ...(semanage ? ["  transaction undo"] : []),
    ...restoreLines(restore),
    ...(module === null
      ? []
      : [
          `  if semodule -l | awk '$1 == "${module}" { found = 1 } END { exit !found }'; then`,
          `    semodule -r ${module}`,
          "  fi",
        ]),
    ...removeLines(copies),
  ];
  return functionText("take_back", lines);
}

/** `-i`: what does not exist yet gets its label when it is made. */
function restoreLines(restore: readonly string[]): readonly string[] {
  return restore.map((path) => `  restorecon -i -R -v ${shellWord(path)}`);
}

function functionText(name: string, lines: readonly string[]): string {
  return `${name}() {\n${(lines.length === 0 ? ["  :"] : lines).join("\n")}\n}\n`;
}

function verifyPart({ probe }: PlanAbout, { copies }: Plan): string {
  const request =
    probe === null
      ? `  say 'make a request that uses the backends; this configuration has no listening address that is known'`
      : `  curl -g -sS -k -m 20 -o /dev/null -w '%{http_code} from %{url_effective}\\n' ${shellWord(probe)} || say 'no answer: see the error log of nginx'`;
  return String.raw`# The proof. "nginx -t" alone is none: run by root it is not confined, and passes what SELinux refuses the service.
verify() {
  say "SELinux is $(getenforce)"
${pendingLines(copies)}  systemctl reload-or-restart nginx || say 'nginx was not reloaded: see systemctl status nginx'
${request}
  english ausearch -m avc -ts "$day" "$time" || say 'no denial since this script began'
}
`;
}

const MAIN = `if [ "$undo" = yes ]; then
  take_back
else
  make
  verify
fi
`;
