/** The situations that the kernel suite tries in its guest, held here to what can be known without one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configurationOf } from "../kernel/nginx.ts";
import { edited, predictionIn } from "../kernel/judged.ts";
import { kinds } from "../kernel/situations/index.ts";
import { cellsOf, pageText } from "../kernel/table.ts";
import { analysed } from "../support/planned.ts";
import { release } from "../rules/situation.ts";

const situations = kinds.flatMap(({ situations: some }) => some);
/** These include files which only the guest has. */
const parts = /include \/(?:srv|etc\/nginx\/(?:secret|private))/;

test("a configuration of the kernel suite is one that nginx accepts, and its name is its own", async () => {
  const policy = release("rhel9");
  for (const { name, site } of situations) {
    const text = configurationOf(site);
    const { findings } = await analysed(policy, text);
    const refused = findings.filter(({ rule }) => rule === "nginx-syntax");
    if (!parts.test(text)) assert.deepEqual(refused, [], name);
  }
  assert.equal(new Set(situations.map(({ name }) => name)).size, situations.length);
  assert.ok(situations.length >= 60, `${situations.length} situations`);
});

test("a fix that edits a configuration changes every place that it names", () => {
  const at = (line: number, from: number, to: number) => ({
    start: { line, character: from },
    end: { line, character: to },
  });
  const edits = [
    { file: "x", range: at(0, 4, 6), newText: "/etc/long" },
    { file: "x", range: at(1, 0, 1), newText: "k" },
  ];
  assert.equal(edited("crt /a;\ney /b;\n", edits), "crt /etc/long;\nky /b;\n");
});

test("the page of the kernel suite has a row for each situation, in a table for each kind", () => {
  const predicted = { refused: [], stops: false, warns: [] };
  const rows = kinds.flatMap(({ name, situations: some }) =>
    some.map((situation) => ({ kind: name, cells: cellsOf({ situation, predicted }), isRefused: false })),
  );
  const runs = [{ began: "2026-01-15T12:00:00.000Z", policy: "policy.33", date: "2026-01-15", minutes: 1 }];
  const gone = { kind: kinds[0]?.name ?? "", cells: ["a situation of before"], isRefused: true };
  const page = pageText({ rows: [gone, ...rows.toReversed()], others: [], runs });
  const places = situations.map(({ name }) => page.indexOf(`| ${name} | `));
  assert.ok(!places.includes(-1));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
    "in the order of the situations",
  );
  assert.doesNotMatch(page, /a situation of before/);
  assert.equal(page.match(/^## /gm)?.length, kinds.length + 2);
});

test("the page of the kernel suite says how many fixes were not asked after a reboot", () => {
  const names = situations.map(({ name }) => name);
  const pageOf = (reboots: readonly string[]): string => {
    const rows = reboots.map((afterReboot, index) => ({
      kind: kinds[0]?.name ?? "",
      cells: [names[index] ?? "", "connect-port", "502", "a fix", "works", afterReboot, "refused again"],
      isRefused: true,
    }));
    return pageText({
      rows,
      others: [],
      runs: [{ began: "2026-01-15T12:00:00.000Z", policy: "policy.33", date: "2026-01-15", minutes: 1 }],
    });
  };
  assert.match(pageOf(["-", "works", "-"]), /^In 2 rows a fix works and "-" stands after a reboot/m);
  assert.doesNotMatch(pageOf(["works"]), /stands after a reboot/);
});

test("an information is no prediction of a refusal", () => {
  const report = predictionIn({
    schema: 1,
    policy: {
      source: "live",
      name: "x",
      title: "x",
      provenance: "x",
      mode: "enforcing",
      exactLabels: true,
      reason: "",
    },
    container: null,
    files: [],
    notes: [],
    findings: [
      {
        rule: "write-path",
        severity: "information",
        message: "",
        file: "",
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
        access: null,
        because: [],
        fixes: [],
      },
    ],
  });
  assert.deepEqual(report, { refused: [], stops: false, warns: [] });
});
