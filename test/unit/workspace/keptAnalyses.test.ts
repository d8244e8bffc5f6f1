/** What is kept from one text to the next: less work, and the same answers as from a service that sees the text first. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { createLanguageService, type LanguageService } from "../../../server/src/languageService.ts";
import { plainSurroundings } from "../../../server/src/workspace/surroundings.ts";
import { defaultSettings, type Settings } from "../../../server/src/shared/settings.ts";
import { bundledText } from "../../support/bundledPolicies.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";
import { configuration } from "../../support/randomConfigurations.ts";
import { Cancelled } from "../../../server/src/workspace/workspace.ts";
import type { Verdict } from "../../../server/src/rules/rule.ts";

const path = "/etc/nginx/nginx.conf";
const uri = `file://${path}`;

function serviceUnder(settings: Partial<Settings> = {}): LanguageService {
  const host = createMemoryHost({}, () => bundledText("rhel9"));
  const all = { ...defaultSettings, policy: "rhel9", ...settings };
  return createLanguageService(host, { ...plainSurroundings, settingsFor: () => all });
}

const site = (...ports: readonly number[]): string =>
  `events {}\nhttp {\n${ports.map((port) => `server { location / { proxy_pass http://127.0.0.1:${port}; } }`).join("\n")}\n}\n`;

suite("an edit", () => {
  const verdictsOf = async (service: LanguageService, text: string): Promise<readonly (Verdict | null)[]> => {
    service.changeDocument(uri, 1, text);
    return (await service.analyzeFile(path)).analysis.findings.map(({ verdict }) => verdict);
  };

  test("leaves the verdicts on what is still there as they are", async () => {
    const service = serviceUnder();
    const before = await verdictsOf(service, site(3000, 3001, 3002));
    const after = await verdictsOf(service, `# a line more\n${site(3000, 3003, 3002)}`);
    assert.equal(before.length, 3);
    assert.deepEqual(
      after.map((verdict) => before.indexOf(verdict)),
      [0, -1, 2],
    );
  });

  test("judges anew once most of what is known is about targets that are gone", async () => {
    const service = serviceUnder();
    const known = new Set<unknown>();
    let evaluators = 0;
    for (let port = 20_000; port < 20_040; port++) {
      service.changeDocument(uri, port, site(port, 3000));
      const { evaluator, accesses } = (await service.analyzeFile(path)).analysis;
      if (!known.has(evaluator)) evaluators++;
      known.add(evaluator);
      assert.ok(evaluator.size <= 2 * accesses.length + 1);
    }
    assert.ok(evaluators > 1 && evaluators < 20, `${evaluators} evaluators`);
  });

  test("that makes nginx serve a socket itself judges it anew", async () => {
    const service = serviceUnder();
    const server = (listen: string): string =>
      `events {}\nhttp { server { ${listen} location / { proxy_pass http://unix:/run/lighttpd/a.sock; } } }\n`;
    const peersOf = async (text: string): Promise<unknown[]> => {
      service.changeDocument(uri, 1, text);
      const { accesses, evaluator } = (await service.analyzeFile(path)).analysis;
      return accesses.filter(({ kind }) => kind === "connect").map((access) => evaluator.ask(access).peer);
    };
    assert.notDeepEqual(await peersOf(server("listen 80;")), [null]);
    assert.deepEqual(await peersOf(server("listen unix:/run/lighttpd/a.sock;")), [null]);
  });

  test("is collected and analysed once for all who ask at the same time", async () => {
    const service = serviceUnder();
    service.openDocument(uri, 1, site(3000, 3001));
    const evaluatorsOf = async (): Promise<readonly unknown[]> => {
      const asked = [service.analyzeFile(path), service.analyzeFile(path), service.analyzeFile(path)];
      return (await Promise.all(asked)).map(({ analysis }) => analysis);
    };
    assert.equal(new Set(await evaluatorsOf()).size, 1);
    service.changeDocument(uri, 2, site(3000, 3002));
    assert.equal(new Set(await evaluatorsOf()).size, 1);
  });

  test("is analysed again for one who waited for work that was cancelled, whenever that was", async () => {
    const service = serviceUnder();
    let cancelled = 0;
    for (let wanted = 0; wanted < 60; wanted++) {
      service.changeDocument(uri, wanted, site(3000, 3001 + wanted));
      let looks = 0;
      const cancellation = {
        get aborted() {
          return looks++ >= wanted;
        },
      };
      const first = service.analyzeFile(path, cancellation).catch((error: unknown) => error);
      const second = service.analyzeFile(path);
      assert.equal((await second).analysis.findings.length, 2);
      if ((await first) instanceof Cancelled) cancelled++;
    }
    assert.ok(cancelled > 5 && cancelled < 60, `${cancelled} were cancelled`);
  });

  test("gives the same answers as a service that sees the text first", async () => {
    const answersOf = async (service: LanguageService): Promise<unknown> => {
      const { files } = await service.diagnostics();
      const diagnostics = files.get(uri) ?? [];
      const about = [];
      for (const { range } of diagnostics.slice(0, 12)) {
        const at = { start: range.start, end: range.start };
        about.push(await service.hover(uri, range.start, true));
        about.push(
          await service.codeActions(uri, at, { diagnostics: [...diagnostics] }, { commands: true, snippets: true }),
        );
      }
      return { diagnostics, about, plan: await service.plan({ uri, format: "script" }) };
    };
    const edited = serviceUnder();
    await fc.assert(
      fc.asyncProperty(configuration, async (text) => {
        const fresh = serviceUnder();
        for (const each of [edited, fresh]) each.changeDocument(uri, 1, text);
        assert.deepEqual(await answersOf(edited), await answersOf(fresh));
      }),
      { numRuns: 12 },
    );
  });
});
