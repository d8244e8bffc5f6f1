/** Holds the direction of imports: text <- {nginx, selinux} <- {rules, fixes} <- features <- languageService <- {server, cli}. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

const root = resolve(import.meta.dirname, "../..");
const server = join(root, "server/src");

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function sourcesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(directory, name));
}

/** Imports of a file; relative ones as paths from the project's root, packages by name. */
function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const pattern = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;
  return [...text.matchAll(pattern)].map((match) => {
    const target = match[2] ?? match[3] ?? "";
    return {
      from: relative(root, file),
      to: target.startsWith(".") ? relative(root, resolve(dirname(file), target)) : target,
      typeOnly: match[1] !== undefined,
    };
  });
}

/** The layer of a file of the server, by its folder or, at the top, by its name. */
function layerOf(path: string): string {
  const inside = path.replace(/^server\/src\//, "");
  const folder = inside.split("/")[0] ?? "";
  return folder.replace(/\.ts$/, "");
}

/** What each layer may import besides itself. Layers that are not listed are the top: they may import any of these. */
const below: Readonly<Record<string, readonly string[]>> = {
  text: [],
  // Of the host nginx takes how the files of a copy lie.
  nginx: ["text", "host"],
  // Reads build files; of nginx it takes the wildcards.
  containers: ["nginx"],
  // Lines of logs: neither nginx's tree nor the policy.
  denials: [],
  // The live provider reads a host; what it may touch of the world is the interface.
  selinux: ["text", "host", "osRelease"],
  fixes: ["text", "nginx", "selinux"],
  rules: ["text", "nginx", "selinux", "fixes"],
};

/** Layers that speak LSP, and layers that know Node. */
const knowsLsp = new Set(["features", "server", "main", "lsp"]);
const knowsNode = new Set(["hostNode", "cli", "main"]);
/** What wires everything: nothing below may import it. */
const top = new Set(["server", "lsp", "main", "cli", "hostNode", "languageService"]);

const imports = sourcesBelow(server).flatMap(importsOf);

test("the check sees the sources and their imports", () => {
  assert.ok(imports.length > 50, `only ${imports.length} imports were found`);
  assert.ok(imports.some((each) => each.to === "server/src/text.ts"));
});

test("each layer of the engine imports only the layers below it", () => {
  const wrong = imports.filter(({ from, to }) => {
    const allowed = below[layerOf(from)];
    return (
      allowed !== undefined &&
      to.startsWith("server/src/") &&
      layerOf(to) !== layerOf(from) &&
      !["base", ...allowed].includes(layerOf(to))
    );
  });
  assert.deepEqual(wrong, []);
});

test("fixes and rules know accesses and configurations of nginx, not how it is parsed", () => {
  const wrong = imports.filter(
    ({ from, to }) => ["fixes", "rules"].includes(layerOf(from)) && /nginx\/(lexer|parse|load|collect)/.test(to),
  );
  assert.deepEqual(wrong, []);
});

test("only the host, the command line and the entry of the server import Node", () => {
  assert.deepEqual(
    imports.filter(({ from, to }) => to.startsWith("node:") && !knowsNode.has(layerOf(from))),
    [],
  );
});

test("only features and the server import LSP, and nothing of the server imports vscode", () => {
  assert.deepEqual(
    imports.filter(
      ({ from, to }) =>
        to.startsWith("vscode-languageserver") && !knowsLsp.has(layerOf(from)) && !/languageService/.test(from),
    ),
    [],
  );
  assert.deepEqual(
    imports.filter(({ to }) => to === "vscode"),
    [],
  );
});

test("nothing below the language service imports what stands above it", () => {
  const wrong = imports.filter(
    ({ from, to }) => to.startsWith("server/src/") && !top.has(layerOf(from)) && top.has(layerOf(to)),
  );
  assert.deepEqual(wrong, []);
});

test("the client shares only protocol.ts, settings.ts and bundledReleases.ts with the server", () => {
  const shared = new Set(["server/src/protocol.ts", "server/src/settings.ts", "server/src/bundledReleases.ts"]);
  const wrong = sourcesBelow(join(root, "client/src"))
    .flatMap(importsOf)
    .filter(({ to }) => to.startsWith("server/") && !shared.has(to));
  assert.deepEqual(wrong, []);
});
