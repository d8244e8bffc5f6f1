/** From the directives that name paths to the accesses to files. */
import type { Access, FileAccess, FileUse, Step } from "../access.ts";
import type { Block, FileStatement, Node } from "../blocks/blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import { rootAccesses } from "./documentRoots.ts";
import type { FileDirective } from "../blocks/fileDirective.ts";
import { includedFile, includedFiles } from "../blocks/fileDirectives.ts";
import { isGlob } from "../load/glob.ts";
import { normalizePath } from "../load/pathMap.ts";
import { treeOf } from "../blocks/places.ts";
import { StatementReader } from "../blocks/statementReader.ts";
import { hasPlaceholder } from "../tree/template.ts";
import type { Span } from "../../base/text.ts";
import type { Tree } from "../tree/tree.ts";
import { holeIndex, missingVariable } from "../blocks/variables.ts";
import type { Variables } from "../blocks/variables.ts";
import type { Findings } from "../blocks/gathering.ts";

/** The variables of each space; main and mail have none. */
export interface SpaceVariables {
  readonly http: Variables;
  readonly stream: Variables;
}

const noSteps: readonly Step[] = [];

/** The accesses to files, in the order of the directives; document roots after them, then includes. */
export function fileAccesses(
  configuration: Configuration,
  findings: Findings,
  variables: SpaceVariables,
  add: (access: Access) => void,
): void {
  const temporary = temporaryDirectories(configuration, findings);
  const paths = new PathReader(configuration, variables, (access) => {
    const from = temporary.get(temporaryOf(access));
    add(from === undefined ? access : { ...access, from });
  });
  const hasModulePath = findings.fileStatements.some(({ directive }) => directive === "js_path");
  for (const statement of findings.fileStatements) {
    const { directive } = statement;
    const isImport = directive === "js_import" || directive === "js_preload_object";
    if (isImport && hasModulePath) paths.searched(statement, "js_path");
    else paths.read(statement, statement.what, null);
  }
  if (!findings.fileStatements.some(({ directive }) => directive === "client_body_temp_path")) {
    for (const node of findings.bodiesInFiles) add(defaultBodies(configuration, node));
  }
  const servers = serversOfPrograms(findings);
  for (const { statement, uses, doubt } of rootAccesses(configuration, findings)) {
    for (const what of uses) paths.read(statement, what, doubt, servers.has(statement.block.server));
  }
  for (const { file, statement } of configuration.includes.values()) {
    const tree = treeOf(configuration, file);
    if (tree.terminator(statement) !== "simple" || tree.wordCount(statement) !== 2) continue;
    paths.include(file, statement, tree);
  }
}

/** The directory that each directive for temporary files names, where the whole configuration names one. */
function temporaryDirectories(configuration: Configuration, { fileStatements }: Findings): ReadonlyMap<string, string> {
  const named = new Map<string, Set<string>>();
  for (const { file, statement, directive, what } of fileStatements) {
    if (what.use !== "temp") continue;
    const path = treeOf(configuration, file).word(statement, 1);
    named.set(directive, (named.get(directive) ?? new Set()).add(path));
  }
  return new Map(
    [...named].flatMap(([directive, paths]) => {
      const [path = ""] = paths;
      return paths.size === 1 && /^\/[^$]*$/.test(path) ? [[directive, path] as const] : [];
    }),
  );
}

/** The directive for the directory from which files are renamed into a place; "" where none are. */
function temporaryOf({ use, directive }: FileAccess): string {
  if (use === "dav-moved") return "client_body_temp_path";
  if (use !== "cache-moved" && use !== "store-moved") return "";
  return `${/^(fastcgi|uwsgi|scgi)_/.exec(directive)?.[1] ?? "proxy"}_temp_path`;
}

/** Request bodies that are kept, where no directive says in which directory: `nginx -V` of Fedora and RHEL. */
function defaultBodies(configuration: Configuration, { file, statement }: Node): FileAccess {
  const tree = treeOf(configuration, file);
  return {
    file,
    span: tree.wordSpan(statement, 0),
    kind: "write",
    protocol: "file",
    path: "/var/lib/nginx/tmp/client_body",
    below: null,
    object: "dir",
    use: "temp",
    by: "worker",
    directive: tree.name(statement),
    via: noSteps,
    certainty: "one-of",
    reason: "no client_body_temp_path is set; this is the directory of the distribution's build",
  };
}

/** The servers that pass to programs whose files lie around their document root: FastCGI, uwsgi, SCGI. */
function serversOfPrograms({ http }: Findings): ReadonlySet<Block> {
  return new Set(
    http.passes.flatMap(({ block, directive }) =>
      /^(?:fastcgi|uwsgi|scgi)_pass$/.test(directive) ? [block.server] : [],
    ),
  );
}

/** What is known of a path: one of the two, or neither. */
interface KnownPath {
  readonly path: string | null;
  readonly below: string | null;
  readonly doubt: string | null;
}

class PathReader {
  readonly #configuration: Configuration;
  readonly #variables: SpaceVariables;
  readonly #add: (access: FileAccess) => void;

  constructor(configuration: Configuration, variables: SpaceVariables, add: (access: FileAccess) => void) {
    this.#configuration = configuration;
    this.#variables = variables;
    this.#add = add;
  }

  /** @param doubt why nginx perhaps does not do this at all */
  read(statement: FileStatement, what: FileDirective, doubt: string | null, besideProgram = false): void {
    const { file } = statement;
    const tree = treeOf(this.#configuration, file);
    const target = targetOf(statement, what, tree);
    if (target === null) return;
    const { text } = target;
    if (text === "" || what.except?.test(text) === true) return;
    const emit = (path: KnownPath, by: FileAccess["by"]): void => {
      this.#emit(statement, target.span, what, by, { ...path, doubt: path.doubt ?? doubt }, besideProgram);
    };
    const notRead = this.#whyNotRead(text);
    if (notRead !== null) {
      emit(unknownPath(notRead), what.by);
    } else if (!text.includes("$")) {
      emit(this.#known(text, what), what.by);
    } else if (!what.variables) {
      emit(unknownPath(`nginx does not expand variables here, so something else must replace "${text}"`), what.by);
    } else {
      for (const path of this.#evaluated(text, statement.block, what)) emit(path, "worker");
    }
  }

  /** A relative path that nginx looks for in several directories. */
  searched(statement: FileStatement, by: string): void {
    const tree = treeOf(this.#configuration, statement.file);
    const target = targetOf(statement, statement.what, tree);
    if (target === null) return;
    if (target.text.startsWith("/")) this.read(statement, statement.what, null);
    else this.#emit(statement, target.span, statement.what, "master", unknownPath(`it is searched in ${by}`));
  }

  include(file: number, statement: number, tree: Tree): void {
    const text = tree.word(statement, 1);
    const glob = isGlob(text);
    const what = glob ? includedFiles : includedFile;
    const node = { file, statement, directive: "include" };
    const span = tree.wordSpan(statement, 1);
    const notRead = this.#whyNotRead(text);
    if (notRead !== null || text.includes("$")) {
      this.#emit(node, span, what, "master", unknownPath(notRead ?? `nothing replaces the variable in "${text}"`));
      return;
    }
    const literal = glob ? text.slice(0, text.search(/[*?[]/)) : text;
    // The directory in which the first component with a wildcard is searched.
    const searched = glob ? literal.slice(0, literal.lastIndexOf("/") + 1) || "." : text;
    this.#emit(node, span, what, "master", this.#known(searched, what));
  }

  #whyNotRead(text: string): string | null {
    if (hasPlaceholder(text)) return "a template placeholder";
    return text.includes("\uFFFD") ? "the path is not in UTF-8" : null;
  }

  #known(text: string, what: FileDirective): KnownPath {
    const { path, doubt } = this.#resolve(text, what);
    return { path, below: null, doubt };
  }

  #resolve(text: string, { base }: FileDirective): { readonly path: string | null; readonly doubt: string | null } {
    if (text.startsWith("/")) return { path: normalizePath(text), doubt: null };
    const { conf, confKnown, prefix, prefixKnown } = this.#configuration.prefixes;
    if (base === "cwd") return { path: null, doubt: `where "${text}" is searched is not known` };
    const directory = base === "conf" ? conf : prefix;
    const doubt =
      base === "conf"
        ? `"${text}" is relative to the directory of nginx.conf, taken to be ${conf}`
        : `"${text}" is relative to the prefix that nginx was built with, ${prefix} in the packages of the distributions`;
    const known = base === "conf" ? confKnown : prefixKnown;
    return { path: normalizePath(`${directory}/${text}`), doubt: known ? null : doubt };
  }

  /** The paths that a word with variables stands for, each once. */
  #evaluated(text: string, block: Block, what: FileDirective): readonly KnownPath[] {
    const kind = block.space?.kind;
    if (kind === undefined) return [unknownPath(`the value of ${text} is not known here`)];
    const variables = this.#variables[kind];
    const values = variables.evaluate(text, block);
    if ("error" in values) return [unknownPath(`nginx says: ${values.error}`)];
    const found = new Map<string, KnownPath>();
    for (const value of values.values) {
      if (value === "" || what.except?.test(value) === true) continue;
      const missing = missingVariable(value);
      const hole = missing === null ? -1 : holeIndex(value);
      if (hole < 0) {
        const { path, doubt } = this.#resolve(value, what);
        const sure = values.certain && values.values.length === 1;
        const one = sure ? doubt : `one of the values of $${/\$\{?(\w+)/.exec(text)?.[1] ?? ""}`;
        found.set(`= ${path}`, { path, below: null, doubt: path === null ? doubt : one });
        continue;
      }
      const why = variables.whyMissing(missing ?? "");
      const directory = value.slice(0, value.lastIndexOf("/", hole - 1) + 1);
      const homes = ofHomes(value, hole);
      const below = homes ?? (hole === 0 || directory === "" ? null : this.#resolve(directory, what).path);
      found.set(`< ${below}`, { path: null, below, doubt: why });
    }
    return [...found.values()];
  }

  #emit(
    statement: { readonly file: number; readonly statement: number; readonly directive: string },
    span: Span,
    what: FileDirective,
    by: FileAccess["by"],
    { path, below, doubt }: KnownPath,
    besideProgram = false,
  ): void {
    const { file } = statement;
    const template = this.#configuration.template[file] === true;
    const crowded = served.has(what.use) && what.object === "dir" && path !== null && whichBelow.has(path);
    const unknown = crowded || (path === null && (below === null || manyThings.has(below)));
    const plain = crowded ? `requests decide what in ${path} is meant` : template ? "this file is a template" : null;
    const reason = doubt ?? plain;
    this.#add({
      file,
      span,
      kind: what.kind,
      protocol: "file",
      path,
      below,
      object: what.object,
      use: what.use,
      by,
      directive: statement.directive,
      via: noSteps,
      certainty: unknown ? "unknown" : reason === null ? "certain" : "one-of",
      ...(reason === null ? {} : { reason }),
      ...(what.fails === null ? {} : { fails: what.fails }),
      ...(besideProgram && path?.endsWith("/public") === true ? { besideProgram } : {}),
    });
  }
}

/** Directories that say nothing about the files below them: their entries are unrelated. */
const manyThings: ReadonlySet<string> = new Set(
  "/ /etc /home /media /mnt /opt /root /run /tmp /usr /usr/local /usr/share /var /var/lib /var/run /var/tmp".split(" "),
);

/** Of these, even where they are all of the path: `location /www/ { root /var; }` serves /var/www alone. */
const whichBelow: ReadonlySet<string> = new Set("/ /etc /home /usr /usr/local /usr/share /var /var/lib".split(" "));

const served: ReadonlySet<FileUse> = new Set(["content", "listing", "dav", "dav-moved", "store", "store-moved"]);

/** `/home/$1/public_html$2`, the web directories of all users: they have one label, as no other places of a home have. */
function ofHomes(value: string, hole: number): string | null {
  return value.slice(0, hole) === "/home/" && /^[^/]*\/public_html(?:\/|$|[^\w.-])/u.test(value.slice(hole))
    ? "/home/*/public_html"
    : null;
}

function unknownPath(doubt: string): KnownPath {
  return { path: null, below: null, doubt };
}

/** The path in a statement, and its place; null where the statement has none. */
function targetOf(
  { file, statement }: FileStatement,
  { argument, option }: FileDirective,
  tree: Tree,
): { readonly text: string; readonly span: Span } | null {
  const reader = new StatementReader(file, statement, tree);
  if (option === null) {
    const word = argument > 0 ? argument : reader.count;
    return { text: reader.argument(word), span: reader.span(word) };
  }
  const at = reader.option(option);
  if (at === null) return null;
  const text = reader.argument(at.word).slice(at.from);
  return { text, span: reader.part(at.word, at.from, text.length) };
}
