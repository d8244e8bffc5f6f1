import assert from "node:assert/strict";
import { parseDiagnosticData } from "../../server/src/features/diagnosticData.ts";
import { suite, test } from "node:test";
import { createLanguageService, type LanguageService } from "../../server/src/languageService.ts";
import { plainSurroundings, type Surroundings } from "../../server/src/workspace/surroundings.ts";
import type { Report } from "../../server/src/report/report.ts";
import { defaultSettings, type Settings } from "../../server/src/shared/settings.ts";
import { printedReport } from "../support/printedReport.ts";
import { bundledText, releases } from "../support/bundledPolicies.ts";
import { createMemoryHost, type MemoryEntry, type MemoryHost } from "../support/memoryHost.ts";

const main = "/etc/nginx/nginx.conf";
const memory = (files: Readonly<Record<string, MemoryEntry>>): MemoryHost =>
  createMemoryHost(files, (name) => {
    const release = releases.find((each) => each === name);
    return release === undefined ? undefined : bundledText(release);
  });
const under = (settings: Partial<Settings>, more: Partial<Surroundings> = {}): Surroundings => {
  const all = { ...defaultSettings, policy: "rhel9", ...settings };
  return { ...plainSurroundings, settingsFor: () => all, ...more };
};
const check = (text: string, settings: Partial<Settings> = {}, all = false): Promise<Report> =>
  printedReport(createLanguageService(memory({ [main]: text }), under(settings)), main, all);
const proxy = (line: string): string => `events {}\nhttp {\n  server {\n    location / {\n${line}\n    }\n  }\n}\n`;
const said = (report: Report): string[] => report.findings.map((each) => `${each.severity} ${each.rule}`);

suite("silencing with selinux-ignore", () => {
  const directive = "      proxy_pass http://127.0.0.1:3000;";

  test("on the line above or on the same line, with a reason, silences its rule", async () => {
    const comment = "# selinux-ignore connect-port our Ansible role labels it";
    assert.deepEqual(said(await check(proxy(`      ${comment}\n${directive}`))), []);
    assert.deepEqual(said(await check(proxy(`${directive} ${comment}`))), []);
    assert.deepEqual(said(await check(proxy(`      ${comment}\r\n${directive}\r`))), []);
  });

  test("does nothing for another rule, another line, or the line below a trailing comment", async () => {
    const comment = "# selinux-ignore connect-port because";
    const findings = async (text: string): Promise<string[]> => said(await check(proxy(text)));
    assert.deepEqual(await findings(`# selinux-ignore listen-port because\n${directive}`), ["error connect-port"]);
    assert.deepEqual(await findings(`${comment}\n\n${directive}`), ["error connect-port"]);
    assert.deepEqual(await findings(`${directive}\n${comment}`), ["error connect-port"]);
    assert.deepEqual(await findings(`proxy_buffering off; ${comment}\n${directive}`), ["error connect-port"]);
  });

  test("several rules can be silenced by lines below each other", async () => {
    const text = `# selinux-ignore connect-port one\n# selinux-ignore target-unknown two\n${directive}`;
    assert.deepEqual(said(await check(proxy(text))), []);
  });

  test("without a reason silences nothing and says so; neither does a rule that does not exist", async () => {
    assert.deepEqual(said(await check(proxy(`# selinux-ignore connect-port\n${directive}`))), [
      "hint selinux-ignore",
      "error connect-port",
    ]);
    const report = await check(proxy(`# selinux-ignore conect-port typo\n${directive}`));
    assert.deepEqual(said(report), ["hint selinux-ignore", "error connect-port"]);
    assert.match(report.findings[0]?.message ?? "", /no rule "conect-port"/);
  });

  test("inside of a quoted word it is no comment", async () => {
    const text = `      add_header X "a\n# selinux-ignore connect-port no comment\n"; proxy_pass http://127.0.0.1:3000;`;
    assert.deepEqual(said(await check(proxy(text))), ["error connect-port"]);
  });

  test("above a statement of several lines it covers the target on a later one", async () => {
    const text = "# selinux-ignore connect-port because\n      proxy_pass\n        http://127.0.0.1:3000;";
    assert.deepEqual(said(await check(proxy(text))), []);
  });
});

suite("severities", () => {
  test("a setting replaces a rule's own severity, and off removes its findings", async () => {
    const text = proxy("      proxy_pass http://127.0.0.1:3000;");
    assert.deepEqual(said(await check(text, { severity: new Map([["connect-port", "warning"]]) })), [
      "warning connect-port",
    ]);
    assert.deepEqual(said(await check(text, { severity: new Map([["connect-port", "off"]]) })), []);
  });

  test("a setting does not raise a finding that rests on an inexact label", async () => {
    const text = proxy("      proxy_pass http://unix:/run/myapp/app.sock;");
    const report = await check(text, { severity: new Map([["connect-socket", "error"]]) });
    assert.ok(said(report).includes("warning connect-socket"));
    assert.ok(!said(report).includes("error connect-socket"));
  });
});

suite("nginx-syntax", () => {
  test("says the first problem of a file in nginx's words and keeps the findings in front of it", async () => {
    const report = await check(`${proxy("      proxy_pass http://127.0.0.1:3000;")}}\n}\n`);
    assert.deepEqual(said(report), ["error connect-port", "error nginx-syntax"]);
    assert.equal(report.findings[1]?.message, 'nginx refuses this: unexpected "}".');
    assert.equal(report.findings[1]?.access, null);
  });

  test("an address that nginx rejects is said instead of a verdict", async () => {
    const report = await check(proxy("      proxy_pass http://127.0.0.1:99999;"));
    assert.deepEqual(said(report), ["error nginx-syntax"]);
  });
});

suite("documents", () => {
  const uri = (path: string): string => `file://${path}`;

  test("unsaved text counts, and the disk counts again when the document is closed", async () => {
    const service = createLanguageService(memory({ [main]: proxy("proxy_pass http://127.0.0.1:53;") }), under({}));
    service.openDocument(uri(main), 1, proxy("proxy_pass http://127.0.0.1:3000;"));
    assert.deepEqual(said(await printedReport(service, main)), ["error connect-port"]);
    service.changeDocument(uri(main), 2, proxy("proxy_pass http://127.0.0.1:53;"));
    assert.deepEqual(said(await printedReport(service, main)), []);
    service.changeDocument(uri(main), 3, proxy("proxy_pass http://127.0.0.1:3000;"));
    service.closeDocument(uri(main));
    assert.deepEqual(said(await printedReport(service, main)), []);
  });

  test("a byte order mark on disk, which an editor hides, is still nginx's problem", async () => {
    const text = proxy("proxy_pass http://127.0.0.1:3000;");
    const service = createLanguageService(memory({ [main]: `\uFEFF${text}` }), under({}));
    const onDisk = await printedReport(service, main);
    service.openDocument(uri(main), 1, text);
    assert.deepEqual(await printedReport(service, main), onDisk);
  });

  test("a document that is not on disk is analysed alone in the context that its directives imply", async () => {
    const service = createLanguageService(memory({}), under({}));
    service.openDocument("untitled:Untitled-1", 1, "server { location / { proxy_pass http://127.0.0.1:3000; } }\n");
    const { files, documents } = await service.diagnostics();
    assert.deepEqual(
      files.get("untitled:Untitled-1")?.map((each) => each.code),
      ["connect-port"],
    );
    assert.equal(documents[0]?.mainFile, null);
    assert.equal(documents[0]?.fragmentContext, "http");
  });

  test("a file that two configurations include says each finding once", async () => {
    const shared = "location / { proxy_pass http://127.0.0.1:3000; }\n";
    const files = {
      "/a/nginx.conf": "events {}\nhttp { server { include /a/shared.conf; } }\n",
      "/a/other.conf": "events {}\nhttp { server { include /a/shared.conf; } }\n",
      "/a/shared.conf": shared,
    };
    const service = createLanguageService(memory(files), under({}));
    service.openDocument(uri("/a/nginx.conf"), 1, files["/a/nginx.conf"]);
    service.openDocument(uri("/a/other.conf"), 1, files["/a/other.conf"]);
    const result = await service.diagnostics();
    assert.equal(result.files.get(uri("/a/shared.conf"))?.length, 1);
  });

  test("more findings than an editor shows end with how many there are", async () => {
    const servers = Array.from({ length: 1500 }, (_, i) => `server 127.0.0.1:${10_100 + i};`).join("\n");
    const text = `events {}\nhttp {\nupstream u {\n${servers}\n}\nserver { location / { proxy_pass http://u; } }\n}\n`;
    const service = createLanguageService(memory({ [main]: text }), under({}));
    service.openDocument(uri(main), 1, text);
    const list = (await service.diagnostics()).files.get(uri(main)) ?? [];
    assert.equal(list.length, 1001);
    assert.match(JSON.stringify(list[0]?.message), /500 more findings/);
  });

  test("a file over the limit is a state of its document, and a finding where it is included", async () => {
    const files = { [main]: "events {}\nhttp { include big.conf; }\n", "/etc/nginx/big.conf": "#".repeat(2000) };
    const service = createLanguageService(memory(files), under({ maxFileSizeMB: 1000 / 2 ** 20 }));
    const report = await printedReport(service, main);
    assert.deepEqual(said(report), ["error nginx-syntax"]);
    assert.match(report.findings[0]?.message ?? "", /larger than the limit/);
    service.openDocument(uri("/etc/nginx/big.conf"), 1, "#".repeat(2000));
    const { documents } = await service.diagnostics();
    assert.match(documents[0]?.error ?? "", /larger than the limit/);
  });
});

suite("limits and states of documents", () => {
  test("the sum of the files is a setting, and a note names the first file that is not read", async () => {
    const files = {
      [main]: "events {}\nhttp { include conf.d/*.conf; }\n",
      "/etc/nginx/conf.d/a.conf": `#${"a".repeat(600)}`,
      "/etc/nginx/conf.d/b.conf": `#${"b".repeat(600)}`,
    };
    const within = (maxTotalSizeMB: number): Promise<Report> =>
      printedReport(createLanguageService(memory(files), under({ maxTotalSizeMB })), main);
    const { findings } = await within(1000 / 2 ** 20);
    assert.match(findings[0]?.message ?? "", /b\.conf.*larger than the limit of .* MB together/u);
    assert.deepEqual((await within(2000 / 2 ** 20)).findings, []);
  });

  test("a document that is opened again, with another text under the same version, is read anew", async () => {
    const service = createLanguageService(memory({ [main]: "" }), under({}));
    const found = async (port: number): Promise<string | undefined> => {
      service.openDocument(`file://${main}`, 1, proxy(`proxy_pass http://127.0.0.1:${port};`));
      const { files } = await service.diagnostics();
      service.closeDocument(`file://${main}`);
      return /tcp port \d+/u.exec(JSON.stringify(files.get(`file://${main}`)))?.[0];
    };
    assert.equal(await found(3000), "tcp port 3000");
    assert.equal(await found(4000), "tcp port 4000");
  });
});

suite("the output of nginx -T as a document", () => {
  const uri = "untitled:Untitled-1";
  const text =
    "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n" +
    "# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp { include conf.d/*.conf; include up.conf; }\n\n" +
    "# configuration file /etc/nginx/conf.d/app.conf:\nserver {\n  location / { proxy_pass http://app; }\n}\n\n" +
    "# configuration file /etc/nginx/up.conf:\nupstream app { server 127.0.0.1:3000; }\n\n";
  const lines = text.split("\n");
  const server = { line: lines.findIndex((line) => line.startsWith("upstream")), character: 24 };
  const pass = { line: lines.findIndex((line) => line.includes("proxy_pass")), character: 34 };
  const opened = async (trusted: boolean): Promise<LanguageService> => {
    // What this machine has at these paths is another host's.
    const service = createLanguageService(memory({ [main]: "server {" }), under({}, { trusted }));
    service.openDocument(uri, 1, text);
    return service;
  };

  for (const trusted of [true, false]) {
    test(`has the diagnostics of the files in it, at their lines (trusted: ${trusted})`, async () => {
      const service = await opened(trusted);
      const { files, documents } = await service.diagnostics();
      assert.deepEqual([...files.keys()], [uri]);
      const [diagnostic, ...others] = files.get(uri) ?? [];
      assert.deepEqual(others, []);
      assert.equal(diagnostic?.code, "connect-port");
      assert.equal(diagnostic.range.start.line, server.line);
      const [related] = diagnostic.relatedInformation ?? [];
      assert.equal(related?.location.uri, uri);
      assert.equal(related.location.range.start.line, pass.line);
      assert.equal(documents[0]?.mainFile, uri);
      assert.equal(documents[0].error, null);
    });
  }

  test("answers hovers and offers fixes in its own lines", async () => {
    const service = await opened(true);
    const hover = await service.hover(uri, pass, false);
    assert.match(JSON.stringify(hover?.contents), /ntop_port_t/);
    assert.equal(hover?.range?.start.line, pass.line);
    assert.equal(await service.hover(uri, { line: 0, character: 3 }, false), null);
    const range = { start: server, end: server };
    const actions = await service.codeActions(uri, range, { diagnostics: [] }, { commands: true, snippets: false });
    const edit = actions.find(({ isPreferred }) => isPreferred === true)?.edit?.changes ?? {};
    assert.deepEqual(Object.keys(edit), [uri]);
    assert.equal(edit[uri]?.[0]?.range.start.line, server.line);
    const { files } = await service.diagnostics();
    const data: unknown = files.get(uri)?.[0]?.data;
    const { key } = parseDiagnosticData(data) ?? assert.fail();
    const explained = await service.explain({ uri, rule: "connect-port", key, ...diagnosedAt(server) });
    assert.match(explained?.markdown ?? "", /ntop_port_t/);
  });

  const diagnosedAt = ({ line }: { line: number }): { line: number; character: number } => ({
    line,
    character: (lines[line] ?? "").indexOf("127"),
  });
});

suite("untrusted workspaces", () => {
  const files = {
    "/project/nginx.conf": "events {}\nhttp { include /project/site.conf; include link.conf; }\n",
    "/project/site.conf": "server { location / { proxy_pass http://127.0.0.1:3000; } }\n",
    "/project/link.conf": { link: "/etc/shadow" },
    "/etc/shadow": "root:secret\n",
    "/evil/policy.json": "{}",
  } as const;

  test("read nothing outside of them, not through a link either, and ignore settings that name paths", async () => {
    const host = memory(files);
    const surroundings = under(
      { policy: "/evil/policy.json", root: "/evil", mainFile: "/evil/nginx.conf" },
      { trusted: false, folders: ["/project"] },
    );
    const service = createLanguageService(host, surroundings);
    service.openDocument("file:///project/nginx.conf", 1, files["/project/nginx.conf"]);
    const result = await service.diagnostics();
    assert.equal(result.files.get("file:///project/site.conf")?.length, 1);
    assert.equal(result.documents[0]?.policy?.name, "rhel9");
    assert.deepEqual(
      host.reads.filter((path) => !path.startsWith("/project/") && !path.endsWith("/os-release")),
      [],
    );
    assert.ok(!host.reads.includes("/project/link.conf"));
  });
});

suite("caches", () => {
  test("a file that has not changed is read once; one that has is read again", async () => {
    const host = memory({ [main]: "events {}\nhttp { include a.conf; }\n", "/etc/nginx/a.conf": "" });
    const service = createLanguageService(host, under({}));
    await printedReport(service, main);
    await printedReport(service, main);
    assert.deepEqual(
      host.reads.filter((path) => path.startsWith("/etc/nginx")),
      [main, "/etc/nginx/a.conf"],
    );
    host.write("/etc/nginx/a.conf", "server { location / { proxy_pass http://127.0.0.1:3000; } }\n");
    assert.deepEqual(said(await printedReport(service, main)), ["error connect-port"]);
  });

  test("a file that appears where a glob looks is found", async () => {
    const host = memory({ [main]: "events {}\nhttp { include conf.d/*.conf; }\n" });
    const service = createLanguageService(host, under({}));
    assert.deepEqual(said(await printedReport(service, main)), []);
    host.write("/etc/nginx/conf.d/new.conf", "server { location / { proxy_pass http://127.0.0.1:3000; } }\n");
    assert.deepEqual(said(await printedReport(service, main)), ["error connect-port"]);
  });

  test("a computation that is not wanted any more ends at the next file", async () => {
    const host = memory({ [main]: "events {}\nhttp { include a.conf; }\n", "/etc/nginx/a.conf": "" });
    const service = createLanguageService(host, under({}));
    await assert.rejects(service.analyzeFile(main, { aborted: true }), { name: "Cancelled" });
    assert.ok(!host.reads.includes("/etc/nginx/a.conf"));
  });
});

suite("what this user may not read", () => {
  const files: Readonly<Record<string, MemoryEntry>> = {
    [main]:
      "events {}\nhttp { include hidden/*.conf; include secret.conf; server { location / { fastcgi_pass php; } } }\n",
    "/etc/nginx/hidden": { error: "EACCES" },
    "/etc/nginx/secret.conf": { error: "EACCES" },
  };

  test("is a note, with the command for root said once, and no finding of what it may hold", async () => {
    const report = await printedReport(createLanguageService(memory(files), under({})), main);
    assert.deepEqual(said(report), ["hint target-unknown"]);
    assert.deepEqual(
      report.notes.map(({ message }) => message),
      [
        '"/etc/nginx/hidden" is not readable as alice; not checked',
        '"/etc/nginx/secret.conf" is not readable as alice; not checked',
        `2 parts of this configuration are not readable to this user; root checks all of it: sudo nginx-selinux check ${main}`,
      ],
    );
  });

  test("may need what seems to be open for nothing", async () => {
    const text = "events {}\nhttp { server { include x/*; location / { proxy_pass http://127.0.0.1:3000; } } }\n";
    const saying = async (x: MemoryEntry): Promise<readonly string[]> => {
      const service = createLanguageService(
        memory({ [main]: text, "/etc/nginx/x": x }),
        under({ booleans: new Map([["httpd_can_network_connect", true]]) }),
      );
      return said(await printedReport(service, main));
    };
    assert.deepEqual(await saying({ error: "EACCES" }), []);
    assert.deepEqual(await saying({ other: true }), ["information over-broad"]);
  });

  test("is told in the editor's status", async () => {
    const service = createLanguageService(memory(files), under({}));
    service.openDocument(`file://${main}`, 1, String(files[main]));
    const { documents } = await service.diagnostics();
    assert.match(documents[0]?.notReadable ?? "", /^2 parts .*: sudo nginx-selinux check \/etc\/nginx\/nginx.conf$/);
  });

  test("is nothing to tell where everything is read", async () => {
    const report = await check("events {}\nhttp { include conf.d/*.conf; }\n");
    assert.deepEqual(report.notes, []);
  });
});

test("the outline, links and definitions need no policy", async () => {
  const text = "events {}\nhttp {\n  include up.conf;\n  server { location / { proxy_pass http://app; } }\n}\n";
  const host = memory({ [main]: text, "/etc/nginx/up.conf": "upstream app { server 127.0.0.1:3000; }\n" });
  const service = createLanguageService(host, under({ policy: "/etc/no-such-policy", mainFile: main }));
  const uri = `file://${main}`;
  service.openDocument(uri, 1, text);
  const { documents } = await service.diagnostics();
  assert.match(documents[0]?.error ?? "", /no-such-policy/);
  const position = { line: 3, character: 44 };
  assert.equal(await service.hover(uri, position, false), null);
  assert.deepEqual(
    (await service.documentSymbols(uri)).map(({ name }) => name),
    ["events", "http"],
  );
  assert.deepEqual(
    (await service.documentLinks(uri)).map(({ target }) => target),
    ["file:///etc/nginx/up.conf"],
  );
  assert.deepEqual(
    (await service.definition(uri, position)).map((each) => each.uri),
    ["file:///etc/nginx/up.conf"],
  );
});
