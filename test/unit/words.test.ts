/** Plain English in everything that the product says, its documents and its comments. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { STIFF } from "../support/messageForm.ts";

const root = join(import.meta.dirname, "../..");

/** The same for comments and titles of tests, where "what is" may stand. */
const STIFF_IN_COMMENTS = /\b(?:nobody|somebody|none of it)\b/iu;

/** Lines that may have such words, and why. */
const exceptions: readonly (readonly [path: string, words: RegExp, reason: string])[] = [
  ["test/support/messageForm.ts", /STIFF/u, "the list itself"],
  ["test/unit/words.test.ts", /STIFF|"what is"/u, "the list itself"],
];

/** Files below some directories of the project, by their paths in it. */
function below(directories: readonly string[], name: RegExp): readonly string[] {
  return directories.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
      .filter((path) => name.test(path) && !path.includes("node_modules"))
      .map((path) => join(directory, path).replaceAll("\\", "/")),
  );
}

const sources = below(["server/src", "client/src", "scripts"], /\.(?:ts|mjs)$/u);
const tests = below(["test"], /\.ts$/u);
const documents = [
  ...readdirSync(root).filter((name) => /\.(?:md|ya?ml)$|^package\.json$/u.test(name)),
  ...below(["docs", "server/src/rules/docs"], /\.md$/u),
];

/** Every line with one of the words: `path:line: text`. */
function linesWith(words: RegExp, paths: readonly string[], shown = (text: string): string => text): readonly string[] {
  return paths.flatMap((path) =>
    shown(readFileSync(join(root, path), "utf8"))
      .split("\n")
      .flatMap((line, i) =>
        words.test(line) && !exceptions.some(([where, what]) => where === path && what.test(line))
          ? [`${path}:${i + 1}: ${line.trim()}`]
          : [],
      ),
  );
}

/** A source with its comments blank: the rest is code, and the texts that it prints. */
function withoutComments(source: string): string {
  return source
    .replaceAll(/^[ \t]*\/\*[\s\S]*?\*\//gmu, (comment) => comment.replaceAll(/[^\n]/gu, ""))
    .replaceAll(/(?<=^|\s)\/\/ .*$/gmu, "");
}

test("no message, page, help or document hides who does it or which thing is meant", () => {
  assert.ok(sources.length > 200 && documents.length > 20, `${sources.length} sources, ${documents.length} documents`);
  assert.match(
    withoutComments('/** what is */\nconst text = "what is"; // what is\n'),
    /^\nconst text = "what is"; \n$/u,
  );
  assert.deepEqual(linesWith(STIFF, sources, withoutComments), []);
  assert.deepEqual(linesWith(STIFF, documents), []);
});

test("comments and titles of tests name the thing, too", () => {
  assert.deepEqual(linesWith(STIFF_IN_COMMENTS, [...sources, ...tests]), []);
});
