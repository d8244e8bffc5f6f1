import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { parse } from "../../../server/src/nginx/tree/parse.ts";
import { record, type Recording } from "./recordedTokens.ts";

// An extra beside the project's own cases: recordings of nginx's tokenizer on files that are not ours to publish.
const shared = new URL("../../../../shared/nginx/", import.meta.url);

/** A regression that loops must fail here and not at the end of the CI job. */
const LIMIT = { timeout: 10_000 };

if (existsSync(shared)) {
  test("every recorded tokenizer case reads as nginx reads it", LIMIT, (t) => {
    const cases: (Recording & { name: string; text: string })[] = JSON.parse(
      readFileSync(new URL("tokenizer-cases.json", shared), "utf8"),
    );
    for (const { name, text, ok, error, line, statements } of cases) {
      const tree = parse(Buffer.from(text, "latin1"));
      assert.deepEqual(record(tree), { ok, error, line, statements }, name);
    }
    t.diagnostic(`${cases.length} recorded cases compared`);
  });

  test("every file of the corpus reads as nginx reads it", { timeout: 120_000 }, async (t) => {
    const rows = gunzipSync(readFileSync(new URL("corpus-tokens.jsonl.gz", shared)))
      .toString("utf8")
      .split("\n")
      .filter((row) => row !== "");
    let statementCount = 0;
    for (const row of rows) {
      const { id, ok, error, line, statements }: Recording & { id: string } = JSON.parse(row);
      const bytes = readFileSync(new URL(`corpus/${id}.conf`, shared));
      const started = performance.now();
      const tree = parse(bytes);
      assert.ok(performance.now() - started < 10_000, `${id} took too long`);
      assert.deepEqual(record(tree), { ok, error, line, statements }, id);
      statementCount += statements.length;
    }
    assert.equal(rows.length, 2787);
    t.diagnostic(`${rows.length} files, ${statementCount} recorded statements compared`);
  });
}
