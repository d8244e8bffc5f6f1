/** Holds the plan of the house: every file lies in a room, and a room imports only rooms of lower floors. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

const root = resolve(import.meta.dirname, "../..");
const server = join(root, "server/src");

/**
 * The rooms of server/src from the ground up; a single file stands for itself. Rooms of one floor do not import each
 * other.
 */
const floors: readonly (readonly string[])[] = [
  ["base"],
  ["host"],
  ["permissions"],
  ["nginx/access.ts"],
  ["nginx/tree"],
  ["nginx/load"],
  ["nginx/blocks"],
  ["nginx/handlers"],
  ["nginx/walk"],
  ["nginx/files", "nginx/passes"],
  ["nginx/collectAccesses.ts"],
  ["selinux"],
  ["selinux/binary"],
  ["selinux/files"],
  ["selinux/host"],
  ["containers", "denials"],
  ["fixes"],
  ["fixes/plan"],
  ["rules"],
  ["shared"],
  ["analysis"],
  ["providers"],
  ["workspace"],
  ["offers"],
  ["report"],
  ["features/names"],
  ["features"],
  ["features/completion"],
  ["languageService.ts"],
  ["assistant"],
  ["lsp", "mcp"],
  ["main.ts"],
  ["cli"],
  ["cli.ts"],
];

/** Rooms that never import each other, though one lies above the other. */
const apart = ["nginx", "selinux", "denials"];
/** Rooms and files that know Node, and those that know LSP. */
const knowsNode = ["host/hostNode.ts", "main.ts", "cli", "cli.ts"];
const knowsLsp = ["features", "lsp", "main.ts"];

interface Import {
  /** Below server/src, or from the project's root for a file elsewhere. */
  readonly from: string;
  /** The same; a package by its name. */
  readonly to: string;
}

function sourcesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(directory, name));
}

/** The path below server/src; from the root for anything else. */
function nameOf(path: string): string {
  const inside = relative(server, path);
  return inside.startsWith("..") ? relative(root, path) : inside;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const pattern = /^(?:import|export)\s+(?:type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;
  return [...text.matchAll(pattern)].map((match) => {
    const target = match[1] ?? match[2] ?? "";
    return { from: nameOf(file), to: target.startsWith(".") ? nameOf(resolve(dirname(file), target)) : target };
  });
}

/** The floor of a file of server/src: by its own name, or by its directory; -1 where it lies in no room. */
function floorOf(file: string): number {
  const own = floors.findIndex((rooms) => rooms.includes(file));
  return own >= 0 ? own : floors.findIndex((rooms) => rooms.includes(dirname(file)));
}

function roomOf(file: string): string {
  return floors.flat().includes(file) ? file : dirname(file);
}

/** True for a file in one of the rooms, or named itself. */
function isIn(file: string, rooms: readonly string[]): boolean {
  return rooms.some((room) => file === room || file.startsWith(`${room}/`));
}

const sources = sourcesBelow(server);
const imports = sources.flatMap(importsOf);
const inside = imports.filter(({ to }) => sources.includes(join(server, to)));

test("the check sees the sources and their imports", () => {
  assert.ok(inside.length > 500, `only ${inside.length} imports were found`);
  assert.ok(inside.some(({ to }) => to === "base/text.ts"));
  assert.deepEqual(
    imports.filter(({ to }) => to.endsWith(".ts") && !sources.includes(join(server, to))),
    [],
  );
});

test("every file lies in a room, and every room has files", () => {
  assert.deepEqual(
    sources.map(nameOf).filter((file) => floorOf(file) < 0),
    [],
  );
  const rooms = new Set(sources.map(nameOf).map(roomOf));
  assert.deepEqual(
    floors.flat().filter((room) => !rooms.has(room)),
    [],
  );
});

test("a room imports only rooms of lower floors", () => {
  const wrong = inside.filter(({ from, to }) => roomOf(from) !== roomOf(to) && floorOf(to) >= floorOf(from));
  assert.deepEqual(wrong, []);
});

test("nginx, selinux and denials do not know each other", () => {
  const wing = (file: string): string | undefined => apart.find((room) => isIn(file, [room]));
  const wrong = inside.filter(({ from, to }) => {
    const [here, there] = [wing(from), wing(to)];
    return here !== undefined && there !== undefined && here !== there;
  });
  assert.deepEqual(wrong, []);
});

test("fixes and rules know accesses and configurations of nginx, not how it is parsed", () => {
  const wrong = inside.filter(
    ({ from, to }) =>
      isIn(from, ["fixes", "rules"]) &&
      isIn(to, ["nginx"]) &&
      !["nginx/access.ts", "nginx/load/configuration.ts", "nginx/tree/tree.ts"].includes(to),
  );
  assert.deepEqual(wrong, []);
});

test("only the host, the command line and the entries import Node; only entries and the command line take that host", () => {
  assert.deepEqual(
    imports.filter(({ from, to }) => to.startsWith("node:") && !isIn(from, knowsNode)),
    [],
  );
  assert.deepEqual(
    inside.filter(({ from, to }) => to === "host/hostNode.ts" && !isIn(from, knowsNode)),
    [],
  );
});

test("only features and the server import LSP, and nothing of the server imports vscode", () => {
  assert.deepEqual(
    imports.filter(({ from, to }) => to.startsWith("vscode-languageserver") && !isIn(from, knowsLsp)),
    [],
  );
  assert.deepEqual(
    imports.filter(({ to }) => to === "vscode"),
    [],
  );
});

test("the client shares only base and shared with the server", () => {
  const wrong = sourcesBelow(join(root, "client/src"))
    .flatMap(importsOf)
    .filter(({ to }) => sources.includes(join(server, to)) && !isIn(to, ["shared", "base"]));
  assert.deepEqual(wrong, []);
});
