/**
 * One walk over a configuration in nginx's reading order, through the includes, each with the context that the place of
 * its include gives. Gathers what later steps resolve, and the problems that nginx finds while reading.
 */
import type { BlockKind, Node, Space } from "../blocks.ts";
import { Block, blockKinds, BlockFlag, Upstream } from "../blocks.ts";
import type { Configuration } from "../configuration.ts";
import { includeKey } from "../configuration.ts";
import { directiveContexts } from "../directives.ts";
import { isAnswerOfModule } from "../handlers/answerDirectives.ts";
import { ownPasses } from "../handlers/passNames.ts";
import { treeOf } from "../places.ts";
import { ocspConnections } from "../services.ts";
import { hasPlaceholder } from "../template.ts";
import type { Statement, Tree } from "../tree.ts";
import { ROOT } from "../tree.ts";
import type { Entry } from "./directiveTables.ts";
import { directiveTables, MANY_ARGUMENTS } from "./directiveTables.ts";
import type { Findings } from "../findings.ts";
import { Gathering } from "../findings.ts";
import { finishBlock } from "./finishBlock.ts";
import type { Walk } from "../handlers/handler.ts";

interface Frame {
  readonly file: number;
  readonly tree: Tree;
  readonly block: Block;
  /** The block ends with this frame. */
  readonly owns: boolean;
  next: Statement;
}

/** Directives whose place is checked. Others may be widened by modules and forks, and do not matter here. */
const placedNames: ReadonlySet<string> = new Set([
  "http",
  "stream",
  "mail",
  "upstream",
  "server",
  "listen",
  "location",
  "limit_except",
  ...ownPasses,
]);

class Walker implements Walk {
  readonly configuration: Configuration;
  readonly found: Gathering;
  readonly #answering = new Map<string, boolean>();
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
    const { ocsp, responders } = this.found;
    for (const access of ocspConnections(this.configuration, ocsp, responders)) this.found.service(access);
  }

  enter(kind: BlockKind, node: Node, tree: Tree, parent: Block): Block {
    const block = new Block(kind, parent, node.file, node.statement, this.#spaceOf(kind));
    this.#push(node.file, tree, block, true, tree.firstChild(node.statement));
    return block;
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
    this.#stack.push({ file, tree, block, owns, next });
  }

  #statement(frame: Frame, s: Statement): void {
    const { file, tree, block } = frame;
    const name = tree.name(s);
    if (name === "include") {
      this.#include(file, s, block);
      return;
    }
    const entry = directiveTables[block.kind].get(name);
    if (entry !== undefined && (entry.quiet === null || entry.quiet === tree.terminator(s))) {
      const node = { file, statement: s };
      const isRead =
        entry.quiet === null ? this.#isWellFormed(entry, node, tree, name, block) : tree.wordCount(s) > entry.least;
      if (isRead) entry.run(this, node, tree, block);
      return;
    }
    // Forks of nginx-rtmp-module have directives of nginx's names in places of their own.
    if (placedNames.has(name) && !block.kind.startsWith("rtmp")) {
      const contexts = directiveContexts(name);
      const whole = this.configuration.fragmentContext === null;
      if (whole && contexts !== undefined && !contexts.includes(block.kind)) {
        this.found.problems.add({ file, statement: s }, `"${name}" directive is not allowed here`);
        return;
      }
    }
    this.#otherDirective(frame, s, name);
  }

  /** A directive that has no handler here, perhaps of another module. */
  #otherDirective({ file, tree, block }: Frame, s: Statement, name: string): void {
    if (block.kind === "location" && !block.has(BlockFlag.answers) && this.#isAnswer(name)) {
      block.flags |= BlockFlag.answers;
    }
    // A module's directive can take the place of `server` lines, as NGINX Plus's `state` and `jdomain` do.
    if (block.upstream !== null && directiveContexts(name) === undefined) block.upstream.unseen = true;
    // A template's own braces make blocks that nginx will not see; what stands in them belongs to the block around.
    if (this.configuration.template[file] === true && tree.terminator(s) === "block") {
      this.#push(file, tree, block, false, tree.firstChild(s));
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

  /** The checks of `ngx_conf_handler`, in its order. */
  #isWellFormed(entry: Entry, node: Node, tree: Tree, name: string, block: Block): boolean {
    const terminator = tree.terminator(node.statement);
    const { isBlock } = entry;
    const { problems } = this.found;
    if (isBlock === undefined) return true;
    if (isBlock && terminator === "simple") {
      problems.add(node, `directive "${name}" has no opening "{"`);
      return false;
    }
    if (!isBlock && terminator === "block") {
      problems.add(node, `directive "${name}" is not terminated by ";"`);
      if (this.configuration.template[node.file] === true) {
        this.#push(node.file, tree, block, false, tree.firstChild(node.statement));
        return tree.wordCount(node.statement) > entry.least;
      }
      return false;
    }
    const count = tree.wordCount(node.statement) - 1;
    if (entry.accepts[Math.min(count, MANY_ARGUMENTS)] !== false) return true;
    // A placeholder may have brought more words than nginx will see; a first argument is still the target.
    if (this.configuration.template[node.file] === true || anyPlaceholder(tree, node.statement))
      return count >= entry.least;
    problems.add(node, `invalid number of arguments in "${name}" directive`);
    return false;
  }

  #include(file: number, s: Statement, block: Block): void {
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
      this.#push(target, tree, block, false, tree.firstChild(ROOT));
    }
  }
}

function anyPlaceholder(tree: Tree, s: Statement): boolean {
  for (let i = 1; i < tree.wordCount(s); i++) {
    if (hasPlaceholder(tree.word(s, i))) return true;
  }
  return false;
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
