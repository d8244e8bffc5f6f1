/**
 * What the kernel refuses to nginx, the command line says, with commands that help: and nothing else. All situations are
 * there at once, so that one check judges all of them and one reboot is enough.
 */
import assert from "node:assert/strict";
import { after, afterEach, before, suite, test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { ReportFix } from "../../server/src/report/report.ts";
import { assertWorks } from "./agreement.ts";
import { apply, ask, askAll, casesOf, checkAll, cleanUp, prepare, startAll, takeBack, type Case } from "./cases.ts";
import { reboot } from "./guest.ts";
import {
  assertExplained,
  assertPredicted,
  assertVisitor,
  isRefused,
  preferredFixes,
  type Prediction,
} from "./judged.ts";
import { configureNginx, logOf, works, type Outcome } from "./nginx.ts";
import { addressOfRun, explainEach, guestOfRun } from "./product.ts";
import { keepSeen, seenSoFar, type OtherFix } from "./seen.ts";
import { cellsOf, outcomeText, writePage } from "./table.ts";

const guest = guestOfRun();
/** A pattern in the names of kinds or of situations: those alone are tried. */
const wanted = process.env["KERNEL_TEST_KIND"] ?? "";
const FAILED = "failed";

// Commands in the guest are waited for: give the report its turn.
afterEach(() => setImmediate());

const cases = casesOf(new RegExp(wanted));
const others: OtherFix[] = [];
/** In which a test failed. */
const failed = new Set<Case>();
/** The last test has been reached: nothing that makes a row is missing. */
let isWhole = false;

suite("situations", () => {
  before(() => {
    for (const [each, error] of prepare(guest, cases)) fail(each, error);
  });

  after(() => {
    cleanUp(guest, cases);
    for (const each of cases) console.log(`# ${cellsOf(each).join(" | ")}`);
    if (!isWhole) return;
    const rows = cases
      .filter((each) => !failed.has(each))
      .map((each) => ({ kind: each.kind, cells: cellsOf(each), isRefused: refused().includes(each) }));
    writePage(keepSeen(guest, { rows, others: others.filter(({ result }) => result !== FAILED) }));
  });

  test("the check predicts what the kernel does", (context) => {
    const predictions = checkAll(guest, "root", cases);
    const visitors = checkAll(guest, "visitor", cases);
    const outcomes = askAll(guest, cases);
    return forEach(cases, context, (each) => {
      const outcome = seenOf(each, outcomes);
      const predicted = predictions(each);
      Object.assign(each, { outcome, predicted });
      assertPredicted(each.situation, predicted, outcome);
      assertVisitor(each.situation, visitors(each), predicted);
    });
  });

  test("the records and nginx's own log are explained, with the line and the same fix", (context) => {
    const reports = explainEach(
      guest,
      refused().map(({ file }) => ({ config: file, log: logOf(file) })),
    );
    return forEach(refused(), context, (each) => {
      const report = reports[refused().indexOf(each)];
      assert.ok(report);
      assertExplained(predictionOf(each).refused, report);
    });
  });

  test("a fix that is not the preferred one works too, and can be taken back: each kind once", async (context) => {
    for (const [each, fix] of otherFixes())
      await forEach([each], context, () => {
        const { situation } = each;
        let result = FAILED;
        try {
          apply(guest, cases, each, fix);
          assertWorks(ask(guest, each), "after the fix");
          result = situation.staysFixed ?? "works; refused again after its undo";
        } finally {
          others.push({ id: fix.id, title: fix.title, situation: situation.name, result });
          takeBack(guest, cases, each);
        }
        if (situation.staysFixed === undefined) assertAgain(each, ask(guest, each));
      });
  });

  test("the preferred fix makes nginx work", (context) =>
    forEach(mended(), context, (each, subtest) => {
      each.fixes = preferredFixes(each.situation, predictionOf(each));
      for (const fix of each.fixes) {
        const from = performance.now();
        apply(guest, cases, each, fix);
        subtest.diagnostic(`${fix.id}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
      }
      const outcome = ask(guest, each);
      each.afterFix = isRefused(outcome) ? outcomeText(outcome) : "works";
      assertWorks(outcome, "after the fix");
    }));

  test("after the fixes the check says that nothing is refused", (context) => {
    const seen = { root: checkAll(guest, "root", cases), visitor: checkAll(guest, "visitor", cases) };
    return forEach(mended(), context, (each) => {
      for (const predictions of Object.values(seen)) {
        const { refused: still, warns } = predictions(each);
        assert.deepEqual([still.map(({ message }) => message), warns], [[], each.situation.warns ?? []]);
      }
    });
  });

  test("all work after a reboot", async (context) => {
    configureNginx(guest, {});
    await reboot(addressOfRun());
    for (const [each, error] of startAll(guest, cases)) fail(each, error);
    const working = cases.filter(({ situation }) => situation.unfixed === undefined);
    const outcomes = askAll(guest, working);
    await forEach(working, context, (each) => {
      const outcome = seenOf(each, outcomes);
      each.afterReboot = isRefused(outcome) ? outcomeText(outcome) : "works";
      if (each.situation.unsaid === undefined) assertWorks(outcome, "after a reboot");
    });
  });

  test("the printed undo brings the refusal back", (context) => {
    isWhole = true;
    const notUndone = new Map<Case, unknown>();
    for (const each of [...cases].reverse())
      try {
        while (each.applied.length > 0) takeBack(guest, cases, each);
      } catch (error) {
        notUndone.set(each, error);
      }
    const outcomes = askAll(guest, mended());
    return forEach(mended(), context, (each) => {
      assert.equal(notUndone.get(each), undefined);
      const outcome = seenOf(each, outcomes);
      each.afterUndo = each.situation.staysFixed ?? (isRefused(outcome) ? "refused again" : "works");
      if (each.situation.staysFixed === undefined) assertAgain(each, outcome);
    });
  });

  /** A subtest for each case. */
  async function forEach(
    some: readonly Case[],
    context: TestContext,
    body: (each: Case, subtest: TestContext) => void,
  ): Promise<void> {
    for (const each of some)
      await context.test(`nginx and ${each.situation.name}`, (subtest) => {
        try {
          body(each, subtest);
        } catch (error) {
          fail(each, error);
          throw error;
        }
      });
  }

  function refused(): readonly Case[] {
    return cases.filter(({ predicted }) => predicted !== undefined && predicted.refused.length > 0);
  }

  /** The refused ones that commands alone mend. */
  function mended(): readonly Case[] {
    return refused().filter(({ situation }) => situation.unfixed === undefined);
  }

  /**
   * One fix of each kind that is not the preferred one of its finding, where the finding is the only one, and no
   * earlier run has shown that kind. A fix that changes what the service is configured to do needs more than its commands.
   */
  function otherFixes(): readonly (readonly [Case, ReportFix])[] {
    const ids = new Set(seenSoFar().others.map(({ id }) => id));
    const found: (readonly [Case, ReportFix])[] = [];
    for (const each of refused()) {
      const [finding, second] = predictionOf(each).refused;
      if (finding === undefined || second !== undefined) continue;
      for (const fix of finding.fixes) {
        if (fix.preferred || fix.edits !== undefined || ids.has(fix.id)) continue;
        ids.add(fix.id);
        found.push([each, fix]);
      }
    }
    return found;
  }
});

/** Says at once what failed: the report of the failures comes at the end, which is far. */
function fail(each: Case, error: unknown): void {
  failed.add(each);
  console.log(`# ${each.situation.name}: ${error instanceof Error ? error.message : String(error)}`);
}

function seenOf(each: Case, outcomes: ReadonlyMap<Case, Outcome>): Outcome {
  const outcome = outcomes.get(each);
  assert.ok(outcome, `${each.situation.name}: nginx was not tried`);
  return outcome;
}

/** A worker that fails closes the connection, or answers 500: either will do. */
function assertAgain({ outcome }: Case, again: Outcome): void {
  assert.ok(outcome);
  assert.equal(again.runs, outcome.runs, "after the undo");
  assert.equal(works(again), works(outcome), `${again.status} after the undo, ${outcome.status} before the fix`);
}

function predictionOf({ situation, predicted }: Case): Prediction {
  assert.ok(predicted, `${situation.name}: the check was not run`);
  return predicted;
}
