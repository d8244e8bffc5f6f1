/** What people pasted, with the places and the commands that others worked out; kept beside the project, not in it. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { explainRefusals, type ExplainedRefusal } from "../../../server/src/analysis/explainDenials.ts";
import { gatherText } from "../../../server/src/denials/gather.ts";
import { createNodeHost } from "../../../server/src/host/hostNode.ts";
import { createLanguageService } from "../../../server/src/languageService.ts";
import type { Configuration } from "../../../server/src/nginx/load/configuration.ts";
import { defaultSettings } from "../../../server/src/shared/settings.ts";
import { lineOf } from "../../support/explained.ts";

const root = join(import.meta.dirname, "../../..");
const shared = join(root, "../shared/denials");
const skip = existsSync(shared) ? false : "no such corpus here";

interface Item {
  readonly id: string;
  readonly text: string;
  readonly expected: {
    readonly concerns_nginx: boolean | null;
    readonly selinux: string;
    readonly fix: { readonly rhel7: string; readonly rhel9: string } | null;
    readonly conf: {
      readonly main: string;
      readonly places: readonly { readonly file: string; readonly line: number }[];
    } | null;
  };
}

type Release = "rhel7" | "rhel9";

interface Explained {
  readonly configuration: Configuration | null;
  readonly refusals: readonly ExplainedRefusal[];
}

const host = createNodeHost(join(root, "server/policies"), () => undefined);
const services = {
  rhel7: serviceFor("rhel7"),
  rhel9: serviceFor("rhel9"),
};

function serviceFor(policy: Release): ReturnType<typeof createLanguageService> {
  const settings = { ...defaultSettings, policy, container: "no" } as const;
  return createLanguageService(host, {
    trusted: true,
    folders: [],
    settingsFor: () => settings,
    domain: null,
    strict: true,
  });
}

async function explain({ text, expected }: Item, release: Release): Promise<Explained> {
  const { refusals, unprivileged } = gatherText(text);
  const service = services[release];
  if (expected.conf === null) {
    const { context } = await service.policyFor("/etc/nginx/x");
    const given = {
      context: { ...context, ownSockets: new Set<string>() },
      configuration: null,
      accesses: [],
      unprivileged,
    };
    return { configuration: null, refusals: explainRefusals(refusals, given) };
  }
  const { analysis } = await service.analyzeFile(join(shared, expected.conf.main));
  const { configuration, accesses } = analysis;
  const context = { ...analysis.context, ownSockets: new Set<string>() };
  return { configuration, refusals: explainRefusals(refusals, { context, configuration, accesses, unprivileged }) };
}

const items: readonly Item[] = existsSync(shared) ? JSON.parse(readFileSync(join(shared, "corpus.json"), "utf8")) : [];

test("each line is joined to the place that others found", { skip }, async () => {
  for (const item of items) {
    if (item.expected.conf === null) continue;
    const { configuration, refusals } = await explain(item, "rhel9");
    assert.ok(configuration !== null);
    const found = refusals.flatMap(({ places }) =>
      places.map(
        (place) => `${configuration.files[place.file]?.path.slice(shared.length + 1)}:${lineOf(configuration, place)}`,
      ),
    );
    const wanted = item.expected.conf.places.map(({ file, line }) => `${file}:${line}`);
    assert.deepEqual([...new Set(found)].sort(), wanted.sort(), item.id);
  }
});

/** Commands and rules that the corpus names and we do not print, with the reason. */
const differently: Readonly<Record<string, string>> = {
  "avc-unlink: semanage fcontext -a -t httpd_sys_rw_content_t '/srv/dav(/.*)?'":
    "the record has only the file's name: that it lies in /srv/dav follows from the location alone",
  "p-unix-tripleslash: semanage fcontext -a -t httpd_var_run_t '/var/run/shop(/.*)?'":
    "the new directory of the socket is the user's to name",
  "p-unicorn-pair: semanage fcontext -a -t httpd_var_run_t '/var/run/shop(/.*)?'":
    "the new directory of the socket is the user's to name",
  "p-cache-loader: semanage fcontext -a -t httpd_cache_t '/var/cache/nginx(/.*)?'":
    "the cache's own directory is labelled, not the one of all caches",
};

/** Commands and rules in a sentence of the corpus. */
function commandsIn(prose: string): readonly string[] {
  return [
    ...prose.matchAll(/setsebool -P \w+ on/g),
    ...prose.matchAll(/semanage port -[am] -t \w+ -p (?:tcp|udp) \d+/g),
    ...prose.matchAll(/semanage fcontext -a -t \w+ '[^']+'/g),
    ...prose.matchAll(/\(allow httpd_t \w+ \(\w+ \([\w ]+\)\)\)/g),
  ].map(([command]) => command);
}

test("each fix of the corpus is among ours, on both releases", { skip }, async () => {
  const missing: string[] = [];
  for (const item of items) {
    for (const release of ["rhel7", "rhel9"] as const) {
      const { refusals } = await explain(item, release);
      const ours = refusals
        .flatMap(({ fixes, because }) => [...fixes.flatMap(({ commands }) => commands), ...because])
        .join("\n");
      for (const command of commandsIn(item.expected.fix?.[release] ?? ""))
        if (!ours.includes(command) && differently[`${item.id}: ${command}`] === undefined)
          missing.push(`${item.id} ${release}: ${command}`);
    }
  }
  assert.deepEqual(missing, []);
});

test("SELinux is blamed where others proved it, and not where they ruled it out", { skip }, async () => {
  for (const item of items) {
    const { refusals } = await explain(item, "rhel9");
    const { selinux, concerns_nginx } = item.expected;
    if (selinux === "proved")
      assert.ok(
        refusals.some(({ cause }) => cause === "selinux"),
        item.id,
      );
    if (/^no\b/.test(selinux))
      assert.ok(
        refusals.every(({ cause }) => cause === "not-selinux"),
        item.id,
      );
    if (concerns_nginx === false)
      assert.ok(
        refusals.every(({ places }) => places.length === 0),
        item.id,
      );
  }
});
