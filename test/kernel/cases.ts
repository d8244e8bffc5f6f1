/** The situations of a group in the guest: prepared, checked, tried, mended and taken back. */
import assert from "node:assert/strict";
import type { ReportFix } from "../../server/src/report/report.ts";
import type { Guest, GuestUser } from "./guest.ts";
import { edited, predictionIn, type Prediction } from "./judged.ts";
import { configurationOf, configureNginx, curl, tryEach, type Outcome } from "./nginx.ts";
import { checkEach } from "./product.ts";
import { kinds } from "./situations/index.ts";
import { backend, stopBackend } from "./situations/situation.ts";
import type { Row } from "./table.ts";

const DIRECTORY = "/etc/nginx/situations";

/** One situation and what it has come to. */
export interface Case extends Row {
  readonly kind: string;
  /** Its configuration; the check reads it here, and nginx in nginx's own place. */
  readonly file: string;
  text: string;
  /** The fixes that are in place. */
  applied: readonly ReportFix[];
}

/** The cases of the situations in whose name, or in that of their kind, a pattern matches. */
export function casesOf(wanted: RegExp): readonly Case[] {
  return kinds
    .flatMap(({ name, situations }) => situations.map((situation) => ({ kind: name, situation })))
    .filter(({ kind, situation }) => wanted.test(kind) || wanted.test(situation.name))
    .map(({ kind, situation }, index) => ({
      kind,
      situation,
      file: `${DIRECTORY}/${String(index).padStart(2, "0")}.conf`,
      text: configurationOf(situation.site),
      applied: [],
    }));
}

/** Makes the files of all, and starts their backends. Gives those that could not be made, with the reason. */
export function prepare(guest: Guest, cases: readonly Case[]): ReadonlyMap<Case, unknown> {
  configureNginx(guest, {});
  guest.run("systemctl restart nginx");
  startPorts(guest, cases);
  return failuresOf(cases, ({ situation }) => void guest.run(`${situation.files ?? ""}\n${situation.starts ?? ""}`));
}

/** Starts all backends and mounts, also where they run already. Gives those cases for which that failed, with the reason. */
export function startAll(guest: Guest, cases: readonly Case[]): ReadonlyMap<Case, unknown> {
  startPorts(guest, cases);
  return failuresOf(cases, (each) => start(guest, each));
}

function failuresOf(cases: readonly Case[], work: (each: Case) => void): ReadonlyMap<Case, unknown> {
  const failed = new Map<Case, unknown>();
  for (const each of cases)
    try {
      work(each);
    } catch (error) {
      failed.set(each, error);
    }
  return failed;
}

function startPorts(guest: Guest, cases: readonly Case[]): void {
  const ports = [...new Set(cases.flatMap(({ situation }) => situation.ports ?? []))];
  if (ports.length > 0) guest.run(backend("ports", ports.map((port) => `http:${port}`).join(" ")));
}

/** Takes all of it back, also after a test that failed. */
export function cleanUp(guest: Guest, cases: readonly Case[]): void {
  for (const each of [...cases].reverse()) {
    const undo = [...each.applied].reverse().flatMap((fix) => fix.undo);
    for (const command of undo) guest.attempt(command);
    if (each.situation.ends !== undefined) guest.attempt(each.situation.ends);
  }
  guest.attempt(`${stopBackend("ports")}; rm -r ${DIRECTORY}`);
  configureNginx(guest, {});
}

/** What the check says of every configuration, from one run. */
export function checkAll(guest: Guest, user: GuestUser, cases: readonly Case[]): (each: Case) => Prediction {
  writeAll(guest, cases);
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

/** What nginx and the kernel say to each configuration as it is now. */
export function askAll(guest: Guest, cases: readonly Case[]): ReadonlyMap<Case, Outcome> {
  writeAll(guest, cases);
  const trials = cases.map(({ file, situation }) => ({
    file,
    asks: situation.asks ?? curl(situation.url ?? "http://127.0.0.1/"),
  }));
  const outcomes = tryEach(guest, trials);
  return new Map(cases.flatMap((each, index) => (outcomes[index] === undefined ? [] : [[each, outcomes[index]]])));
}

/** The same of one. */
export function ask(guest: Guest, each: Case): Outcome {
  const outcome = askAll(guest, [each]).get(each);
  assert.ok(outcome);
  return outcome;
}

/** Runs the commands of a fix; what another fix that is in place in `cases` has changed already is not changed again. */
export function apply(guest: Guest, cases: readonly Case[], each: Case, fix: ReportFix): void {
  const done = cases.flatMap(({ applied }) => applied.flatMap(({ commands }) => commands));
  each.applied = [...each.applied, fix];
  guest.run(without(fix.commands, done));
  each.text = textWith(each);
  // What a service makes anew has its default label again.
  if (fix.durable) start(guest, each);
}

/** Runs the undo of the last fix; what the undo of another one in `cases` takes back too is left to that. */
export function takeBack(guest: Guest, cases: readonly Case[], each: Case): void {
  const fix = each.applied.at(-1);
  assert.ok(fix, "there is a fix to take back");
  const earlier = each.applied.slice(0, -1);
  each.applied = earlier;
  const later = cases.flatMap(({ applied }) => applied.flatMap(({ undo }) => undo));
  guest.run(without(fix.undo, later));
  each.text = textWith(each);
  start(guest, each);
}

/** The commands that are not among others, as a script. Labels on disk are reset as often as is said. */
function without(commands: readonly string[], others: readonly string[]): string {
  return commands.filter((command) => /\brestorecon\b/.test(command) || !others.includes(command)).join("\n");
}

/** The configuration with the edits of all fixes that are in place: each names its places in the one as it was. */
function textWith({ situation, applied }: Case): string {
  return edited(
    configurationOf(situation.site),
    applied.flatMap(({ edits = [] }) => edits),
  );
}

function start(guest: Guest, { situation }: Case): void {
  if (situation.starts !== undefined) guest.run(situation.starts);
}

function writeAll(guest: Guest, cases: readonly Case[]): void {
  const files = cases.map(({ file, text }) => `cat >${file} <<'END_OF_FILE'\n${text}END_OF_FILE\n`);
  guest.run(`mkdir -p ${DIRECTORY}\n${files.join("")}`);
}
