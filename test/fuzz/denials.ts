/**
 * Mutated lines for the reader of denials: `npm run fuzz -- [COUNT] [SEED]`, 1,000,000 unless told otherwise. Nothing may
 * throw, and twice the text may take no more than about twice the time.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readDenials } from "../../server/src/denials/readDenials.ts";

const count = Number(process.argv[2] ?? 1_000_000);
let seed = Number(process.argv[3] ?? 20_260_121) >>> 0;

/** A number from 0 to below `limit`, the same for the same seed. */
function random(limit: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 4_294_967_296) * limit);
}

const items: readonly { readonly text: string }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/denials/corpus.json"), "utf8"),
);
const pieces = [
  ...'"{}()<>[]=:\\`\n\t\0&|#;,',
  "type=AVC ",
  "avc:",
  "msg=audit(",
  "\u001b[31m",
  "#012",
  "SELinux is preventing ",
  " failed (13: Permission denied)",
  "&quot;",
  "allow a b:c d;",
  "\u001d",
  "é",
  "$(reboot)",
  "41".repeat(50),
];

function mutated(text: string): string {
  const at = random(text.length + 1);
  const piece = pieces[random(pieces.length)] ?? "";
  switch (random(6)) {
    case 0:
      return text.slice(0, at) + piece + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + random(30));
    case 2:
      return text.slice(0, at);
    case 3:
      return text.slice(at) + text.slice(0, at);
    case 4:
      return text.slice(0, at) + piece.repeat(random(100)) + text.slice(at);
    default: {
      const from = random(text.length + 1);
      return text.slice(0, at) + text.slice(from, from + random(120)) + text.slice(at);
    }
  }
}

/** Milliseconds of processor time. */
function spent(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

let denials = 0;
for (let i = 0; i < count; i++) {
  let text = items[random(items.length)]?.text ?? "";
  for (let changes = 1 + random(5); changes > 0; changes--) text = mutated(text);
  text = text.slice(0, 20_000);
  try {
    const read = readDenials(text);
    JSON.stringify(read);
    denials += read.denials.length;
  } catch (error) {
    console.error(`seed ${seed}: ${JSON.stringify(text)}`);
    throw error;
  }
}
console.log(`${count} mutated texts, ${denials} denials, nothing thrown`);

/** Texts that invite a second look at what was seen already. */
const invitations = [
  ...pieces,
  ...items.map(({ text }) => text),
  'nginx: [emerg] open() "',
  "x=1 { ",
  "a".repeat(40),
  "SELinux is preventing a from b access on the ",
];
for (const unit of invitations) {
  for (const end of ["", "\n"]) {
    const once = (unit + end).repeat(Math.ceil(100_000 / (unit.length + 1)));
    readDenials(once);
    const short = spent(() => readDenials(once));
    const long = spent(() => readDenials(once.repeat(4)));
    if (long > 200 && long > short * 12) {
      console.error(`not linear: ${short} ms, four times the text ${long} ms: ${JSON.stringify(unit.slice(0, 80))}`);
      process.exitCode = 1;
    }
  }
}
