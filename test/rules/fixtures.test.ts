/**
 * Every fixture under test/fixtures/rules is a whole nginx configuration whose expectations are comments below the line:
 * `#   ^^^^ error connect-port`. Exactly these findings must come, at exactly these places. In the head, `# policy: NAME`
 * and `# boolean: NAME=on`.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createLanguageService, plainSurroundings } from "../../server/src/languageService.ts";
import { ruleInfos } from "../../server/src/rules/index.ts";
import { defaultSettings } from "../../server/src/settings.ts";
import { bundledText, releases } from "../support/bundledPolicies.ts";
import { createMemoryHost } from "../support/memoryHost.ts";

const directory = new URL("../fixtures/rules/", import.meta.url);
const main = "/etc/nginx/nginx.conf";

interface Fixture {
  readonly text: string;
  readonly policy: string;
  readonly booleans: ReadonlyMap<string, boolean>;
  readonly expected: readonly string[];
}

function parseFixture(text: string): Fixture {
  const expected: string[] = [];
  const booleans = new Map<string, boolean>();
  let policy = "";
  let judged = -1;
  for (const [number, line] of text.split("\n").entries()) {
    const head = /^# (policy|boolean): (\w+)(?:=(on|off))?$/.exec(line);
    const mark = /^\s*#\s*(\^+) (\w+) ([a-z-]+)$/.exec(line);
    if (head?.[1] === "policy") policy = head[2] ?? "";
    else if (head?.[1] === "boolean") booleans.set(head[2] ?? "", head[3] === "on");
    if (mark === null) {
      judged = number;
      continue;
    }
    const start = line.indexOf("^");
    expected.push(place(judged, start, start + (mark[1]?.length ?? 0), mark[2] ?? "", mark[3] ?? ""));
  }
  return { text, policy, booleans, expected: expected.sort() };
}

function place(line: number, start: number, end: number, severity: string, rule: string): string {
  return `line ${line + 1}, ${start}-${end}: ${severity} ${rule}`;
}

async function check({ text, policy, booleans }: Fixture): Promise<readonly string[]> {
  const host = createMemoryHost({ [main]: text }, (name) => {
    const release = releases.find((each) => each === name);
    return release === undefined ? undefined : bundledText(release);
  });
  const settings = { ...defaultSettings, policy, booleans };
  const service = createLanguageService(host, { ...plainSurroundings, settingsFor: () => settings });
  const { findings } = await service.check(main);
  return findings
    .map(({ range: { start, end }, severity, rule }) => {
      assert.equal(start.line, end.line);
      return place(start.line, start.character, end.character, severity, rule);
    })
    .sort();
}

for (const { id } of ruleInfos) {
  const names = readdirSync(new URL(`${id}/`, directory)).sort();

  test(`${id} has fixtures that fire and fixtures that stay silent`, () => {
    assert.ok(names.some((name) => name.startsWith("fires-")));
    assert.ok(names.some((name) => name.startsWith("ok-")));
    for (const name of names) assert.match(name, /^(fires|ok)-[a-z0-9-]+\.conf$/);
  });

  for (const name of names) {
    test(`${id}/${name} gives what its comments say`, async () => {
      const fixture = parseFixture(readFileSync(new URL(`${id}/${name}`, directory), "utf8"));
      assert.notEqual(fixture.policy, "", "the fixture names no policy");
      const own = fixture.expected.filter((line) => line.endsWith(` ${id}`));
      assert.equal(own.length > 0, name.startsWith("fires-"), "its name and its expectations disagree");
      assert.deepEqual(await check(fixture), fixture.expected);
    });
  }
}

test("there is no fixture for a rule that does not exist", () => {
  assert.deepEqual(
    readdirSync(directory).sort(),
    ruleInfos.map((rule) => rule.id),
  );
});
