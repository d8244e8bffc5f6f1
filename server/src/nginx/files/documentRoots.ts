/**
 * Which `root` and `alias` nginx really reads below: those that hold where a request is answered with a file. A `root`
 * that is written and overridden, or that stands where everything is passed on, is never opened.
 */
import type { FileAccess, FileUse } from "../access.ts";
import type { Block, FileSettings, FileStatement } from "../blocks/blocks.ts";
import { BlockFlag } from "../blocks/blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import type { FileDirective } from "../blocks/fileDirective.ts";
import { treeOf } from "../blocks/places.ts";
import type { Findings } from "../blocks/gathering.ts";

export interface RootAccess {
  readonly statement: FileStatement;
  readonly uses: readonly FileDirective[];
  /** Why it is not sure that nginx reads there. */
  readonly doubt: string | null;
}

interface Used {
  readonly content: Set<FileUse>;
  object: FileAccess["object"];
  sure: boolean;
}

const kinds: Readonly<Partial<Record<FileUse, FileAccess["kind"]>>> = {
  dav: "write",
  "dav-moved": "write",
  "store-moved": "write",
};

/** The roots that are used, by the first block that uses each. Time is linear in the blocks, however deep they nest. */
export function* rootAccesses(configuration: Configuration, findings: Findings): Generator<RootAccess, void> {
  const settings = new EffectiveSettings();
  const used = new Map<FileStatement, Used>();
  const use = (statement: FileStatement, what: FileUse, sure: boolean): void => {
    let entry = used.get(statement);
    if (entry === undefined) {
      entry = { content: new Set(), object: objectOf(configuration, statement), sure: false };
      used.set(statement, entry);
    }
    entry.content.add(what);
    entry.sure ||= sure;
  };
  for (const block of findings.servesFiles) {
    if (!answersWithFiles(block)) continue;
    const { root, autoindex, dav } = settings.of(block);
    if (root === null) continue;
    const sure = !block.has(BlockFlag.unseen);
    use(root, "content", sure);
    if (autoindex === true) use(root, "listing", sure);
    if (dav !== null && dav !== "off") use(root, dav, sure);
  }
  for (const block of findings.storesInRoot) {
    const { root } = settings.of(block);
    if (root !== null) use(root, "store-moved", true);
  }
  for (const [statement, { content, object, sure }] of used) {
    const uses = [...content].map((what) => ({ ...statement.what, use: what, kind: kinds[what] ?? "read", object }));
    yield { statement, uses, doubt: sure ? null : "directives that are not seen here decide whether files are read" };
  }
}

/** `alias` of one file: `location = /robots.txt { alias /srv/robots.txt; }`. */
function objectOf(configuration: Configuration, { file, statement, block, directive }: FileStatement): "file" | "dir" {
  if (directive !== "alias" || block.kind !== "location" || block.statement < 0) return "dir";
  const location = treeOf(configuration, block.file);
  const name = location.word(block.statement, location.wordCount(block.statement) - 1);
  const path = treeOf(configuration, file).word(statement, 1);
  if (name.endsWith("/") || path.endsWith("/")) return "dir";
  const isExact = location.word(block.statement, 1) === "=";
  return isExact || (/\.\w+$/.test(path) && /\.\w+$/.test(name)) ? "file" : "dir";
}

/** True where nothing but the static file handler can answer (`ngx_http_static_handler` and what is before it). */
function answersWithFiles(block: Block): boolean {
  const { server, parent } = block;
  if (block.pass !== null || block.has(BlockFlag.answers) || server.has(BlockFlag.answers)) return false;
  if (block.has(BlockFlag.deniesAll) && !block.has(BlockFlag.allowsSome)) return false;
  // An `if` has the handler of its location.
  return block.kind !== "if-in-location" || parent === null || (parent.pass === null && !parent.has(BlockFlag.answers));
}

/** What holds in a block, inherited settings included. */
class EffectiveSettings {
  readonly #known = new Map<Block, FileSettings>();

  of(block: Block): FileSettings {
    const chain: Block[] = [];
    let settings: FileSettings = none;
    for (let at: Block | null = block; at !== null; at = at.parent) {
      const known = this.#known.get(at);
      if (known !== undefined) {
        settings = known;
        break;
      }
      chain.push(at);
    }
    for (const at of chain.reverse()) {
      const own = at.files;
      if (own !== null) {
        const { root, autoindex, dav } = own;
        settings = {
          root: root ?? settings.root,
          autoindex: autoindex ?? settings.autoindex,
          dav: dav ?? settings.dav,
        };
      }
      this.#known.set(at, settings);
    }
    return settings;
  }
}

const none: FileSettings = { root: null, autoindex: null, dav: null };
