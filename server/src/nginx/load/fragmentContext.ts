/** What the directives of a file say about where it belongs. */
import { directiveContexts, isBlockDirective } from "../tree/directives.ts";
import type { Statement, Tree } from "../tree/tree.ts";
import { ROOT } from "../tree/tree.ts";

/** Contexts that a file can be included in, the most usual first: it wins where the votes are even. */
const candidates = [
  "http",
  "server",
  "location",
  "upstream",
  "stream",
  "stream.server",
  "stream.upstream",
  "mail",
  "mail.server",
  "main",
  "events",
] as const;

export type FragmentContext = (typeof candidates)[number];

/** Statements that are looked at; a file of a million says no more than its first thousands. */
const MAX_VOTERS = 5000;

type Votes = Map<FragmentContext, number>;

function vote(votes: Votes, context: FragmentContext, weight = 1): void {
  votes.set(context, (votes.get(context) ?? 0) + weight);
}

function best(votes: Votes, among: readonly FragmentContext[]): FragmentContext {
  let winner = among[0] ?? "http";
  for (const context of among) {
    if ((votes.get(context) ?? 0) > (votes.get(winner) ?? 0)) winner = context;
  }
  return winner;
}

function hasWord(tree: Tree, s: Statement, word: string): boolean {
  for (let i = 2; i < tree.wordCount(s); i++) {
    if (tree.word(s, i) === word) return true;
  }
  return false;
}

/** Whether the `server` block at `s` belongs to http, stream or mail, by what stands in it. */
function serverOwner(tree: Tree, s: Statement): "http" | "stream" | "mail" {
  const votes: Votes = new Map();
  let voters = 0;
  for (let child = tree.firstChild(s); child >= 0 && voters < 200; child = tree.nextSibling(child), voters++) {
    const name = tree.name(child);
    if (name === "listen" && hasWord(tree, child, "udp")) vote(votes, "stream", 5);
    const contexts = directiveContexts(name);
    if (contexts === undefined) continue;
    if (contexts.includes("server")) vote(votes, "http");
    if (contexts.includes("stream.server")) vote(votes, "stream");
    if (contexts.includes("mail.server")) vote(votes, "mail");
  }
  const owner = best(votes, ["http", "stream", "mail"]);
  return owner === "stream" || owner === "mail" ? owner : "http";
}

/** Whether a lone `upstream` block is one of stream: every server has a port and something in it is of stream alone. */
function upstreamOwner(tree: Tree, s: Statement): "http" | "stream" {
  const votes: Votes = new Map();
  let voters = 0;
  for (let child = tree.firstChild(s); child >= 0 && voters < 200; child = tree.nextSibling(child), voters++) {
    const contexts = directiveContexts(tree.name(child));
    if (contexts === undefined) continue;
    if (contexts.includes("upstream")) vote(votes, "http");
    if (contexts.includes("stream.upstream")) vote(votes, "stream");
  }
  return best(votes, ["http", "stream"]) === "stream" ? "stream" : "http";
}

function voteOf(tree: Tree, s: Statement, votes: Votes): void {
  const name = tree.name(s);
  const block = tree.terminator(s) === "block";
  if (name === "server" && block) {
    vote(votes, serverOwner(tree, s), 10);
    return;
  }
  if (name === "upstream" && block) {
    vote(votes, upstreamOwner(tree, s), 5);
    return;
  }
  if (name === "proxy_pass" && tree.wordCount(s) > 1) {
    vote(votes, /^https?:|^\$/i.test(tree.word(s, 1)) ? "location" : "stream.server", 5);
    return;
  }
  const contexts = directiveContexts(name);
  if (contexts === undefined || contexts.includes("any")) return;
  for (const context of candidates) {
    if (contexts.includes(context) && isBlockDirective(name, context) === block) vote(votes, context);
  }
}

/** The context in which a file makes sense on its own, from its top-level statements. `http` where nothing tells. */
export function impliedContext(tree: Tree): FragmentContext {
  const votes: Votes = new Map();
  let voters = 0;
  for (let s = tree.firstChild(ROOT); s >= 0 && voters < MAX_VOTERS; s = tree.nextSibling(s), voters++) {
    voteOf(tree, s, votes);
  }
  return best(votes, candidates);
}

/** True for a file that starts nginx rather than being included: it has `http`, `stream`, `mail` or `events` at the top. */
export function isMainTree(tree: Tree): boolean {
  for (let s = tree.firstChild(ROOT); s >= 0; s = tree.nextSibling(s)) {
    const name = tree.name(s);
    if (name !== "http" && name !== "stream" && name !== "mail" && name !== "events") continue;
    if (tree.terminator(s) === "block" && tree.wordCount(s) === 1) return true;
  }
  return false;
}

/** True for a file that only makes sense inside of a block. A main file may consist of nothing but includes. */
export function isFragmentTree(tree: Tree): boolean {
  if (isMainTree(tree) || impliedContext(tree) === "main") return false;
  for (let s = tree.firstChild(ROOT); s >= 0; s = tree.nextSibling(s)) if (tree.name(s) !== "include") return true;
  return false;
}
