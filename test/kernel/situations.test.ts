/**
 * What the kernel refuses to nginx, the command line says, with commands that help: and nothing else. All situations are
 * there at once, so that one check judges all of them and one reboot is enough.
 */
import assert from "node:assert/strict";
import { after, afterEach, before, suite, test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { ReportFix } from "../../server/src/report/report.ts";
import { assertWorks } from "./agreement.ts";
import { reboot, type GuestUser } from "./guest.ts";
import {
  assertExplained,
  assertPredicted,
  assertVisitor,
  edited,
  isRefused,
  predictionIn,
  preferredFixes,
  type Prediction,
} from "./judged.ts";
import { configurationOf, configureNginx, curl, MAIN, tryNginx, type Outcome } from "./nginx.ts";
import { addressOfRun, checkEach, denials, guestOfRun } from "./product.ts";
import { kinds } from "./situations/index.ts";
import { backend, stopBackend } from "./situations/situation.ts";
import { outcomeText, pageText, writePage, type OtherFix, type Row } from "./table.ts";

/** One situation and what it has come to. */
interface Case extends Row {
  /** Its configuration; the check reads it here, and nginx in nginx's own place. */
  readonly file: string;
  text: string;
  /** The fixes that were run. */
  readonly applied: ReportFix[];
}

const guest = guestOfRun();
const wanted = process.env["KERNEL_TEST_KIND"];
const began = performance.now();
const cases: readonly Case[] = kinds
  .flatMap(({ name, situations }) => situations.map((situation) => ({ kind: name, situation })))
  .filter(({ kind }) => wanted === undefined || kind.includes(wanted))
  .map(({ kind, situation }, index) => ({
    kind,
    situation,
    file: `/etc/nginx/situations/${String(index).padStart(2, "0")}.conf`,
    text: configurationOf(situation.site),
    applied: [],
  }));
const others: OtherFix[] = [];
let isGood = true;
/** The last test has been reached: nothing that makes a row is missing. */
let isWhole = false;
let policy = "";

// Commands in the guest are waited for: give the report its turn.
afterEach(() => setImmediate());

suite("situations", () => {
  before(() => {
    configureNginx(guest, {});
    guest.run("systemctl restart nginx");
    for (const { situation } of cases) if (situation.files !== undefined) guest.run(situation.files);
    startAll();
    policy = guest.run("basename /etc/selinux/*/policy/policy.*; dpkg-query -W selinux-policy-default").trim();
  });

  after(() => {
    for (const { situation } of [...cases].reverse()) if (situation.ends !== undefined) guest.attempt(situation.ends);
    guest.attempt(`${stopBackend("ports")}; rm -r /etc/nginx/situations`);
    configureNginx(guest, {});
    const minutes = Math.round((performance.now() - began) / 60_000);
    const page = { policy: policy.replace(/\s+/g, " "), rows: cases, others, minutes };
    if (wanted === undefined && isGood && isWhole) writePage(page);
    else console.log(pageText(page));
  });

  test("the check predicts what the kernel does", (context) => {
    const predictions = checkAll("root");
    const visitors = checkAll("visitor");
    return forEach(cases, context, (each) => {
      const since = guest.run("date '+%F %T'").trim();
      const { situation } = each;
      const outcome = ask(each);
      const predicted = predictions(each);
      Object.assign(each, { outcome, predicted });
      assertPredicted(situation, predicted, outcome);
      assertVisitor(situation, visitors(each), predicted);
      if (predicted.refused.length > 0) assertExplained(predicted.refused, denials(guest, { since }).report);
    });
  });

  test("a fix that is not the preferred one works too, and can be taken back: each kind once", async (context) => {
    for (const [each, fix] of otherFixes())
      await forEach([each], context, () => {
        let result = "failed";
        try {
          apply(each, fix);
          assertWorks(ask(each), "after the fix");
          takeBack(each, fix);
          if (each.situation.staysFixed === undefined) assertAgain(each, ask(each));
          result = each.situation.staysFixed ?? "works; refused again after its undo";
        } finally {
          others.push({ id: fix.id, title: fix.title, situation: each.situation.name, result });
        }
      });
  });

  test("the preferred fix makes nginx work", (context) =>
    forEach(fixedCases(), context, (each, subtest) => {
      each.fixes = preferredFixes(each.situation, predictionOf(each));
      for (const fix of each.fixes) {
        const from = performance.now();
        apply(each, fix);
        each.applied.push(fix);
        subtest.diagnostic(`${fix.id}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
      }
      const outcome = ask(each);
      each.afterFix = isRefused(outcome) ? outcomeText(outcome) : "works";
      assertWorks(outcome, "after the fix");
    }));

  test("after the fixes the check says that nothing is refused", (context) => {
    const seen = { root: checkAll("root"), visitor: checkAll("visitor") };
    return forEach(fixedCases(), context, (each) => {
      for (const predictions of Object.values(seen)) {
        const { refused, warns } = predictions(each);
        assert.deepEqual([refused.map(({ message }) => message), warns], [[], each.situation.warns ?? []]);
      }
    });
  });

  test("all work after a reboot", async (context) => {
    configureNginx(guest, {});
    await reboot(addressOfRun());
    startAll();
    const working = cases.filter(({ situation }) => situation.unfixed === undefined);
    await forEach(working, context, (each) => {
      const outcome = ask(each);
      each.afterReboot = isRefused(outcome) ? outcomeText(outcome) : "works";
      if (each.situation.unsaid === undefined) assertWorks(outcome, "after a reboot");
    });
  });

  test("the printed undo brings the refusal back", (context) => {
    isWhole = true;
    const failed = new Map<Case, unknown>();
    for (const each of [...cases].reverse())
      for (const fix of [...each.applied].reverse())
        try {
          takeBack(each, fix);
        } catch (error) {
          failed.set(each, error);
        }
    return forEach(fixedCases(), context, (each) => {
      assert.equal(failed.get(each), undefined);
      const outcome = ask(each);
      each.afterUndo = each.situation.staysFixed ?? (isRefused(outcome) ? "refused again" : "works");
      if (each.situation.staysFixed === undefined) assertAgain(each, outcome);
    });
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
        isGood = false;
        throw error;
      }
    });
}

/** Starts all backends and mounts, also where they run already. */
function startAll(): void {
  const ports = [...new Set(cases.flatMap(({ situation }) => situation.ports ?? []))];
  guest.run(backend("ports", ports.map((port) => `http:${port}`).join(" ")));
  for (const each of cases) start(each);
}

function start({ situation }: Case): void {
  if (situation.starts !== undefined) guest.run(situation.starts);
}

/** What the check says of every configuration, from one run. */
function checkAll(user: GuestUser): (each: Case) => Prediction {
  for (const { file, text } of cases) guest.write(file, text);
  configureNginx(guest, {});
  guest.run("systemctl restart nginx");
  const files = cases.map(({ file }) => file);
  const { reports, said, seconds } = checkEach(guest, user, files);
  console.log(`# ${cases.length} configurations, checked as ${user}: ${seconds.toFixed(1)} s`);
  assert.doesNotMatch(said, /disagrees/);
  return (each) => {
    const report = reports[cases.indexOf(each)];
    assert.ok(report, `no report of ${each.file}`);
    return predictionIn(report);
  };
}

function ask({ text, situation }: Case): Outcome {
  guest.write(MAIN, text);
  return tryNginx(guest, situation.asks ?? curl(situation.url ?? "http://127.0.0.1/"));
}

function apply(each: Case, fix: ReportFix): void {
  guest.run(fix.commands.join("\n"));
  each.text = edited(each.text, fix);
  start(each);
}

function takeBack(each: Case, fix: ReportFix): void {
  guest.run(fix.undo.join("\n"));
  each.text = configurationOf(each.situation.site);
  start(each);
}

function assertAgain({ outcome }: Case, { runs, status }: Outcome): void {
  assert.deepEqual({ runs, status }, { runs: outcome?.runs, status: outcome?.status }, "after the undo");
}

function predictionOf({ situation, predicted }: Case): Prediction {
  assert.ok(predicted, `${situation.name}: the check was not run`);
  return predicted;
}

function refusedCases(): readonly Case[] {
  return cases.filter(({ predicted }) => predicted !== undefined && predicted.refused.length > 0);
}

/** The refused ones that commands alone mend. */
function fixedCases(): readonly Case[] {
  return refusedCases().filter(({ situation }) => situation.unfixed === undefined);
}

/**
 * One fix of each kind that is not the preferred one of its finding, where the finding is the only one. A fix that changes
 * what the service is configured to do needs more than its commands.
 */
function otherFixes(): readonly (readonly [Case, ReportFix])[] {
  const found = new Map<string, readonly [Case, ReportFix]>();
  for (const each of refusedCases()) {
    const [finding, second] = predictionOf(each).refused;
    if (finding === undefined || second !== undefined) continue;
    for (const fix of finding.fixes)
      if (!fix.preferred && fix.edits === undefined && !found.has(fix.id)) found.set(fix.id, [each, fix]);
  }
  return [...found.values()];
}
