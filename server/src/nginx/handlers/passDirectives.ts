/** Directives that pass requests and connections on. Where they lead is found in `passes/`, once all names are known. */
import type { BlockKind } from "../blocks.ts";
import { parseAddress } from "../address.ts";
import { hasPlaceholder } from "../template.ts";
import type { Handler } from "./handler.ts";
import { checked } from "./handler.ts";
import { isFirst } from "./once.ts";
import { passNames } from "./passNames.ts";

const readPass: Handler = ({ found }, node, tree, block) => {
  const directive = tree.name(node.statement);
  if (block.space === null || !isFirst(directive, node, block, found.problems)) return;
  const text = tree.wordCount(node.statement) > 1 ? tree.word(node.statement, 1) : null;
  const { file, statement } = node;
  block.pass = { file, statement, directive, block, text };
  block.space.passes.push(block.pass);
};

/** `pass` of stream hands the connection to a listening socket of nginx: no connect, but an address is needed. */
const readStreamPass: Handler = ({ found }, node, tree) => {
  const text = tree.word(node.statement, 1);
  if (text.includes("$") || hasPlaceholder(text)) return;
  const address = parseAddress(text);
  if (address.ok && address.family === "name" && !address.noPort) {
    found.problems.add(node, '"pass" directive has no addresses', tree.wordSpan(node.statement, 1));
  }
};

const inLocations: readonly BlockKind[] = ["location", "if-in-location"];
/** Where some stand beside locations. */
const elsewhere: ReadonlyMap<string, readonly BlockKind[]> = new Map([
  ["proxy_pass", ["limit_except", "stream.server"]],
  ["tunnel_pass", ["server"]],
]);

/** A new one is a name in `passNames.ts`, and a syntax in `passes/passSyntax.ts` where it has schemes or a URI. */
export const passDirectives = [
  ...passNames.map((name) => checked([...inLocations, ...(elsewhere.get(name) ?? [])], name, readPass)),
  checked(["stream.server"], "pass", readStreamPass),
];
