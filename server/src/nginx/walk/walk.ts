/**
 * One walk over a configuration in nginx's reading order, through the includes, each with the context that the place of
 * its include gives. Gathers what later steps resolve, and the problems that nginx finds while reading.
 */
import type { BlockKind, Node, Space } from "../blocks/blocks.ts";
import { Block, blockKinds, BlockFlag, Upstream } from "../blocks/blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import { includeKey } from "../load/configuration.ts";
import { directiveContexts, hasOneForm, isNginxDirective } from "../tree/directives.ts";
import { isAnswerOfModule } from "../handlers/answerDirectives.ts";
import { treeOf } from "../blocks/places.ts";
import { ocspConnections } from "../blocks/services.ts";
import { hasPlaceholder } from "../tree/template.ts";
import { unknownDirective } from "../blocks/unknownDirectives.ts";
import type { Statement, Tree } from "../tree/tree.ts";
import { ROOT } from "../tree/tree.ts";
import { StatementReader } from "../blocks/statementReader.ts";
import type { CheckedForm, DirectiveTable } from "./directiveTables.ts";
import { directiveTable, fitsCount, fitsEnd, fitsForm, isKnownDirective, moduleTable } from "./directiveTables.ts";
import type { Findings } from "../blocks/gathering.ts";
import { Gathering } from "../blocks/gathering.ts";
import { finishBlock } from "./finishBlock.ts";
import type { DirectiveRow, Walk } from "../handlers/handler.ts";

interface Frame {
  readonly file: number;
  readonly tree: Tree;
  readonly block: Block;
  /** What is read in the block. */
  readonly table: DirectiveTable;
  /** The block ends with this frame. */
  readonly owns: boolean;
  next: Statement;
}

class Walker implements Walk {
  readonly configuration: Configuration;
  readonly found: Gathering;
  readonly #answering = new Map<string, boolean>();
  readonly #misplacedTimes = new Map<number, Node & { readonly name: string; readonly times: number }>();
  /** How often each file that is included was read. */
  readonly #timesRead = new Map<number, number>();
  readonly #moduleTables = new Map<readonly DirectiveRow[], DirectiveTable>();
  readonly #stack: Frame[] = [];

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    this.found = new Gathering(configuration);
  }

  run(): void {
    const tree = treeOf(this.configuration, 0);
    this.#push(0, tree, this.#outermost(), true, tree.firstChild(ROOT));
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      const s = frame.next;
      if (s < 0) {
        this.#stack.pop();
        if (frame.owns) finishBlock(this.configuration, this.found, frame.block);
        continue;
      }
      frame.next = frame.tree.nextSibling(s);
      this.#statement(frame, s);
    }
    this.#tellMisplaced();
    const { ocsp, responders } = this.found;
    for (const access of ocspConnections(this.configuration, ocsp, responders)) this.found.service(access);
  }

  enter(kind: BlockKind, { file, statement, tree }: StatementReader, parent: Block): Block {
    const block = new Block(kind, parent, file, statement, this.#spaceOf(kind));
    this.#push(file, tree, block, true, tree.firstChild(statement));
    return block;
  }

  enterModule(rows: readonly DirectiveRow[], { file, statement, tree }: StatementReader, parent: Block): void {
    let table = this.#moduleTables.get(rows);
    if (table === undefined) {
      table = moduleTable(rows);
      this.#moduleTables.set(rows, table);
    }
    const block = new Block("module", parent, file, statement, parent.space);
    this.#stack.push({ file, tree, block, table, owns: true, next: tree.firstChild(statement) });
  }

  /** The block around everything: of a fragment the one that it implies, with much around it that is not seen. */
  #outermost(): Block {
    const { fragmentContext } = this.configuration;
    const kind = blockKind(fragmentContext ?? "main");
    const root = new Block(kind, null, 0, ROOT, this.#spaceOf(kind));
    if (fragmentContext !== null) {
      const { http, stream } = this.found;
      root.flags |= BlockFlag.unseen;
      http.unseen = true;
      stream.unseen = true;
      http.unseenBelow = true;
      if (kind === "upstream" || kind === "stream.upstream") this.#openLoneUpstream(root);
    }
    return root;
  }

  #openLoneUpstream(block: Block): void {
    const { space } = block;
    if (space === null) return;
    const upstream = new Upstream(block, "", space);
    upstream.rejected = true;
    upstream.unseen = true;
    block.upstream = upstream;
    this.found.upstreams.push(upstream);
  }

  #spaceOf(kind: BlockKind): Space | null {
    switch (kind) {
      case "http":
      case "server":
      case "location":
      case "if-in-server":
      case "if-in-location":
      case "limit_except":
      case "upstream":
        return this.found.http;
      case "stream":
      case "stream.server":
      case "stream.upstream":
        return this.found.stream;
      default:
        return null;
    }
  }

  #push(file: number, tree: Tree, block: Block, owns: boolean, next: Statement): void {
    const table = directiveTable(block.kind);
    this.#stack.push({ file, tree, block, table, owns, next });
  }

  #statement(frame: Frame, s: Statement): void {
    const { file, tree, block, table } = frame;
    const name = tree.name(s);
    if (name === "include") {
      this.#include(frame, s);
      return;
    }
    const entry = table.get(name);
    if (entry === undefined) {
      this.#otherDirective(frame, s, name);
      return;
    }
    const { own, isRead } = entry;
    const fits = own !== null && fitsForm(own, tree, s);
    // Most directives reach nothing.
    if (fits && !isRead) return;
    const statement = new StatementReader(file, s, tree);
    if (own !== null) {
      if (!fits && !this.#mayRead(own, entry.isNginx, statement, block)) return;
      for (const run of entry.runs) run(this, statement, block);
    }
    for (const { form, run } of entry.foreign) {
      if (fitsEnd(form, statement) && fitsCount(form, statement)) run(this, statement, block);
    }
  }

  /** A directive that has no handler in this block: one of another module, or one that may not stand here. */
  #otherDirective(frame: Frame, s: Statement, name: string): void {
    const { file, tree, block } = frame;
    // A template's own braces make blocks that nginx will not see; what stands in them belongs to the block around.
    if (this.configuration.template[file] === true && tree.terminator(s) === "block") {
      this.#stack.push({ ...frame, owns: false, next: tree.firstChild(s) });
    }
    if (isNginxDirective(name)) {
      this.#misplaced(new StatementReader(file, s, tree), name, block);
      return;
    }
    if (block.kind === "location" && !block.has(BlockFlag.answers) && this.#isAnswer(name)) {
      block.flags |= BlockFlag.answers;
    }
    // A module's directive can take the place of `server` lines, as `jdomain` does.
    if (block.upstream !== null && directiveContexts(name) === undefined) block.upstream.unseen = true;
    if (!isKnownDirective(name)) this.found.service(unknownDirective(new StatementReader(file, s, tree)));
  }

  /**
   * A directive of nginx that the table does not have here. Forks of nginx-rtmp-module, and other modules, have
   * directives of nginx's names in blocks of their own; and a file may be read in other blocks, too.
   */
  #misplaced({ file, statement }: StatementReader, name: string, { kind }: Block): void {
    if (this.configuration.fragmentContext !== null || kind === "module" || kind.startsWith("rtmp")) return;
    const key = includeKey(file, statement);
    const times = (this.#misplacedTimes.get(key)?.times ?? 0) + 1;
    this.#misplacedTimes.set(key, { file, statement, name, times });
  }

  /** Names the directives that are misplaced wherever their file is read. */
  #tellMisplaced(): void {
    for (const { file, statement, name, times } of this.#misplacedTimes.values()) {
      if (times < (this.#timesRead.get(file) ?? 1)) continue;
      this.found.problems.add({ file, statement }, `"${name}" directive is not allowed here`);
    }
  }

  #isAnswer(name: string): boolean {
    let answer = this.#answering.get(name);
    if (answer === undefined) {
      answer = isAnswerOfModule(name);
      this.#answering.set(name, answer);
    }
    return answer;
  }

  /** The checks of `ngx_conf_handler`, in its order, on a statement that fails one; true where it may be read all the same. */
  #mayRead(form: CheckedForm, isNginx: boolean, statement: StatementReader, block: Block): boolean {
    const { file, tree, directive, terminator } = statement;
    const isTemplate = this.configuration.template[file] === true;
    // The context of a fragment is a guess, so a directive of several forms may be meant in another one.
    const isGuess = this.configuration.fragmentContext !== null && block.parent === null && !hasOneForm(directive);
    const say = (message: string): void => {
      if (isNginx && !isGuess) this.found.problems.add(statement, message);
    };
    if (!fitsEnd(form, statement)) {
      if (form.end !== "simple") {
        say(`directive "${directive}" has no opening "{"`);
        return false;
      }
      say(`directive "${directive}" is not terminated by ";"`);
      if (!isTemplate) return false;
      this.#push(file, tree, block, false, tree.firstChild(statement.statement));
      return statement.count >= form.least && terminator === "block";
    }
    // A placeholder may have brought more words than nginx will see; a first argument is still the target.
    if (isTemplate || statement.arguments().some(hasPlaceholder)) return statement.count >= form.least;
    say(`invalid number of arguments in "${directive}" directive`);
    return false;
  }

  #include(frame: Frame, s: Statement): void {
    const { file, block } = frame;
    const edge = this.configuration.includes.get(includeKey(file, s));
    if (edge === undefined) return;
    if (edge.unseen) {
      block.flags |= BlockFlag.unseen;
      if (block.upstream !== null) block.upstream.unseen = true;
      if (block.space !== null) {
        block.space.unseenBelow = true;
        if (block.kind === "http" || block.kind === "stream") block.space.unseen = true;
      }
    }
    for (let i = edge.targets.length - 1; i >= 0; i--) {
      const target = edge.targets[i] ?? 0;
      const tree = treeOf(this.configuration, target);
      this.#timesRead.set(target, (this.#timesRead.get(target) ?? 0) + 1);
      this.#stack.push({ ...frame, file: target, tree, owns: false, next: tree.firstChild(ROOT) });
    }
  }
}

function blockKind(context: string): BlockKind {
  for (const kind of blockKinds) {
    if (kind === context) return kind;
  }
  return "http";
}

/** Walks a configuration, or a fragment in the context that it implies. Time is linear in the statements read. */
export function walkConfiguration(configuration: Configuration): Findings {
  const walk = new Walker(configuration);
  walk.run();
  return walk.found;
}
