import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { analyzeMain } from "../../support/accesses.ts";

/** A configuration with an address in it and the newest nginx's verdict; kept beside the project, not in it. */
const source = new URL("../../../../shared/nginx/address-cases.json", import.meta.url);

interface AddressCase {
  readonly name: string;
  readonly context: string;
  readonly text: string;
  readonly ok: boolean;
  readonly error: string | null;
  readonly class: readonly string[];
}

const around: Readonly<Record<string, readonly [before: string, after: string]>> = {
  main: ["", ""],
  http: ["events {}\nhttp {\n", "\n}\n"],
  stream: ["events {}\nstream {\n", "\n}\n"],
  mail: ["events {}\nmail {\n", "\n}\n"],
  server: ["events {}\nhttp { server {\n", "\n} }\n"],
};

/** What depends on a resolver or on the machine, and directives that a module may bring. */
const undecided = new Set(["host-not-found", "env", "unknown-directive"]);

function isCase(value: unknown): value is AddressCase {
  return typeof value === "object" && value !== null && "text" in value && "ok" in value && "class" in value;
}

/** nginx's message up to the name of a file, which is another one here. */
function withoutFile(message: string): string {
  return message.replace(/ in \S*:\d+/, "");
}

test("nginx's verdicts on recorded addresses are ours", { skip: !existsSync(source) }, async () => {
  const cases: unknown = JSON.parse(readFileSync(source, "utf8"));
  assert.ok(Array.isArray(cases));
  assert.ok(cases.length > 100);
  for (const each of cases) {
    assert.ok(isCase(each));
    const [before, after] = around[each.context] ?? ["", ""];
    const { problems } = await analyzeMain(before + each.text + after);
    const said = problems.map(withoutFile);
    if (each.ok) assert.deepEqual(said, [], each.text);
    else if (!each.class.some((name) => undecided.has(name))) {
      const error = withoutFile(each.error ?? "").slice(0, 80);
      assert.equal(said[0]?.slice(0, 80), error, each.text);
    }
  }
});
