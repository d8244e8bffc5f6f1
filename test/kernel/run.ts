/**
 * `npm run test:kernel`: holds the command line to a kernel that enforces. Builds a guest with SELinux (once; a few
 * minutes), boots it, copies the command line into it, and runs the tests beside this file against it.
 * Needs root on Debian, for debootstrap and apt; it is too slow for `npm test`.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildGuest } from "./buildGuest.ts";
import { boot, guestAt, type RunningGuest } from "./guest.ts";
import { installProduct } from "./product.ts";
import { begin, step } from "./progress.ts";

const project = join(import.meta.dirname, "../..");
const files = buildGuest(process.env["KERNEL_TEST_CACHE"] ?? join(project, ".cache/kernel"));
step("bundles", () => execFileSync(process.execPath, ["scripts/build.ts"], { cwd: project, stdio: "ignore" }));
// The guest ends with this process, however that ends.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
const directory = mkdtempSync(join(tmpdir(), "guest-"));
let running: RunningGuest | null = null;
try {
  const booted = begin("boot");
  running = await boot(files, directory);
  booted();
  const guest = guestAt(running.address);
  step("the command line and the backends, into the guest", () => installProduct(guest, project));
  process.exitCode = await runTests(running);
} finally {
  await running?.end();
  rmSync(directory, { recursive: true });
}

/** The exit code of the tests whose names were given as arguments, or of all. */
async function runTests({ address }: RunningGuest): Promise<number> {
  const wanted = process.argv.slice(2);
  const tests = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(".test.ts"))
    .filter((name) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)))
    .map((name) => join(import.meta.dirname, name));
  // One guest, one nginx: one test at a time.
  const child = spawn(process.execPath, ["--test", "--test-reporter=spec", "--test-isolation=none", ...tests], {
    stdio: "inherit",
    env: { ...process.env, KERNEL_TEST_GUEST: JSON.stringify(address) },
  });
  const [code]: unknown[] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}
