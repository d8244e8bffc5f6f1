/** No file imports itself over others, imports of types included. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

const root = resolve(import.meta.dirname, "../..");

type Graph = ReadonlyMap<string, readonly string[]>;

/** Files by path with the files that they import. */
function importGraph(...directories: readonly string[]): Graph {
  const files = directories.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(root, directory, name)),
  );
  const pattern = /^(?:import|export)\s+(?:type\s+)?(?:[^"';]*?\sfrom\s+)?"(\.[^"]+)"/gm;
  return new Map(
    files.map((file) => [
      relative(root, file),
      [...readFileSync(file, "utf8").matchAll(pattern)].map(([, to = ""]) =>
        relative(root, resolve(dirname(file), to)),
      ),
    ]),
  );
}

/** The files that lead back to themselves: what is left when files that import nothing, or that nothing imports, are taken away. */
function inCycles(graph: Graph): readonly string[] {
  let left = [...graph.keys()];
  for (;;) {
    const present = new Set(left);
    const imported = new Set(left.flatMap((file) => graph.get(file) ?? []));
    const next = left.filter((file) => imported.has(file) && graph.get(file)?.some((to) => present.has(to)) === true);
    if (next.length === left.length) return next;
    left = next;
  }
}

test("the search finds a cycle, and only what leads through it", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["c"]],
    ["c", ["d", "b"]],
    ["d", []],
  ]);
  assert.deepEqual(inCycles(graph), ["b", "c"]);
});

test("there is no cycle of imports in the server and the client", () => {
  const graph = importGraph("server/src", "client/src");
  assert.ok([...graph.values()].flat().length > 500);
  assert.deepEqual(inCycles(graph), []);
});
