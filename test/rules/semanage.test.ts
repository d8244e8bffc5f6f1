/** Every semanage command that is printed for generated places and ports, on every release: none is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundledText, releases, type Release } from "../support/bundledPolicies.ts";
import { accessesTo, generatedPaths, generatedPorts } from "../support/generatedAccesses.ts";
import { randomOf } from "../support/policies/damage.ts";
import { semanageStandIn, type SemanageRecords } from "../support/semanageStandIn.ts";
import type { SnapshotFile } from "../../server/src/selinux/files/snapshot.ts";
import { file, judge, release } from "./situation.ts";

/** The records of a release as its snapshot has them, read without the engine. */
function recordsOf(name: Release): SemanageRecords {
  const snapshot: SnapshotFile = JSON.parse(bundledText(name));
  let position = -1;
  const defined = snapshot.definedFileContexts.map((distance) => {
    position += distance + 1;
    return snapshot.fileContexts[position]?.[0] ?? assert.fail();
  });
  return {
    fileContexts: new Set(defined),
    equivalences: snapshot.equivalences,
    ports: new Set(snapshot.ports.map(([protocol, low, high]) => `${protocol} ${low}-${high}`)),
  };
}

/** Directories of `D(/.*)?`. */
function directoriesOf({ fileContexts }: SemanageRecords): readonly string[] {
  return [...fileContexts].map((spec) => spec.replace(/\(\/\.\*\)\?$/u, "").replaceAll("\\", ""));
}

for (const name of releases) {
  test(`${name}: no command printed for 500 paths and 200 ports is refused, nor the one that undoes it`, () => {
    const records = recordsOf(name);
    assert.ok(records.equivalences.length >= 18 && records.fileContexts.size > 500);
    const random = randomOf(20_260_115);
    const paths = generatedPaths(500, directoriesOf(records), records.equivalences, random);
    const accesses = [...paths.flatMap((path) => accessesTo(path, random)), ...generatedPorts(200, random)];
    const taken = new Map<string, number>();
    const refused: string[] = [];
    for (const access of accesses) {
      for (const { fixes } of judge(release(name), access)) {
        for (const { commands, undo } of fixes) {
          const host = semanageStandIn(records);
          try {
            [...commands, ...undo].forEach((line) => host.run(line));
          } catch (error) {
            refused.push(`${commands.join("; ")}: ${error instanceof Error ? error.message : String(error)}`);
          }
          for (const [verb, count] of host.taken) taken.set(verb, (taken.get(verb) ?? 0) + count);
        }
      }
    }
    assert.deepEqual([...new Set(refused)], []);
    for (const [verb, least] of [
      ["fcontext -a", 300],
      ["fcontext -m", 3],
      ["port -a", 50],
      ["port -m", 10],
    ] as const) {
      assert.ok((taken.get(verb) ?? 0) >= least, `${verb}: ${taken.get(verb)}`);
    }
  });
}

/** Commands of all label fixes for a cache in a directory. */
function labelsFor(name: Release, path: string): readonly string[] {
  return judge(release(name), file("cache", path)).flatMap(({ fixes }) =>
    fixes.filter(({ id }) => id === "label-directory").flatMap(({ commands }) => commands),
  );
}

test("a cache on a path that stands for another is labelled by that other path", () => {
  for (const name of releases.slice(releases.indexOf("rhel9"))) {
    assert.equal(
      labelsFor(name, "/var/mnt/cache")[0],
      "sudo semanage fcontext -a -t httpd_cache_t '/mnt/cache(/.*)?'",
      name,
    );
  }
});

test("a site in a place that the policy labels for reading is no finding", () => {
  for (const name of releases) {
    for (const path of ["/export", "/export/site", "/var/ftp", "/var/ftp/pub/site"])
      assert.deepEqual(judge(release(name), file("content", path)), [], `${name} ${path}`);
  }
});

test("a path that stands for one which stands for another gets no file context: semanage takes neither", () => {
  for (const name of releases.slice(releases.indexOf("rhel10.0"))) {
    const path = "/var/named/chroot/var/run/app/sockets";
    assert.equal(release(name).facts.canonicalPath(path), "/var/run/app/sockets");
    const fixes = judge(release(name), file("content", path)).flatMap(({ fixes }) => fixes);
    assert.deepEqual(
      fixes.flatMap(({ commands }) => commands).filter((line) => line.includes("fcontext")),
      [],
      name,
    );
  }
});
