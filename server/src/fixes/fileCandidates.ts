/** Candidates for a file or directory that nginx may not use as it is labelled. */
import { parentOf } from "../base/paths.ts";
import type { FileUse } from "../selinux/filePermissions.ts";
import type { Decision, FileQuery } from "../selinux/query.ts";
import { booleanCandidate } from "./boolean.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { isOwnDirectory, isOwnFile, normalPath, takesLabels } from "./directories.ts";
import { serviceModule } from "./missingRules.ts";
import { keepsSecrets } from "./permissions.ts";
import { ALL_HOMES, booleansForFiles, FILE_LABELS } from "./purpose.ts";
import { directorySpec, escapePath } from "./regex.ts";
import { restoreCandidate } from "./restore.ts";

/**
 * Candidates for a use that is refused, in no particular order:
 * - the default label, where the one on disk is another;
 * - the booleans meant for files of the deciding type (homes, network file systems), the one for all homes last;
 * - the label of the purpose, for a directory that is the application's own, else for the file alone;
 * - the same label until the next relabel, for a file that is only read.
 * - a rule on the present type, where it is another service's own: on a general one (`var_t`, `default_t`) it would open
 *   every file of that type, and is no candidate.
 * None where the present or the default label is one of secrets (`/etc/shadow`, a key of sshd's).
 * `queries` are what must hold in the end, `query` is the first of them, the one that a label is chosen for; `answers`
 * are those to the queries as things are.
 */
export function fileCandidates(
  context: FixContext,
  query: FileQuery,
  queries: readonly FileQuery[],
  answers: readonly Decision[],
  besideProgram: boolean,
): readonly Candidate[] {
  const path = normalPath(query.path);
  if (path === null) return [];
  const target = answers[0]?.target ?? null;
  if (target !== null && keepsSecrets(target)) return [];
  const usual = context.policy.label(path, query.object === "dir" ? "dir" : "file").type;
  if (usual !== null && keepsSecrets(usual)) return [];
  const candidates = [
    restoreCandidate(context, path, queries),
    ...booleansForFiles(target ?? "").flatMap((name, index) =>
      // A key is worth more than all that the boolean is good for.
      name === ALL_HOMES && query.use === "certificate"
        ? []
        : [fileBoolean(context, name, index === 0 ? "boolean" : "boolean-wider")],
    ),
    labelCandidate(context, query, path, besideProgram),
    serviceModule(context, queries, answers, (types) => `Allow this use of ${types} by a policy module`),
    isRead(query.use) && query.object === "file" && takesLabels(context.policy, path) ? chcon(query) : null,
  ];
  return candidates.filter((candidate) => candidate !== null);
}

/** A file straight in /var/log: the directory is everybody's, the file's label is nginx's to have. */
function isLog({ use, path }: FileQuery): boolean {
  return use === "log" && /^\/+var\/+log\/+[^/]+$/u.test(path);
}

/** The boolean for all homes comes last: a label opens the one directory. */
function fileBoolean(context: FixContext, name: string, id: string): Candidate {
  if (name !== ALL_HOMES) return booleanCandidate(context, name, id, "purpose");
  const warning = "Lets the web server read every user's files, ~/.ssh and ~/.gnupg included.";
  return { ...booleanCandidate(context, name, id, "broad"), warning };
}

const READ: readonly FileUse[] = ["config", "certificate", "code", "content", "module", "program"];

function isRead(use: FileUse): boolean {
  return READ.includes(use);
}

/** php-fpm reads the files of its program too, so the directory of the program gets the label and not `public` alone. */
function labelCandidate(context: FixContext, query: FileQuery, path: string, besideProgram: boolean): Candidate | null {
  const program = parentOf(path);
  if (besideProgram && isOwnDirectory(context.policy, program, query.use))
    return labelDirectory(context, program, query.use);
  const directory = query.object === "dir" ? path : parentOf(path);
  if (isOwnDirectory(context.policy, directory, query.use)) return labelDirectory(context, directory, query.use);
  const alone =
    query.object === "file" && (isRead(query.use) || isLog(query)) && isOwnFile(context.policy, path, query.use);
  return alone ? labelFile(context, path, query.use) : null;
}

function labelDirectory(context: FixContext, directory: string, use: FileUse): Candidate {
  const type = FILE_LABELS[use];
  const spec = directorySpec(context.policy.facts.canonicalPath(directory));
  return {
    id: "label-directory",
    tier: "label",
    title: `Label ${directory} and everything in it ${type}`,
    changes: [{ kind: "fileContext", spec, fileKind: "any", type }],
    restore: directory,
    durable: true,
    notes: () => [labelled(context, directory, type, isRead(use) || use === "listing"), SLOW],
  };
}

function labelFile(context: FixContext, path: string, use: FileUse): Candidate {
  const type = FILE_LABELS[use];
  const spec = escapePath(context.policy.facts.canonicalPath(path));
  return {
    id: "label-file",
    tier: "label",
    title: `Label ${path} ${type}`,
    changes: [{ kind: "fileContext", spec, fileKind: "any", type }],
    restore: path,
    durable: true,
    notes: () => [`Gives this one file the type ${type}: whatever may read that type may read it.`, SLOW],
  };
}

function labelled({ source }: FixContext, directory: string, type: string, reads: boolean): string {
  const may = reads ? "read" : "read and write";
  return `Gives ${directory} and everything in it the type ${type}: ${source}, and whatever else may use that type, may ${may} there.`;
}

const SLOW = "semanage takes about ten seconds, more on a small machine.";

function chcon({ path, use }: FileQuery): Candidate {
  const type = FILE_LABELS[use];
  return {
    id: "chcon",
    tier: "temporary",
    title: `Label ${path} ${type} until the next relabel (temporary)`,
    changes: [{ kind: "label", path, type }],
    restore: null,
    durable: false,
    notes: () => ["Temporary: restorecon or a relabel undoes it, and a file that replaces this one has another label."],
  };
}
