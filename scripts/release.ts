/**
 * `npm run release -- --dry-run`: builds once and makes every package in out, with their checksums. `--only vsix,npm,rpm`
 * makes some. Exit code 2: a package cannot be made here.
 *
 * Without `--dry-run` it also holds the tree to what a release needs (nothing uncommitted, a dated section of the changelog)
 * and sets the tag `vVERSION`. Nothing is published from here: the release workflow does that, when it is asked to.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { runToEnd } from "../test/editor/host/processes.ts";
import { isReleased, sectionOf } from "./packages/changelog.ts";
import { writeNpm } from "./packages/npm.ts";
import { buildProduct, out, packages, root, seconds, version, type PackageName } from "./packages/product.ts";
import { writeRpm } from "./packages/rpm.ts";
import { checkSize } from "./packages/size.ts";
import { writeVsix } from "./packages/vsix.ts";
import { findProgram } from "./systemPackages.ts";

const writers: Readonly<Record<PackageName, () => Promise<void>>> = { vsix: writeVsix, npm: writeNpm, rpm: writeRpm };

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const dryRun = args.includes("--dry-run");
  const at = args.indexOf("--only");
  const wanted = at === -1 ? Object.keys(writers) : (args[at + 1] ?? "").split(",");
  const names = packageNames().filter((name) => wanted.includes(name));
  if (names.length < wanted.length) {
    console.error(`--only takes ${packageNames().join(", ")}`);
    return 2;
  }
  const complaints = dryRun ? [] : await releaseComplaints();
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) return 2;
  if (names.includes("rpm") && findProgram("rpmbuild") === null) {
    console.error("The RPM needs rpmbuild: sudo dnf install rpm-build, or sudo apt-get install rpm");
    return 2;
  }
  await makePackages(names);
  if (!dryRun) {
    await runToEnd("git", ["tag", "-a", `v${version}`, "-m", `Release ${version}`], { cwd: root });
    console.log(`Tagged v${version}. Push the tag, then run the release workflow on it with "publish".`);
  }
  return 0;
}

async function makePackages(names: readonly PackageName[]): Promise<void> {
  await rm(out, { recursive: true, force: true });
  await buildProduct();
  const sums: string[] = [];
  for (const name of names) {
    const started = performance.now();
    await writers[name]();
    const file = basename(packages[name]);
    console.log(`${join("out", file)}: ${await checkSize(name)}, in ${seconds(started)}`);
    sums.push(
      `${createHash("sha256")
        .update(await readFile(packages[name]))
        .digest("hex")}  ${file}\n`,
    );
  }
  await writeFile(join(out, "SHA256SUMS"), sums.join(""));
  const notes = sectionOf(changelog(), version);
  if (notes === null) throw new Error(`CHANGELOG.md has no section for ${version}`);
  await writeFile(join(out, "NOTES.md"), `${notes}\n`);
}

/** What keeps this tree from being released, a sentence each. */
async function releaseComplaints(): Promise<readonly string[]> {
  const changed = await runToEnd("git", ["status", "--porcelain"], { cwd: root });
  const tagged = spawnSync("git", ["rev-parse", "-q", "--verify", `refs/tags/v${version}`], { cwd: root });
  const dated = isReleased(changelog(), version);
  return [
    ...(changed === "" ? [] : ["There are changes that are not committed."]),
    ...(tagged.status === 0 ? [`v${version} is tagged already: raise the version in package.json.`] : []),
    ...(dated ? [] : [`CHANGELOG.md has no section "## ${version} - YYYY-MM-DD".`]),
  ];
}

function changelog(): string {
  return readFileSync(join(root, "CHANGELOG.md"), "utf8");
}

function packageNames(): readonly PackageName[] {
  return ["vsix", "npm", "rpm"];
}
