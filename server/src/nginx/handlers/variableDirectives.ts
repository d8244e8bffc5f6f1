/** Directives that give variables their values: by `set`, by blocks of values, or by code. */
import type { SetDefinition, ValueBlock } from "../blocks/blocks.ts";
import type { Handler } from "./handler.ts";
import { anyServer, foreign, own } from "./handler.ts";

const readSet: Handler = (_walk, statement, block) => {
  const name = variableName(statement.argument(1));
  if (name === null) return;
  const conditional = block.kind === "if-in-server" || block.kind === "if-in-location";
  block.space?.assigned.add(name);
  const definition: SetDefinition = { file: statement.file, statement: statement.statement, name, conditional };
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
  (_walk, statement, block) => {
    const name = variableName(statement.argument(argument));
    if (block.space === null) return;
    if (name !== null) block.space.computed.add(name);
  };

/** `map $source $name`, `geo [$address] $name`, `split_clients "key" $name`: the last argument. */
const readValues: Handler = (_walk, statement, block) => {
  const { space } = block;
  const kind = statement.directive;
  if (space === null) return;
  if (kind !== "map" && kind !== "geo" && kind !== "split_clients") return;
  const name = variableName(statement.argument(statement.count));
  if (name !== null)
    addTo<ValueBlock>(space.values, name, { file: statement.file, statement: statement.statement, kind });
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

export const variableDirectives = [
  own("set", readSet),
  own("map geo split_clients", readValues),
  own("auth_request_set perl_set set_by_lua set_by_lua_file set_by_lua_block", computed(1)),
  foreign(
    anyServer,
    "1+",
    "js_set js_var set_unescape_uri set_escape_uri set_if_empty set_random set_hashed_upstream set_misc_set",
    computed(1),
  ),
  foreign(anyServer, "0+", "set_by_lua_block", computed(1), "lua"),
  foreign(anyServer, "1+", "set_by_lua set_by_lua_file", computed(1)),
  foreign(["http", "stream"], "2+", "keyval", computed(2)),
];
