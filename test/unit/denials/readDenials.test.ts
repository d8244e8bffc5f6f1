import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { array, assert as hold, constantFrom, oneof, property, string } from "fast-check";
import type { Denial } from "../../../server/src/denials/denial.ts";
import { reportTime } from "../../../server/src/denials/time.ts";
import { createDenialReader, readDenials } from "../../../server/src/denials/readDenials.ts";

interface Item {
  readonly id: string;
  readonly text: string;
  readonly denials: readonly Readonly<Record<string, unknown>>[];
  readonly notUnderstood: number;
}

const root = join(import.meta.dirname, "../../..");
const items: readonly Item[] = JSON.parse(readFileSync(join(root, "test/fixtures/denials/corpus.json"), "utf8"));

/** Some are read only when they are asked for. */
function fieldOf(denial: Denial | undefined, key: string): unknown {
  if (denial?.kind === "avc" && key === "event") {
    const { exe, path, mode, syscall, success, address, proctitle } = denial.event;
    return { exe, path, mode, syscall, success, address, proctitle };
  }
  return denial === undefined ? undefined : Reflect.get(denial, key);
}

/** The fields that are expected, taken from what was read. */
function fieldsOf(denial: Denial | undefined, wanted: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, fieldOf(denial, key)]));
}

suite("every form of a denial", () => {
  for (const item of items) {
    test(item.id, () => {
      const { denials, notUnderstood } = readDenials(item.text);
      assert.equal(denials.length, item.denials.length, JSON.stringify(denials));
      item.denials.forEach((wanted, index) => assert.deepEqual(fieldsOf(denials[index], wanted), wanted));
      assert.equal(notUnderstood.length, item.notUnderstood, JSON.stringify(notUnderstood));
    });
  }
});

test("text in pieces gives the same as text as a whole", () => {
  const text = items.map((item) => item.text).join("\n");
  const whole = readDenials(text);
  for (const size of [1, 7, 64, 1000]) {
    const denials: Denial[] = [];
    const reader = createDenialReader(
      { denial: (each) => denials.push(each), notUnderstood: () => {} },
      { lookAlikes: true },
    );
    for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
    reader.end();
    assert.deepEqual(denials, whole.denials);
  }
});

test("only refusals are given where nothing else is wanted", () => {
  const text = items.map((item) => item.text).join("\n");
  const denials: Denial[] = [];
  const reader = createDenialReader(
    { denial: (each) => denials.push(each), notUnderstood: () => {} },
    { lookAlikes: false },
  );
  reader.push(text);
  reader.end();
  assert.ok(denials.length > 50);
  assert.ok(denials.every((denial) => denial.kind !== "nginx" || denial.refused));
});

test("no text makes the reader throw", () => {
  const piece = constantFrom(
    ...items.flatMap(({ text }) => text.split(/(?<=[\s={}()"])/u)),
    "\n",
    "\u001b[",
    "\0",
    "#012",
  );
  hold(
    property(array(oneof(piece, string()), { maxLength: 60 }), (pieces) => {
      readDenials(pieces.join(""));
    }),
    { numRuns: 300 },
  );
});

test("a line without an end is cut, and what follows is read", () => {
  const { denials } = readDenials(
    `type=AVC ${"x".repeat(400_000)}\nnginx: [emerg] bind() to 0.0.0.0:81 failed (13: Permission denied)`,
  );
  assert.equal(denials.length, 1);
});

test("of many records around different names each verdict and each pair of contexts is read once", () => {
  const lines = Array.from(
    { length: 1000 },
    (_, i) =>
      `type=AVC msg=audit(1769000001.250:${i}): avc:  denied  { ${i % 2 === 0 ? "read" : "open read"} } for  pid=${i} comm="nginx" name="${i}.html" ino=${i} scontext=a:b:httpd_t:s0 tcontext=a:b:${i % 3 === 0 ? "user_home_t" : "var_t"}:s0 tclass=file permissive=0`,
  );
  const records = readDenials(lines.join("\n")).denials.filter((denial) => denial.kind === "avc");
  assert.equal(records.length, 1000);
  assert.equal(new Set(records.map(({ name }) => name)).size, 1000);
  // Equal arrays that are the same object were made once.
  assert.equal(new Set(records.map(({ permissions }) => permissions)).size, 2);
  assert.deepEqual(new Set(records.map(({ target }) => target)), new Set(["user_home_t", "var_t"]));
});

test("a line of nginx's that is too long says so, and takes no more time than its length", () => {
  const head = 'nginx: [emerg] open() "';
  const long = `${head}${"x".repeat(200_000)}" failed (13: Permission denied)\n${head}/a" failed (13: Permission denied)`;
  const { denials, notUnderstood } = readDenials(long);
  assert.equal(denials.length, 1);
  assert.match(notUnderstood[0]?.reason ?? "", /longer than any line/);
  const { denials: none } = readDenials(head.repeat(100_000));
  assert.deepEqual(none, []);
});

test("a time is said with its zone, or without where nginx wrote none", () => {
  assert.equal(reportTime("1769000001.250", 1_769_000_001_250), "2026-01-21T12:53:21.250Z");
  assert.equal(reportTime("2026/01/21 10:02:03", null), "2026-01-21T10:02:03");
  assert.equal(reportTime("21/01/2026 09:15:00.700", null), null);
});

const shared = join(root, "../shared/denials/corpus.json");
const names: Readonly<Record<string, string>> = {
  class: "cls",
  source_type: "source",
  source_context: "sourceContext",
  target_type: "target",
  target_context: "targetContext",
  default_type: "defaultType",
  policy_rpm: "policyPackage",
  conf_file: "confFile",
  conf_line: "confLine",
  saddr: "sourceAddress",
  daddr: "destinationAddress",
  netif: "interface",
  lsm: "module",
};
const said = new Set(
  "client server request subrequest upstream host referrer login resolver responder peer certificate context".split(
    " ",
  ),
);

test("every field of lines that people pasted", { skip: existsSync(shared) ? false : "no such corpus here" }, () => {
  interface SharedItem {
    readonly id: string;
    readonly text: string;
    readonly expected: { readonly events: readonly Readonly<Record<string, unknown>>[] };
  }
  const pasted: readonly SharedItem[] = JSON.parse(readFileSync(shared, "utf8"));
  for (const { id, text, expected } of pasted) {
    const { denials } = readDenials(text);
    assert.equal(denials.length, expected.events.length, id);
    expected.events.forEach((event, index) => {
      const denial = denials[index];
      const names_: Readonly<Record<string, unknown>> = denial?.kind === "nginx" ? denial.said : {};
      for (const [key, wanted] of Object.entries(event)) {
        const name = names[key] ?? key;
        const value =
          key === "verdict"
            ? fieldOf(denial, "granted") === true
              ? "granted"
              : "denied"
            : said.has(key) && denial?.kind === "nginx"
              ? names_[key]
              : fieldOf(denial, name);
        assert.deepEqual(
          key === "capability" ? String(value) : value,
          key === "capability" ? String(wanted) : wanted,
          `${id} ${key}`,
        );
      }
    });
  }
});
