/**
 * nginx's own verdicts: what Debian's nginx takes has no nginx-syntax finding. What it refuses, of the kinds that we know,
 * is named nearly always; the share is printed.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { collect } from "../../server/src/analysis/collected.ts";
import { loadConfiguration } from "../../server/src/nginx/load/loadConfiguration.ts";
import { memoryReader } from "../support/memoryReader.ts";
import { mutantsOf, mutationKinds } from "../support/mutants.ts";
import { NginxOracle } from "../support/nginxOracle.ts";

const root = join(import.meta.dirname, "../..");
const oracle = NginxOracle.open();
if (oracle === null && process.env["ORACLE"] === "required")
  throw new Error(
    "ORACLE=required, but there is no nginx in .cache/oracle (scripts/oracle-setup.mjs), or no network namespace",
  );

/** Files below some directories, each as Latin-1. */
function textsBelow(directories: readonly string[]): ReadonlyMap<string, string> {
  const files = directories.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: "utf8" }).map((name) =>
      join(root, directory, name),
    ),
  );
  return new Map(
    files
      .filter((file) => statSync(file).isFile() && !file.endsWith(".links"))
      .map((file) => [file, readFileSync(file, "latin1")]),
  );
}

/** What we say that nginx refuses in a text, in nginx's words. Files that it includes are not there. */
async function refusals(text: string): Promise<readonly string[]> {
  const main = "/etc/nginx/nginx.conf";
  const configuration = await loadConfiguration(main, memoryReader({ [main]: Buffer.from(text, "latin1") }));
  return collect(configuration)
    .findings.filter(({ rule }) => rule === "nginx-syntax")
    .map(({ message }) => message)
    .filter((message) => !OF_ROOT.test(message));
}

/** Where it is not root, as here, nginx passes over the directive and does not count it (`ngx_set_user`). */
const OF_ROOT = /"user" directive is duplicate/;

/** Kinds of refusals that the table of directives, the parser and the checks of addresses know. */
const KNOWN =
  /is not terminated by|invalid number of arguments|is not allowed here|unexpected|is duplicate|duplicate listen|duplicate upstream|invalid parameter|unknown "\w+" variable|no port in|invalid (?:host|port|URL)|has no|too many/;

interface Tally {
  refused: number;
  named: number;
  readonly missed: Map<string, number>;
}

suite("nginx", { skip: oracle === null ? "Debian's nginx is not there" : false }, () => {
  if (oracle === null) return;
  after(() => oracle.close());
  const taken: string[] = [];
  const tally: Tally = { refused: 0, named: 0, missed: new Map() };

  /** Asks both; what nginx takes and we refuse is a failure, with both texts. */
  async function compare(name: string, asked: string): Promise<string | null> {
    const { text, error } = (await oracle?.ask(asked)) ?? { text: null, error: null };
    if (text === null) return null;
    const ours = await refusals(text);
    if (error === null) {
      assert.deepEqual(ours, [], `${name}: nginx takes it:\n${text}`);
      return text;
    }
    if (!KNOWN.test(error)) return null;
    tally.refused++;
    const words = error.replace(/".*?"/g, '"..."');
    if (ours.some((message) => message.includes(error))) tally.named++;
    else tally.missed.set(words, (tally.missed.get(words) ?? 0) + 1);
    return null;
  }

  test("takes our own fixtures and the sample, and so do we", async () => {
    for (const [name, text] of textsBelow([
      "test/fixtures/rules",
      "test/fixtures/syntax",
      "test/fixtures/trees",
      "sample/nginx",
    ])) {
      const judged = await compare(name, text);
      if (judged !== null) taken.push(judged);
    }
    assert.ok(taken.length > 50, `nginx takes only ${taken.length}`);
  });

  test("refuses mistakes that are made of them, which are named, and takes others, which we take too", async (t) => {
    const mutants = taken.flatMap(mutantsOf);
    for (const kind of mutationKinds) {
      const ofKind = mutants.filter((each) => each.kind === kind);
      // Spread over all texts: the same ones each time.
      const step = Math.max(1, Math.floor(ofKind.length / MOST_OF_KIND));
      const some = ofKind.filter((_, index) => index % step === 0).slice(0, MOST_OF_KIND);
      for (const { text } of some) await compare(kind, text);
    }
    const { refused, named, missed } = tally;
    t.diagnostic(`nginx refuses ${refused} texts for reasons of a known kind; ${named} are named in its words`);
    for (const [words, count] of missed) t.diagnostic(`not named ${count} times: ${words}`);
    assert.ok(refused > 40 && named / refused >= LEAST_NAMED, `${named} of ${refused}`);
  });

  // With NGINX_CORPUS=N and the files at hand: every N-th of some thousand files of other people.
  const corpus = join(root, "../shared/nginx/corpus");
  const every = Number(process.env["NGINX_CORPUS"] ?? "0");
  if (every > 0 && existsSync(corpus)) {
    test("takes files of other people, and so do we", async (t) => {
      const before = { ...tally };
      const wrong: string[] = [];
      for (const [file, text] of [...textsBelow(["../shared/nginx/corpus"])].filter(
        (_, index) => index % every === 0,
      )) {
        await compare(file, text).catch((error: unknown) => wrong.push(`${file}: ${String(error)}`));
      }
      t.diagnostic(`refused ${tally.refused - before.refused}, named ${tally.named - before.named}`);
      assert.deepEqual(wrong, []);
    });
  }
});

/** There are seven kinds. */
const MOST_OF_KIND = 14;
/** Measured: nearly all. What is left depends on values that only nginx's handlers know. */
const LEAST_NAMED = 0.8;
