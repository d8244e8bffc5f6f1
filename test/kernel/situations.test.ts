/** What the kernel refuses to nginx, the command line says, with commands that help: and nothing else. */
import assert from "node:assert/strict";
import { afterEach, test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Range } from "../../server/src/base/text.ts";
import type { DenialReport } from "../../server/src/report/denialReport.ts";
import type { Report, ReportFix } from "../../server/src/report/report.ts";
import { assertAgree, assertWorks } from "./agreement.ts";
import { configureNginx, tryNginx } from "./nginx.ts";
import { check, denials, guestOfRun, rulesOf } from "./product.ts";
import { situations, type Situation } from "./situations.ts";

const guest = guestOfRun();

// Commands in the guest are waited for: give the report its turn.
afterEach(() => setImmediate());

for (const situation of situations) {
  const verb = situation.finds.length === 0 ? "allows" : "refuses";
  test(`the kernel ${verb} nginx ${situation.name}, and so says the check`, (context) => {
    if (situation.prepare !== undefined) guest.run(situation.prepare);
    try {
      configureNginx(guest, situation.site);
      if (situation.finds.length === 0) allowed(situation);
      else refusedUntilFixed(situation, context);
    } finally {
      if (situation.clear !== undefined) guest.run(situation.clear);
    }
  });
}

function allowed({ url, warns = [] }: Situation): void {
  assertWorks(tryNginx(guest, url), "as it is");
  for (const user of ["root", "visitor"] as const) assert.deepEqual(rulesOf(check(guest, user).report), warns, user);
}

function refusedUntilFixed(situation: Situation, context: TestContext): void {
  const { url, broken, clear, finds, warns = [], canBeUndone = true } = situation;
  const restartBackend = (): void => {
    if (clear?.includes("stop backend") === true) guest.run("systemctl restart backend");
  };
  const since = guest.run("date '+%F %T'").trim();
  const before = tryNginx(guest, url);
  assert.deepEqual({ runs: before.runs, status: before.status }, broken, JSON.stringify(before));
  const { report, said } = check(guest);
  assert.doesNotMatch(said, /disagrees/);
  assert.deepEqual(rulesOf(report), finds, JSON.stringify(before));
  assertAgree(before, report.findings);
  assert.deepEqual(rulesOf(check(guest, "visitor").report), finds, "as an ordinary user");

  assertExplained(report, denials(guest, { since }).report);

  const fixes = preferredFixes(report);
  for (const [index, { id, commands }] of fixes.entries()) {
    // Each is needed: without the last of them it is refused still.
    if (index > 0) assert.equal(tryNginx(guest, url).status, broken?.status, `after ${index} of ${fixes.length} fixes`);
    const began = performance.now();
    guest.run(commands.join("\n"));
    context.diagnostic(`${id}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  assertWorks(tryNginx(guest, url), "after the fix");
  assert.deepEqual(rulesOf(check(guest).report), warns, "after the fix");
  assert.deepEqual(rulesOf(check(guest, "visitor").report), warns, "after the fix, as an ordinary user");
  restartBackend();
  assertWorks(tryNginx(guest, url), "after a restart of the backend");

  if (!canBeUndone) return;
  for (const { undo } of [...fixes].reverse()) guest.run(undo.join("\n"));
  restartBackend();
  const again = tryNginx(guest, url);
  assert.deepEqual({ runs: again.runs, status: again.status }, broken, "after the undo");
  assert.deepEqual(rulesOf(check(guest).report), finds, "after the undo");
}

/**
 * The guest's own logs are explained to the lines that the check names, with the check's own fix: what follows shows that
 * it works. A refusal that no line explains is none of this configuration's.
 */
function assertExplained({ findings }: Report, { denials: explained }: DenialReport): void {
  const lines = (places: readonly { readonly range: Range }[]): readonly number[] =>
    places.map(({ range }) => range.start.line);
  const named = new Set(lines(findings));
  const refused = explained.filter(({ verdict }) => verdict === "refused");
  assert.notEqual(refused.length, 0, JSON.stringify(explained));
  for (const { message, places, fixes } of refused) {
    assert.notEqual(places.length, 0, `${message}: no place`);
    for (const line of lines(places)) assert.ok(named.has(line), `${message}: line ${line + 1}`);
    const commands = fixes.find((fix) => fix.preferred)?.commands;
    assert.ok(
      findings.some((finding) => isDeepStrictEqual(finding.fixes.find((fix) => fix.preferred)?.commands, commands)),
      `${message}: ${JSON.stringify(commands)}`,
    );
  }
}

function preferredFixes(report: Report): readonly ReportFix[] {
  const fixes = new Map<string, ReportFix>();
  for (const finding of report.findings) {
    const preferred = finding.fixes.find((fix) => fix.preferred);
    assert.ok(preferred, `${finding.message}: no fix is preferred`);
    fixes.set(JSON.stringify(preferred.commands), preferred);
  }
  return [...fixes.values()];
}
