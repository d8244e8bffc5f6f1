/** Changes as the commands that make them and the commands that take them back, each built from quoted words. */
import type { Change, Policy, Protocol } from "../selinux/policy.ts";
import { anyFileIn } from "../selinux/decideFile.ts";
import type { FileKind } from "../selinux/fileContextLists.ts";
import type { Candidate } from "./candidate.ts";
import { COPY_MODE, type FileCopy } from "./fileCopy.ts";
import { isIdentifier } from "./identifier.ts";
import { moduleOf } from "./module.ts";
import { isExactly, localPortRecords } from "./localPorts.ts";
import { quoteWord } from "./quote.ts";

export type Commands =
  | Written
  /** Why one of the words cannot be written safely. */
  | { readonly ok: false; readonly reason: string };

/** A part of a command: words written by us as they stand, or one operand from outside that must be quoted. */
type Word = string | { readonly operand: string };

interface Pair {
  readonly run: readonly Word[];
  readonly undo: readonly Word[];
}

/**
 * The commands for some changes, in the order of the changes, and those that undo them, in reverse. Verbs are chosen
 * against the policy as it is: `semanage` refuses `-a` for what is defined exactly and `-m` for what is not. After the
 * last change the labels on disk of `restore` are reset. Not ok where a word cannot be written safely, or semanage refuses
 * a file context because of an equivalence.
 */
export function commandsFor(
  policy: Policy,
  {
    changes,
    restore,
    makeDirectory,
    copy,
    restartUnit,
  }: Pick<Candidate, "changes" | "restore" | "makeDirectory" | "copy" | "restartUnit">,
): Commands {
  const refused = refusal(policy, changes);
  if (refused !== null) return { ok: false, reason: refused };
  const pairs = changes.map((change) => pairFor(policy, change)).filter((pair) => pair !== null);
  const run = pairs.map((pair) => pair.run);
  const undo = pairs
    .map((pair) => pair.undo)
    .filter((words) => words.length > 0)
    .reverse();
  if (copy !== undefined) {
    const { run: make, undo: remove } = copyWords(copy);
    run.unshift(...make);
    undo.push(...remove);
  }
  const module = moduleOf(changes);
  if (module !== null) {
    const file: Word = { operand: `${module.name}.cil` };
    const lines = module.cil.trimEnd().split("\n");
    run.push(["printf", String.raw`'%s\n'`, ...lines.map((operand) => ({ operand })), ">", file]);
    run.push(["sudo", "semodule", "-i", file]);
    undo.unshift(["sudo", "semodule", "-r", { operand: module.name }]);
  }
  if (makeDirectory != null) run.push(["sudo", "mkdir", "-p", { operand: makeDirectory }]);
  if (restore !== null && !changes.some((change) => change.kind === "restore" && change.path === restore)) {
    const reset: readonly Word[] = ["sudo", "restorecon", "-Rv", { operand: restore }];
    run.push(reset);
    undo.push(reset);
  }
  if (restartUnit !== undefined) {
    const restart: readonly Word[] = ["sudo", "systemctl", "restart", { operand: restartUnit }];
    run.push(restart);
    undo.push(restart);
  }
  return commandLines(run, undo);
}

/** `-b`: a file of that name is kept beside the copy; `-D`: the directory is made where it is missing. */
function copyWords({ from, to }: FileCopy): Record<"run" | "undo", readonly (readonly Word[])[]> {
  const operand = to;
  return {
    run: [
      ["sudo", "install", "-D", "-b", "-m", COPY_MODE, { operand: from }, { operand }],
      ["sudo", "restorecon", "-v", { operand }],
    ],
    undo: [["sudo", "rm", "-f", { operand }]],
  };
}

/**
 * True for labels of ports and files, booleans and rules alone whose names and paths stand in a command as they are, or
 * quoted, which is decided without writing the commands. False: `commandsFor` says whether they can be written.
 */
export function isSurelyWritable(
  policy: Policy,
  { changes, restore, makeDirectory, copy, restartUnit }: Parameters<typeof commandsFor>[1],
): boolean {
  if (copy !== undefined || restartUnit !== undefined) return false;
  if (![restore, makeDirectory].every((path) => path == null || quoteWord(path).ok)) return false;
  return changes.every((change) => {
    if (change.kind === "boolean") return isIdentifier(change.name);
    if (change.kind === "allow") return moduleOf([change]) !== null;
    if (change.kind === "fileContext") return isIdentifier(change.type) && isNewSpec(policy, change.spec);
    // The undo names the label that the host had given the port before.
    return (
      change.kind === "port" &&
      isIdentifier(change.type) &&
      localPortRecords(policy, change.protocol, change).length === 0
    );
  });
}

/** True for a spec that can be written and that semanage takes, whose undo names no label that the host had given it before. */
function isNewSpec({ facts }: Policy, spec: string): boolean {
  const isOfHost = facts.localFileContext?.(spec) !== undefined;
  return !isOfHost && quoteWord(spec).ok && facts.equivalenceAgainst(spec) === undefined;
}

/** Why semanage refuses one of the changes whatever the verb; null where it does not. */
function refusal({ facts }: Policy, changes: readonly Change[]): string | null {
  for (const change of changes) {
    const rule = change.kind === "fileContext" ? facts.equivalenceAgainst(change.spec) : undefined;
    if (rule !== undefined) return `semanage takes no path below ${rule.from}, which stands for ${rule.to}`;
  }
  return null;
}

function pairFor(policy: Policy, change: Change): Pair | null {
  switch (change.kind) {
    case "boolean":
      return {
        run: setBoolean(change.name, change.value),
        undo: setBoolean(change.name, policy.booleans.get(change.name) ?? !change.value),
      };
    case "port": {
      const { protocol } = change;
      const range = portRange(change.low, change.high);
      const verb = policy.definesPort(protocol, change.low, change.high) ? "-m" : "-a";
      // `-d` would take away what the administrator had set before.
      const before = localPortRecords(policy, protocol, change).find((record) => isExactly(record, change));
      return {
        run: [`sudo semanage port ${verb} -t`, { operand: change.type }, `-p ${protocol} ${range}`],
        undo:
          before === undefined
            ? [`sudo semanage port -d -p ${protocol} ${range}`]
            : ["sudo semanage port -m -t", { operand: before.type }, `-p ${protocol} ${range}`],
      };
    }
    case "fileContext": {
      const verb = policy.facts.definesFileContext(change.spec) ? "-m" : "-a";
      const kind = kindOption(change.fileKind);
      const before = change.fileKind === "any" ? policy.facts.localFileContext?.(change.spec) : undefined;
      const fcontext = (words: readonly Word[]): readonly Word[] => ["sudo", "semanage", "fcontext", ...words];
      return {
        run: fcontext([verb, ...kind, "-t", { operand: change.type }, { operand: change.spec }]),
        undo: fcontext(
          before === undefined
            ? ["-d", ...kind, { operand: change.spec }]
            : ["-m", ...kind, "-t", { operand: before }, { operand: change.spec }],
        ),
      };
    }
    case "label":
      return {
        run: ["sudo", "chcon", "-t", { operand: change.type }, { operand: change.path }],
        undo: ["sudo", "restorecon", "-v", { operand: change.path }],
      };
    case "restore":
      return {
        run: ["sudo", "restorecon", "-Rv", { operand: change.path }],
        undo: labelBack(policy, change.path),
      };
    case "allow":
      // All rules of a fix are one module, see above.
      return null;
  }
}

/**
 * The command that gives a path the label again that it has before a restorecon, and what is in it where that has the same
 * one. Without words where no command does: each file below had one of its own.
 */
function labelBack(policy: Policy, path: string): readonly Word[] {
  const restored = policy.with([{ kind: "restore", path }]);
  const { type } = policy.label(path, "any");
  if (type === null || type === restored.label(path, "any").type) return [];
  const inside = policy.label(anyFileIn(path), "file").type;
  if (inside === restored.label(anyFileIn(path), "file").type)
    return ["sudo", "chcon", "-t", { operand: type }, { operand: path }];
  return inside === type ? ["sudo", "chcon", "-R", "-t", { operand: type }, { operand: path }] : [];
}

function setBoolean(name: string, value: boolean): readonly Word[] {
  return ["sudo setsebool -P", { operand: name }, value ? "on" : "off"];
}

/** `-f` letters of semanage-fcontext(8), `a` for every kind. */
export const KIND_LETTERS: Readonly<Record<FileKind, string>> = {
  any: "a",
  file: "f",
  dir: "d",
  sock: "s",
  link: "l",
  char: "c",
  block: "b",
  pipe: "p",
};

function kindOption(kind: FileKind): readonly Word[] {
  return kind === "any" ? [] : ["-f", KIND_LETTERS[kind]];
}

/** Commands that can be written. Their undo is written when it is asked for: a short report does not have it. */
class Written {
  readonly ok = true;
  readonly run: readonly string[];
  readonly #undo: readonly (readonly Word[])[];

  constructor(run: readonly (readonly Word[])[], undo: readonly (readonly Word[])[]) {
    this.run = linesOf(run);
    this.#undo = undo;
  }

  get undo(): readonly string[] {
    return linesOf(this.#undo);
  }
}

function commandLines(run: readonly (readonly Word[])[], undo: readonly (readonly Word[])[]): Commands {
  const reason = whyUnwritable(run) ?? whyUnwritable(undo);
  return reason === null ? new Written(run, undo) : { ok: false, reason };
}

function whyUnwritable(commands: readonly (readonly Word[])[]): string | null {
  for (const words of commands) {
    for (const word of words) {
      const quoted = typeof word === "string" ? null : quoteWord(word.operand);
      if (quoted?.ok === false) return quoted.reason;
    }
  }
  return null;
}

/** Lines of words that can all be written. */
function linesOf(commands: readonly (readonly Word[])[]): readonly string[] {
  return commands.map((words) => words.map(textOf).join(" "));
}

function textOf(word: Word): string {
  if (typeof word === "string") return word;
  const quoted = quoteWord(word.operand);
  if (!quoted.ok) throw new Error(`a word that cannot be written: ${quoted.reason}`);
  return quoted.text;
}

/** A port or a range as `semanage port` wants it: `3000`, `8000-8010`. */
export function portRange(low: number, high: number): string {
  return low === high ? String(low) : `${low}-${high}`;
}

/** A port or a range in words: `tcp port 3000`, `tcp ports 8000-8010`. */
export function portName(protocol: Protocol, low: number, high: number): string {
  return `${protocol} port${low === high ? "" : "s"} ${portRange(low, high)}`;
}
