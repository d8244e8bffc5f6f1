/** Directives that give variables their values: by `set`, by blocks of values, or by code. */
import type { SetDefinition, ValueBlock } from "../blocks.ts";
import type { BlockKind } from "../blocks.ts";
import type { Handler } from "./handler.ts";
import { checked } from "./handler.ts";

const readSet: Handler = (_walk, node, tree, block) => {
  const name = variableName(tree.word(node.statement, 1));
  if (name === null) return;
  const conditional = block.kind === "if-in-server" || block.kind === "if-in-location";
  block.space?.assigned.add(name);
  const definition: SetDefinition = { file: node.file, statement: node.statement, name, conditional };
  const owner = conditional && block.parent !== null ? block.parent : block;
  const { server } = owner;
  // Most blocks have one, and an array that begins with it is a tenth of one that grows.
  if (owner.sets === null) owner.sets = [definition];
  else owner.sets.push(definition);
  if (server.allSets === null) server.allSets = [definition];
  else server.allSets.push(definition);
};

/** Directives of modules whose argument at that position is a variable that they compute. */
const computed =
  (argument: number): Handler =>
  (_walk, node, tree, block) => {
    if (tree.wordCount(node.statement) <= argument || block.space === null) return;
    const name = variableName(tree.word(node.statement, argument));
    if (name !== null) block.space.computed.add(name);
  };

/** `map $source $name`, `geo [$address] $name`, `split_clients "key" $name`: the last argument. */
const readValues: Handler = (_walk, node, tree, block) => {
  const { space } = block;
  const kind = tree.name(node.statement);
  const count = tree.wordCount(node.statement);
  if (space === null || count < 2) return;
  if (kind !== "map" && kind !== "geo" && kind !== "split_clients") return;
  const name = variableName(tree.word(node.statement, count - 1));
  if (name !== null) addTo<ValueBlock>(space.values, name, { ...node, kind });
};

/** The name in lower case, without the dollar sign; null where a word is no variable. */
function variableName(word: string): string | null {
  return /^\$[A-Za-z0-9_]+$/.test(word) ? word.slice(1).toLowerCase() : null;
}

function addTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

const settable: readonly BlockKind[] = ["server", "location", "if-in-server", "if-in-location", "stream.server"];
const computable: readonly BlockKind[] = ["http", "server", "location", "if-in-location", "stream", "stream.server"];

export const variableDirectives = [
  checked(settable, "set", readSet),
  checked(["http", "stream"], "map geo split_clients", readValues),
  checked(
    computable,
    "auth_request_set set_by_lua set_by_lua_file set_by_lua_block js_set js_var perl_set set_unescape_uri " +
      "set_escape_uri set_if_empty set_random set_hashed_upstream set_misc_set",
    computed(1),
  ),
  checked(computable, "keyval", computed(2)),
];
