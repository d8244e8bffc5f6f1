/** Decisions about files, and about sockets that are made: what is there, or what a new object would be labelled. */
import { parentOf } from "../base/paths.ts";
import { conclude, labelSentence, lookUp, noLabel, undecided, wayTo } from "./conclude.ts";
import { fileNeeds, optionalPermissions } from "./filePermissions.ts";
import type { FileNeeds } from "./filePermissions.ts";
import type { LabelAnswer, Policy } from "./policy.ts";
import type { Decision, FileQuery } from "./query.ts";

/**
 * A use of a file or of what is in a directory. Where it is not known whether the path exists and the use would make
 * it, both ways are decided and the better one is the answer: a file that nginx makes anew gets the label of a
 * transition, which is often another than the default label.
 */
export function useFile(policy: Policy, query: FileQuery): Decision {
  const path = withoutTrailingSlash(query.path);
  if (!path.startsWith("/")) return undecided(`${path} is not an absolute path`);
  if (KERNELS_OWN.test(path)) return undecided(`${path} is no ordinary file`);
  const needs = fileNeeds(query.use);
  const { makes } = needs;
  // What is in a directory is never known; a file or directory is made where the use makes such a thing.
  const inside = query.object === "dir" && !(makes?.itself ?? false);
  const exists = inside ? (needs.file.length > 0 ? null : true) : query.exists;
  if (makes === null || exists === true) return existing(policy, query, path, needs);
  const make = inside ? anewInside : anew;
  if (exists === false) return make(policy, query, path, makes);
  const there = existing(policy, query, path, needs);
  if (there.verdict === "allowed") return there;
  const fresh = make(policy, query, path, makes);
  if (fresh.verdict === "denied") return there;
  return fresh.verdict === "allowed" || there.verdict === "denied" ? fresh : there;
}

/** Directories whose files are the kernel's. */
const KERNELS_OWN = /^\/+(dev|proc|sys)(\/|$)/u;

/** What stands at the path has the label that the policy gives it. */
function existing(policy: Policy, query: FileQuery, path: string, needs: FileNeeds): Decision {
  const asked = begin(policy, query.source, path);
  if (query.object === "file") {
    const label = asked.label(path, "file");
    if (label !== null) asked.permit(label, "file", needs.file);
    const replaces = needs.file.length === 0 || needs.file.includes("unlink");
    if (needs.makes !== null && replaces) asked.inDirectory(parentOf(path), needs.makes.dir);
  } else {
    const label = asked.label(path, "dir");
    if (label !== null) asked.permit(label, "dir", needs.dir);
    content(policy, asked, path, label, needs);
  }
  return asked.answer();
}

/** The files in a directory: those that are there, or the ones that are made in it. */
function content(policy: Policy, asked: Asked, directory: string, label: LabelAnswer | null, needs: FileNeeds): void {
  const inside = anyFileIn(directory);
  if (needs.file.length > 0) {
    // A directory that has another label than its default was made or moved so, and what is in it with it: unless its
    // files were looked at.
    const isSeen = policy.label(inside, "file").type !== null && policy.label(inside, "file").spec === null;
    const moved = label !== null && label.spec === null && label.type !== policy.facts.label(directory, "dir").type;
    const file = moved && !isSeen ? { ...label, exact: false } : asked.label(inside, "file", `a file in ${directory}`);
    if (file !== null) asked.permit(file, "file", needs.file);
  } else if (needs.makes !== null && label !== null) {
    asked.permit(asked.made(label, directory, "file"), "file", needs.makes.file);
  }
}

/** Stands for whatever is in a directory: a name that no policy has a spec for. */
export function anyFileIn(directory: string): string {
  return `${directory === "/" ? "" : directory.replace(/\/+$/u, "")}/some.file`;
}

type Makes = NonNullable<FileNeeds["makes"]>;

/** A file in the directory is not there yet: nginx makes it. */
function anewInside(policy: Policy, query: FileQuery, path: string, makes: Makes): Decision {
  const asked = begin(policy, query.source, path);
  const directory = asked.inDirectory(path, makes.dir);
  if (directory !== null) asked.permit(asked.made(directory, path, "file"), "file", makes.file);
  return asked.answer();
}

/** Nothing stands at the path yet: nginx makes it, in the directory above. */
function anew(policy: Policy, query: FileQuery, path: string, makes: Makes): Decision {
  const asked = begin(policy, query.source, path);
  const above = parentOf(path);
  const parent = asked.inDirectory(above, makes.dir);
  if (parent === null) return asked.answer();
  if (query.object === "file") {
    asked.permit(asked.made(parent, above, "file"), "file", makes.file);
  } else {
    const own = asked.made(parent, above, "dir");
    asked.permit(own, "dir", ["create", ...makes.dir]);
    asked.permit(asked.made(own, path, "file"), "file", makes.file);
  }
  return asked.answer();
}

/**
 * A socket that is listened on: `bind` makes it anew (an old one makes it fail), then nginx sets its mode, and unlinks
 * it at the end (`ngx_open_listening_sockets`, `ngx_close_listening_sockets`).
 */
export function bindSocket(policy: Policy, source: string, path: string): Decision {
  if (!path.startsWith("/")) return undecided(`${path} is not an absolute path`);
  const asked = begin(policy, source, path);
  const above = parentOf(path);
  const parent = asked.inDirectory(above, ["search", "write", "add_name", "remove_name"]);
  if (parent !== null)
    asked.permit(asked.made(parent, above, "sock_file"), "sock_file", ["create", "setattr", "unlink"]);
  return asked.answer();
}

/** A decision in the making. */
interface Asked {
  /** The label of a path, noted as a reason; null, and the answer is unknown, where there is none. */
  label(path: string, kind: "file" | "dir", words?: string): LabelAnswer | null;
  /** The label of something that is made in a directory: by a transition, or the directory's own type. */
  made(directory: LabelAnswer, path: string, cls: "file" | "dir" | "sock_file"): LabelAnswer;
  permit(label: LabelAnswer, cls: string, permissions: readonly string[]): void;
  /** Permissions on a directory; its label. */
  inDirectory(path: string, permissions: readonly string[]): LabelAnswer | null;
  answer(): Decision;
}

function begin(policy: Policy, source: string, path: string): Asked {
  const way = wayTo(policy, source, path);
  const { evidence, because } = way;
  let { exact, unknown } = way;

  const label: Asked["label"] = (at, kind, words = at) => {
    const answer = policy.label(at, kind);
    if (answer.type === null) {
      unknown ??= noLabel(at, answer);
      return null;
    }
    because.push(labelSentence(words, answer));
    return answer;
  };
  const permit: Asked["permit"] = (answer, cls, permissions) => {
    if (answer.type === null) return;
    for (const permission of permissions) {
      const found = lookUp(policy, source, answer.type, cls, permission);
      if (found.result.verdict === "unknown" && optionalPermissions.includes(permission)) continue;
      evidence.push(found);
    }
    exact &&= answer.exact;
  };
  return {
    label,
    permit,
    made: (directory, at, cls) => {
      const type = directory.type === null ? undefined : policy.facts.fileTransition(source, directory.type, cls);
      if (type === undefined) {
        because.push(`what ${source} makes in ${at} gets the type of the directory, ${directory.type}`);
        return directory;
      }
      because.push(`what ${source} makes in a directory of type ${directory.type} is labelled ${type}`);
      return { ...directory, type };
    },
    inDirectory: (at, permissions) => {
      const answer = label(at, "dir");
      if (answer !== null) permit(answer, "dir", permissions);
      return answer;
    },
    answer: () => conclude(policy, evidence, { exact, because, ...(unknown === null ? {} : { unknown }) }),
  };
}

function withoutTrailingSlash(path: string): string {
  return path.endsWith("/") ? path.replace(/(?<=[^/])\/+$/u, "") : path;
}
