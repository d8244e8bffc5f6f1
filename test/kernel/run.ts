/**
 * `npm run test:kernel`: holds the command line to a kernel that enforces. Builds a guest with SELinux (once; a few
 * minutes), boots it, copies the command line into it, and runs the tests beside this file against it.
 * Needs root on Debian, for debootstrap and apt; it is too slow for `npm test`.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildGuest } from "./buildGuest.ts";
import { boot, guestAt, type GuestAddress, type RunningGuest } from "./guest.ts";
import { addressOf, installProduct } from "./product.ts";
import { begin, step } from "./progress.ts";
import { forgetSeen } from "./seen.ts";

const project = join(import.meta.dirname, "../..");
const { values, positionals } = parseArgs({
  options: { "policy-root": { type: "string" }, keep: { type: "boolean" } },
  allowPositionals: true,
});
const policyRoot = values["policy-root"];
const cache = process.env["KERNEL_TEST_CACHE"] ?? join(project, ".cache/kernel");
const inherited = process.env["KERNEL_TEST_GUEST"];
const seen = join(cache, "seen.json");
// What another policy makes of the situations is no part of the documentation.
const page = policyRoot === undefined ? join(project, "docs/kernel.md") : join(cache, "kernel.md");

// The guest ends with this process, however that ends.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
if (inherited === undefined) await withGuest();
else {
  const address = addressOf(inherited);
  prepare(address);
  process.exitCode = await runTests(address);
}

/** Boots a guest for the tests, or with `--keep` for further runs until this one is interrupted. */
async function withGuest(): Promise<void> {
  const files = buildGuest(cache, policyRoot === undefined ? null : resolve(policyRoot));
  const directory = mkdtempSync(join(tmpdir(), "guest-"));
  let running: RunningGuest | null = null;
  try {
    const booted = begin("boot");
    running = await boot(files, directory);
    booted();
    if (values.keep === true) {
      console.log(`KERNEL_TEST_GUEST='${JSON.stringify(running.address)}'`);
      await new Promise(() => setInterval(() => undefined, 60_000));
    }
    prepare(running.address);
    process.exitCode = await runTests(running.address);
  } finally {
    await running?.end();
    rmSync(directory, { recursive: true });
  }
}

/** Builds the product and copies it into the guest. */
function prepare(address: GuestAddress): void {
  step("bundles", () => execFileSync(process.execPath, ["scripts/build.ts"], { cwd: project, stdio: "ignore" }));
  step("the command line and the backends, into the guest", () => installProduct(guestAt(address), project));
}

/** The exit code of the tests whose names were given as arguments, or of all. */
async function runTests(address: GuestAddress): Promise<number> {
  const tests = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(".test.ts"))
    .filter((name) => positionals.length === 0 || positionals.some((each) => name.startsWith(each)))
    .map((name) => join(import.meta.dirname, name));
  if (positionals.length === 0 && process.env["KERNEL_TEST_KIND"] === undefined) forgetSeen(seen);
  // One guest, one nginx: one test at a time.
  const child = spawn(process.execPath, ["--test", "--test-reporter=spec", "--test-isolation=none", ...tests], {
    stdio: "inherit",
    env: {
      ...process.env,
      KERNEL_TEST_GUEST: JSON.stringify(address),
      KERNEL_TEST_SEEN: seen,
      KERNEL_TEST_PAGE: page,
    },
  });
  const [code]: unknown[] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}
