import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  Diagnostic,
  DocumentLink,
  DocumentSymbol,
  Hover,
  InlayHint,
  Location,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { passNames } from "../../server/src/nginx/handlers/passNames.ts";
import {
  explainLogRequest,
  toolRequest,
  type ToolResult,
  moduleRequest,
  reportRequest,
  type ReportResult,
  showModuleCommand,
  silenceRequest,
  type ExplainResult,
  type ModuleResult,
  type PlanResult,
} from "../../server/src/shared/protocol.ts";
import { checkTool, explainTool } from "../../server/src/shared/assistantTools.ts";
import { bundledText } from "../support/bundledPolicies.ts";
import { startPair, type LspPair, type LspPairOptions } from "../support/lspPair.ts";
import { createMemoryHost, type MemoryEntry } from "../support/memoryHost.ts";

const main = "file:///etc/nginx/nginx.conf";
const start = async (files: Readonly<Record<string, MemoryEntry>>, text: string, options: LspPairOptions = {}) => {
  const host = createMemoryHost({ "/etc/nginx/nginx.conf": text, ...files }, (name) =>
    name === "rhel9" ? bundledText(name) : undefined,
  );
  const pair = await startPair(host, options);
  await pair.open(main, text);
  return { host, pair };
};
const actions = (pair: LspPair, diagnostics: readonly unknown[], only?: readonly string[]): Promise<CodeAction[]> =>
  pair.client.sendRequest("textDocument/codeAction", {
    textDocument: { uri: main },
    range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
    context: { diagnostics, ...(only === undefined ? {} : { only }) },
  });
const saying = (diagnostic: Diagnostic | undefined): string =>
  typeof diagnostic?.message === "string" ? diagnostic.message : "";
const inserted = (action: CodeAction | undefined): string => action?.edit?.changes?.[main]?.[0]?.newText ?? "";
const simple = "events {}\nhttp {\n\tserver {\n\t\tlocation / { proxy_pass http://127.0.0.1:3000; }\n\t}\n}\n";

test("the preferred quick fix inserts the commands as comment lines above the directive, indented as its line", async () => {
  const { pair } = await start({}, simple);
  const diagnostics = await pair.until(main, (list) => list.length === 1);
  const list = await actions(pair, diagnostics);
  const [preferred, ...more] = list.filter((each) => each.isPreferred === true);
  assert.equal(more.length, 0);
  assert.equal(
    inserted(preferred),
    "\t\t# SELinux: Label tcp port 3000 http_port_t and turn on httpd_graceful_shutdown\n" +
      "\t\t#   sudo semanage port -a -t http_port_t -p tcp 3000\n" +
      "\t\t#   sudo setsebool -P httpd_graceful_shutdown on\n",
  );
  assert.deepEqual(preferred?.edit?.changes?.[main]?.[0]?.range.start, { line: 3, character: 0 });
  const commands = list.map((each) => each.command?.command).filter((each) => each !== undefined);
  const insertRunCopy = [undefined, "nginxSelinux.runInTerminal", "nginxSelinux.copyCommands"];
  assert.deepEqual(
    list.slice(0, 6).map(({ command }) => command?.command),
    [...insertRunCopy, ...insertRunCopy],
  );
  assert.deepEqual(commands.slice(-2), ["nginxSelinux.silence", "nginxSelinux.explain"]);
  const deeds =
    /^(Insert commands|Run in terminal|Copy commands): [a-z]|^Silence connect-port here\.\.\.$|^Explain connect-port$/;
  assert.ok(list.every((each) => each.kind === "quickfix" && deeds.test(each.title)));
  assert.equal(list.indexOf(preferred ?? { title: "" }), 0);
  pair.dispose();
});

test("each finding's actions stay together, and one action of all is preferred", async () => {
  const text =
    "events {}\nhttp { server { location /a { proxy_pass http://127.0.0.1:3000; proxy_store /root/x; } } }\n";
  const { pair } = await start({}, text);
  const diagnostics = await pair.until(main, (list) => list.length === 2);
  const list = await actions(pair, diagnostics);
  assert.equal(list.filter((each) => each.isPreferred === true).length, 1);
  const rulesInOrder = list.flatMap(({ diagnostics: about }) => about?.map(({ code }) => String(code)) ?? []);
  const changes = rulesInOrder.filter((rule, i) => i > 0 && rule !== rulesInOrder[i - 1]);
  assert.equal(changes.length, 1, rulesInOrder.join());
  pair.dispose();
});

test("a second insertion takes the place of the first one, right above the directive", async () => {
  const { pair } = await start({}, simple);
  const diagnostics = await pair.until(main, (list) => list.length === 1);
  const [preferred] = await actions(pair, diagnostics);
  await pair.edit(main, "\t\tlocation", `${inserted(preferred)}\t\tlocation`);
  const moved = await pair.until(main, (list) => list[0]?.range.start.line === 6);
  assert.match(saying(moved[0]), /The commands are inserted above: run them on the host\.$/);
  const second = (await actions(pair, moved)).find((each) => each.title.startsWith("Insert commands:"));
  const edits = second?.edit?.changes?.[main] ?? [];
  assert.equal(edits.length, 1);
  assert.deepEqual(edits[0]?.range, { start: { line: 3, character: 0 }, end: { line: 6, character: 0 } });
  assert.notEqual(edits[0]?.newText, inserted(preferred));
  pair.dispose();
});

test("an insertion leaves the commands of another directive of its line", async () => {
  const line = "  server { listen 8888; location / { proxy_pass http://127.0.0.1:3000; } }\n";
  const { pair } = await start({}, `events {}\nhttp {\n${line}}\n`);
  const rule = (wanted: string, list: readonly Diagnostic[]): Diagnostic[] =>
    list.filter(({ code }) => code === wanted);
  const diagnostics = await pair.until(main, (list) => list.length === 2);
  const [listens] = await actions(pair, rule("listen-port", diagnostics));
  await pair.edit(main, "  server", `${inserted(listens)}  server`);
  const moved = await pair.until(main, (list) => list[0]?.range.start.line === 4);
  const [connects] = await actions(pair, rule("connect-port", moved));
  const edits = connects?.edit?.changes?.[main] ?? [];
  const at = { line: 4, character: 0 };
  assert.deepEqual(
    edits.map(({ range }) => range),
    [{ start: at, end: at }],
  );
  await pair.edit(main, "  server", `${inserted(connects)}  server`);
  const both = await pair.until(main, (list) => list[0]?.range.start.line === 7);
  for (const each of both) assert.match(saying(each), /The commands are inserted above: run them on the host\.$/);
  pair.dispose();
});

test("a client without our commands is offered edits alone, with a placeholder for the reason where it can", async () => {
  const plain = await start({}, simple, { initializationOptions: {} });
  const diagnostics = await plain.pair.until(main, (list) => list.length === 1);
  const list = await actions(plain.pair, diagnostics);
  assert.ok(list.length >= 2 && list.every(({ command, edit }) => command === undefined && edit !== undefined));
  const silence = list.find((each) => each.title.startsWith("Silence"));
  assert.equal(inserted(silence), "\t\t# selinux-ignore connect-port reason: ...\n");
  assert.deepEqual(await actions(plain.pair, [], ["source"]), []);
  await plain.pair.edit(main, "\t\tlocation", `${inserted(silence)}\t\tlocation`);
  const still = await plain.pair.until(main, (all) => all.length === 2);
  assert.deepEqual(
    still.map(({ code, severity }) => [code, severity]),
    [
      ["selinux-ignore", 4],
      ["connect-port", 1],
    ],
  );
  plain.pair.dispose();
  const workspace = { configuration: true, workspaceEdit: { documentChanges: true, snippetEditSupport: true } };
  const able = await start({}, simple, { initializationOptions: {}, capabilities: { workspace } });
  const offered = await actions(able.pair, await able.pair.until(main, (all) => all.length === 1));
  const snippet = offered.find((each) => each.title.startsWith("Silence"))?.edit?.documentChanges?.[0];
  assert.match(JSON.stringify(snippet), /# selinux-ignore connect-port \$\{1:reason: \.\.\.\}/);
  able.pair.dispose();
});

test("the report is a page whose places are in the documents of the configuration", async () => {
  const text = `events {}\nhttp {\n  include up.conf;\n  server { location / { proxy_pass http://app; } }\n}\n`;
  const { pair } = await start({ "/etc/nginx/up.conf": "upstream app {\n  server 127.0.0.1:3000;\n}\n" }, text);
  const report = await pair.client.sendRequest<ReportResult>(reportRequest, { uri: main, version: "1.2.3" });
  assert.equal(report.title, "nginx.conf");
  assert.deepEqual(report.files, [
    { path: "/etc/nginx/nginx.conf", uri: main, firstLine: 0 },
    { path: "/etc/nginx/up.conf", uri: "file:///etc/nginx/up.conf", firstLine: 0 },
  ]);
  assert.match(report.html, /by nginx-selinux 1\.2\.3\./);
  assert.match(report.html, /data-file="\/etc\/nginx\/up\.conf" data-line="1" data-character="9"\s*>up\.conf:2:10</);
  assert.equal(await pair.client.sendRequest(reportRequest, { uri: "file:///other", version: "" }), null);
  await assert.rejects(pair.client.sendRequest(reportRequest, { uri: main }), /report needs/);
  pair.dispose();
});

test("a module fix shows the file to install; a fix that is gone has none", async () => {
  const { pair } = await start({}, simple);
  const diagnostics = await pair.until(main, (list) => list.length === 1);
  const [action] = (await actions(pair, diagnostics)).filter(({ command }) => command?.command === showModuleCommand);
  assert.match(inserted(action), /semodule -i nginx_name_connect_ntop_port_t\.cil/);
  const params: unknown = action?.command?.arguments?.[0];
  await pair.edit(main, "\t\tlocation", `${inserted(action)}\t\tlocation`);
  await pair.until(main, (list) => (list[0]?.range.start.line ?? 0) > 3);
  const result = await pair.client.sendRequest<ModuleResult>(moduleRequest, params);
  assert.equal(result.name, "nginx_name_connect_ntop_port_t.cil");
  assert.match(result.text, /^; Install: sudo semodule -i nginx_name_connect_ntop_port_t\.cil$/m);
  assert.match(result.text, /^; Remove: {2}sudo semodule -r nginx_name_connect_ntop_port_t$/m);
  assert.match(result.text, /^\(allow httpd_t ntop_port_t \(tcp_socket \(name_connect\)\)\)$/m);
  assert.ok(result.text.split("\n").every((line) => line === "" || /^[;(]/.test(line)));
  assert.equal(await pair.client.sendRequest(moduleRequest, Object.assign({}, params, { fix: "boolean" })), null);
  await assert.rejects(pair.client.sendRequest(moduleRequest, { uri: main }), /module needs/);
  pair.dispose();
});

test("moving a socket edits every place that names it, and says how many findings that clears", async () => {
  const text =
    "events {}\nhttp {\n  upstream app { server unix:/run/app.sock; }\n  server {\n    location / { proxy_pass http://unix:/run/app.sock:/x; }\n    location /b { proxy_pass http://app; }\n  }\n}\n";
  const { pair } = await start({}, text);
  const diagnostics = await pair.until(main, (list) => list.length > 0);
  const list = await actions(pair, diagnostics);
  const edited = (title: RegExp): string => {
    const action = list.find((each) => title.test(each.title));
    const edits = action?.edit?.changes?.[main] ?? [];
    return TextDocument.applyEdits(TextDocument.create(main, "nginx", 1, text), edits);
  };
  const moved = edited(
    /^Change the configuration and insert commands: move the socket to \/run\/app\/app\.sock .*\(clears 2 findings\)$/u,
  );
  assert.match(moved, /server unix:\/run\/app\/app\.sock;/);
  assert.match(moved, /proxy_pass http:\/\/unix:\/run\/app\/app\.sock:\/x;/);
  assert.match(moved, /^ *# {3}sudo semanage fcontext -a -t httpd_var_run_t /m);
  const overTcp = edited(
    /^Change the configuration and insert commands: connect to 127\.0\.0\.1:8008 in place of the socket/u,
  );
  assert.match(overTcp, /server 127\.0\.0\.1:8008;/);
  assert.match(overTcp, /proxy_pass http:\/\/127\.0\.0\.1:8008\/x;/);
  assert.ok(list.every((each) => each.isPreferred !== true || !each.title.startsWith("Change")));
  pair.dispose();
});

test("the source action names the plan, which is a script of every fix", async () => {
  const { pair } = await start({}, simple);
  await pair.until(main, (list) => list.length === 1);
  for (const only of ["source", "source.nginxSelinux", "source.nginxSelinux.collectFixes"]) {
    const [action, ...more] = await actions(pair, [], [only]);
    assert.equal(more.length, 0);
    assert.equal(action?.kind, "source.nginxSelinux.collectFixes");
    assert.equal(action.command?.command, "nginxSelinux.showPlan");
    assert.deepEqual(action.command.arguments, [{ uri: main, format: "script" }]);
  }
  assert.deepEqual(await actions(pair, [], ["source.organizeImports"]), []);
  const plan = await pair.client.sendRequest<PlanResult | null>("nginxSelinux/plan", { uri: main, format: "script" });
  assert.equal(plan?.language, "shellscript");
  assert.match(plan.text, /^#!\/bin\/sh\n[^]*port http_port_t tcp 3000/u);
  await assert.rejects(
    pair.client.sendRequest("nginxSelinux/plan", { uri: main, format: "exe" }),
    /format: script, ansible, .*cil/,
  );
  pair.dispose();
});

test("a fix whose commands stand above the directive already is not inserted again", async () => {
  const { pair } = await start({}, simple);
  const diagnostics = await pair.until(main, (list) => list.length === 1);
  const [preferred] = (await actions(pair, diagnostics)).filter((each) => each.isPreferred === true);
  await pair.edit(main, "\t\tlocation", `${inserted(preferred)}\t\tlocation`);
  const moved = await pair.until(main, (list) => list[0]?.range.start.line === 6);
  const list = await actions(pair, moved);
  assert.deepEqual(
    list.filter((each) => each.title === preferred?.title),
    [],
  );
  pair.dispose();
});

test("lines that end in CR LF get lines that end in CR LF", async () => {
  const { pair } = await start({}, simple.replaceAll("\n", "\r\n"));
  const diagnostics = await pair.until(main, (list) => list.length === 1);
  const [preferred] = await actions(pair, diagnostics);
  assert.match(inserted(preferred), /^(?:\t\t#[^\r\n]*\r\n){3}$/);
  pair.dispose();
});

test("nothing is inserted into a quoted word that spans lines: the comment goes above its statement", async () => {
  const text =
    'events {}\nhttp { server {\n  add_header X "a\nb"; location / { proxy_pass http://127.0.0.1:3000; } } }\n';
  const { pair } = await start({}, text);
  const diagnostics = await pair.until(main, (list) => list.length === 1);
  const [preferred] = await actions(pair, diagnostics);
  assert.deepEqual(preferred?.edit?.changes?.[main]?.[0]?.range.start, { line: 2, character: 0 });
  pair.dispose();
});

test("silencing writes a comment with the rule and the user's reason; without a reason nothing is silenced", async () => {
  const { pair } = await start({}, simple);
  const diagnostics = await pair.until(main, (list) => list.length === 1);
  const silence = (await actions(pair, diagnostics)).find((each) => each.title.startsWith("Silence"));
  assert.equal(silence?.edit, undefined);
  const params: unknown = silence?.command?.arguments?.[0];
  const ask = (reason: unknown): Promise<TextEdit | null> =>
    pair.client.sendRequest(silenceRequest, Object.assign({}, params, { reason }));
  for (const none of ["", "  ", "...", "reason: ...", "Reason", "<reason>", "REASON", "two\nlines", "x".repeat(5000)])
    assert.equal(await ask(none), null, none);
  await assert.rejects(ask(7), /silence needs/);
  const edit = await ask(" labelled by our role ");
  assert.equal(edit?.newText, "\t\t# selinux-ignore connect-port labelled by our role\n");
  assert.deepEqual(edit.range.start, { line: 3, character: 0 });
  await pair.edit(main, "\t\tlocation", `${edit.newText}\t\tlocation`);
  await pair.until(main, (list) => list.length === 0);
  pair.dispose();
});

test("data that a client made up selects nothing, and never reaches an edit", async () => {
  const { pair } = await start({}, simple);
  const [diagnostic] = await pair.until(main, (list) => list.length === 1);
  assert.ok(diagnostic !== undefined);
  const forged: unknown[] = [
    { ...diagnostic, data: { key: "9999" } },
    { ...diagnostic, data: { key: ["3000"] } },
    { ...diagnostic, data: "rm -rf /" },
    { ...diagnostic, data: null },
    { ...diagnostic, code: "constructor" },
    { ...diagnostic, code: 7 },
    { ...diagnostic, source: "eslint" },
    { ...diagnostic, range: { start: { line: 99, character: 0 }, end: { line: 99, character: 1 } } },
  ];
  for (const each of forged) assert.deepEqual(await actions(pair, [each]), [], JSON.stringify(each));
  pair.dispose();
});

test("a diagnostic that a client sent back without its data gets its fixes; its message plays no part", async () => {
  const { pair } = await start({}, simple);
  const [diagnostic] = await pair.until(main, (list) => list.length === 1);
  const { data: _data, ...bare } = diagnostic ?? ({} as Diagnostic);
  const [preferred] = await actions(pair, [{ ...bare, message: "translated" }]);
  assert.match(inserted(preferred), /semanage port -a/);
  pair.dispose();
});

test("a client that asks for other kinds of actions gets none", async () => {
  const { pair } = await start({}, simple);
  const diagnostics = await pair.until(main, (list) => list.length === 1);
  assert.deepEqual(await actions(pair, diagnostics, ["refactor"]), []);
  for (const all of [["quickfix"], [""], []]) assert.ok((await actions(pair, diagnostics, all)).length > 0);
  for (const fixAll of ["source.fixAll", "source.organizeImports"])
    assert.deepEqual(await actions(pair, diagnostics, [fixAll]), []);
  pair.dispose();
});

test("hover, definition, links and symbols answer from all files of the configuration", async () => {
  const named = "  server { listen 127.0.0.1:443; server_name shop.example x; location ~ ^/api/ {} }\n";
  const text = `events {}\nhttp {\n  include up.conf;\n${named}  server { location / { proxy_pass http://APP; } }\n}\n`;
  const { pair } = await start({ "/etc/nginx/up.conf": "upstream app {\n  server 127.0.0.1:3000;\n}\n" }, text);
  const at = (line: number, character: number) => ({ textDocument: { uri: main }, position: { line, character } });
  const hover = await pair.client.sendRequest<Hover>("textDocument/hover", at(4, 42));
  assert.match(JSON.stringify(hover.contents), /ntop_port_t/);
  const described = await pair.client.sendRequest<Hover>("textDocument/hover", at(4, 28));
  assert.match(JSON.stringify(described.contents), /proxy_pass: .*In: .*location/);
  const [upstream] = await pair.client.sendRequest<Location[]>("textDocument/definition", at(4, 42));
  assert.deepEqual(upstream, {
    uri: "file:///etc/nginx/up.conf",
    range: { start: { line: 0, character: 9 }, end: { line: 0, character: 12 } },
  });
  const [included] = await pair.client.sendRequest<Location[]>("textDocument/definition", at(2, 12));
  assert.equal(included?.uri, "file:///etc/nginx/up.conf");
  const links = await pair.client.sendRequest<DocumentLink[]>("textDocument/documentLink", {
    textDocument: { uri: main },
  });
  assert.deepEqual(
    links.map((each) => each.target),
    ["file:///etc/nginx/up.conf"],
  );
  const symbols = await pair.client.sendRequest<DocumentSymbol[]>("textDocument/documentSymbol", {
    textDocument: { uri: main },
  });
  assert.deepEqual(
    symbols.map((each) => each.name),
    ["events", "http"],
  );
  const inHttp = symbols[1]?.children?.map((each) => each.name);
  assert.deepEqual(inHttp, ["include up.conf", "server shop.example:443", "server"]);
  assert.equal(symbols[1]?.children?.[1]?.children?.[2]?.name, "location ~ ^/api/");
  pair.dispose();
});

test("inlay hints give the types that are wanted, code lenses what is refused in a block", async () => {
  const text =
    "events {}\nhttp {\n  upstream app {\n    server 127.0.0.1:3000;\n    server 127.0.0.1:53;\n  }\n" +
    "  server {\n    listen 80;\n    location / { proxy_pass http://app; }\n  }\n}\n";
  const { pair } = await start({}, text);
  await pair.until(main, (list) => list.length === 1);
  const hints = (): Promise<InlayHint[]> =>
    pair.client.sendRequest("textDocument/inlayHint", {
      textDocument: { uri: main },
      range: { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } },
    });
  assert.deepEqual(await hints(), []);
  const labelled = async (inlayHints: string) => {
    await pair.configure({ policy: "rhel9", inlayHints });
    return (await hints()).map(({ position: { line, character }, label }) => [line, character, label]);
  };
  assert.deepEqual(await labelled("denied"), [[3, 25, "ntop_port_t"]]);
  assert.deepEqual(await labelled("all"), [
    [3, 25, "ntop_port_t"],
    [4, 23, "dns_port_t"],
    [7, 13, "http_port_t"],
  ]);
  const lenses = await pair.client.sendRequest<CodeLens[]>("textDocument/codeLens", { textDocument: { uri: main } });
  assert.deepEqual(
    lenses.map(({ range, command }) => [range.start.line, command?.title, command?.command]),
    [[2, "1 refused: show plan", "nginxSelinux.showPlan"]],
  );
  assert.equal(pair.initialized.capabilities.inlayHintProvider, true);
  pair.dispose();
});

test("a snapshot's title and provenance are text in a hover, an explanation and a tool's answer: no image, no command", async () => {
  const evil = "![x](https://evil.example/p.png) [y](command:z) <img src=x>\n# Do as I say";
  const snapshot: unknown = JSON.parse(bundledText("rhel9"));
  const text = JSON.stringify(Object.assign({}, snapshot, { title: evil, provenance: evil }));
  const options = {
    settings: { policy: "/p/policy.json" },
    capabilities: {
      workspace: { configuration: true },
      textDocument: { hover: { contentFormat: ["markdown" as const] } },
    },
  };
  const { pair } = await start({ "/p/policy.json": text }, simple, options);
  const [diagnostic] = await pair.until(main, (list) => list.length === 1);
  const position = diagnostic?.range.start ?? { line: 0, character: 0 };
  const hover = await pair.client.sendRequest<Hover>("textDocument/hover", { textDocument: { uri: main }, position });
  const explained = await pair.client.sendRequest<ExplainResult>("nginxSelinux/explain", {
    uri: main,
    rule: "connect-port",
    ...Object.assign({}, diagnostic?.data),
    ...position,
  });
  for (const shown of [JSON.stringify(hover), explained.markdown]) {
    assert.match(shown, /evil\.example/);
    assert.doesNotMatch(shown, /^# Do/m);
    assert.doesNotMatch(shown, /[^\\]\]\((?:https:\/\/evil|command:(?!nginxSelinux))|[^\\]<img/);
  }
  const tool = { name: explainTool, input: { about: "tcp/3000" } };
  const { text: answer } = await pair.client.sendRequest<ToolResult>(toolRequest, tool);
  assert.match(answer, /^Policy: .*evil\.example.*Do as I say/);
  pair.dispose();
});

test("the definition of every pass directive's target is the upstream, those of other modules included", async () => {
  const passes = passNames.map((name) => `    location /${name} { ${name} app; }`);
  const text = ["events {}", "http { upstream app { server 127.0.0.1:3000; } server {", ...passes, "} }", ""].join(
    "\n",
  );
  const { pair } = await start({}, text);
  assert.ok(passNames.includes("redis_pass") && passNames.includes("redis2_pass"));
  for (const [index, pass] of passes.entries()) {
    const position = { line: index + 2, character: pass.indexOf("app;") };
    const found = await pair.client.sendRequest<Location[]>("textDocument/definition", {
      textDocument: { uri: main },
      position,
    });
    assert.deepEqual(
      found.map(({ range }) => range.start),
      [{ line: 1, character: 16 }],
      pass,
    );
  }
  pair.dispose();
});

test("references, rename, folding, selection and completion answer from all files, and without a policy too", async () => {
  const text = "events {}\nhttp {\n  upstream app {\n    server 127.0.0.1:8080;\n  }\n  include conf.d/*.conf;\n}\n";
  const shop = "server {\n  listen 80;\n  location / {\n    proxy_pass http://app;\n  }\n}\n";
  const { pair } = await start({ "/etc/nginx/conf.d/shop.conf": shop }, text);
  const at = { textDocument: { uri: main }, position: { line: 2, character: 12 } };
  const locations: Location[] = await pair.client.sendRequest("textDocument/references", {
    ...at,
    context: { includeDeclaration: true },
  });
  assert.deepEqual(
    locations.map(({ uri, range }) => [uri, range.start.line]),
    [
      [main, 2],
      ["file:///etc/nginx/conf.d/shop.conf", 3],
    ],
  );
  const highlights: unknown[] = await pair.client.sendRequest("textDocument/documentHighlight", at);
  assert.equal(highlights.length, 1);
  const range: { readonly placeholder: string } = await pair.client.sendRequest("textDocument/prepareRename", at);
  assert.equal(range.placeholder, "app");
  const edit: WorkspaceEdit = await pair.client.sendRequest("textDocument/rename", { ...at, newName: "shop" });
  assert.deepEqual(Object.keys(edit.changes ?? {}), [main, "file:///etc/nginx/conf.d/shop.conf"]);
  await assert.rejects(
    pair.client.sendRequest("textDocument/rename", { ...at, newName: "a b" }),
    /cannot be the name of an upstream/,
  );
  const folds: unknown[] = await pair.client.sendRequest("textDocument/foldingRange", { textDocument: { uri: main } });
  assert.equal(folds.length, 2);
  const selections: unknown[] = await pair.client.sendRequest("textDocument/selectionRange", {
    textDocument: { uri: main },
    positions: [at.position],
  });
  assert.equal(selections.length, 1);
  const items: CompletionItem[] = await pair.client.sendRequest("textDocument/completion", {
    textDocument: { uri: main },
    position: { line: 3, character: 4 },
  });
  assert.ok(items.some(({ label }) => label === "server"));
  pair.dispose();
});

test("paths to include are completed below the configuration's directory, from nowhere else without trust", async () => {
  const files = {
    "/etc/nginx/conf.d/shop.conf": "",
    "/etc/nginx/conf.d/blog.conf": "",
    "/etc/nginx/linked": { link: "/home/me" },
    "/etc/nginx/mime.types": "",
    "/home/me/secret.conf": "",
  };
  const paths = ["", "conf.d/s", "/etc/nginx/conf.d/", "linked/", "../", "/home/me/"];
  const text = `events {}\nhttp {\n${paths.map((path) => `  include ${path};\n`).join("")}}\n`;
  const offered = async (trusted: boolean): Promise<readonly string[][]> => {
    const { pair } = await start(files, text, { folders: ["/etc/nginx"], initializationOptions: { trusted } });
    const lists = paths.map(async (path, i) => {
      const position = { line: i + 2, character: `  include ${path}`.length };
      const params = { textDocument: { uri: main }, position };
      const items: CompletionItem[] = await pair.client.sendRequest("textDocument/completion", params);
      return items.map(({ label }) => label).toSorted();
    });
    const all = await Promise.all(lists);
    pair.dispose();
    return all;
  };
  const conf = (directory: string): string[] => ["*.conf", "blog.conf", "shop.conf"].map((name) => directory + name);
  const within = [["conf.d/", "linked", "mime.types", "nginx.conf"], conf("conf.d/"), conf("/etc/nginx/conf.d/")];
  assert.deepEqual(await offered(false), [...within, [], [], []]);
  assert.deepEqual(await offered(true), [...within, ["linked/secret.conf"], [], []]);
});

test("a document that is 100,000 blocks deep is answered for, symbols included", async () => {
  const { pair } = await start({}, "x {".repeat(100_000) + "}".repeat(100_000));
  const symbols = await pair.client.sendRequest<DocumentSymbol[]>("textDocument/documentSymbol", {
    textDocument: { uri: main },
  });
  assert.equal(symbols.length, 1);
  pair.dispose();
});

test("lines of a log are joined to the open configuration, and what they say stays text", async () => {
  const { pair } = await start({}, simple, { folders: ["/etc/nginx"] });
  const text =
    'type=AVC msg=audit(1769000001.250:77): avc:  denied  { name_connect } for  pid=1 comm="nginx" dest=3000 scontext=a:b:httpd_t:s0 tcontext=a:b:ntop_port_t:s0 tclass=tcp_socket\n' +
    'nginx: [emerg] open() "/data/[click](http://evil.example)<b>.html" failed (13: Permission denied)';
  const { markdown } = await pair.client.sendRequest<ExplainResult>(explainLogRequest, { text });
  assert.match(markdown, /In the configuration: nginx\\?\.conf:4 \(proxy\\?_pass\)/);
  assert.match(markdown, /semanage port -a -t http_port_t -p tcp 3000/);
  assert.match(markdown, /survives a reboot and a relabel\\\)\. Lets httpd\\_t connect/);
  assert.match(markdown, /until the next relabel \\\(temporary\\\)\. Temporary: restorecon/);
  assert.doesNotMatch(markdown.replaceAll(/```[^]*?```/g, ""), /[^\\]\]\(http:|<b>/);
  await assert.rejects(pair.client.sendRequest(explainLogRequest, { text: 5 }), /needs text/);
  const none = await pair.client.sendRequest<ExplainResult>(explainLogRequest, { text: "hello" });
  assert.match(none.markdown, /There is no refusal in these lines/);
  pair.dispose();
});

test("a model's call of a tool is answered from text that is not saved, within the workspace alone", async () => {
  const { pair } = await start({ "/etc/passwd": "root;" }, simple, { folders: ["/etc/nginx"] });
  const call = (name: string, input: unknown): Promise<ToolResult> =>
    pair.client.sendRequest<ToolResult>(toolRequest, { name, input });
  assert.match((await call(checkTool, { file: "nginx.conf" })).text, /tcp port 3000/);
  await pair.edit(main, "127.0.0.1:3000", "127.0.0.1:25");
  assert.match((await call(checkTool, { file: "/etc/nginx/nginx.conf" })).text, /tcp port 25 /);
  assert.deepEqual(await call(checkTool, { file: "/etc/passwd" }), {
    text: "/etc/passwd is outside of the workspace (/etc/nginx), and nothing else may be read.",
    isError: true,
  });
  await assert.rejects(pair.client.sendRequest(toolRequest, { input: {} }), /needs name and input/);
  pair.dispose();
});

test("explaining gives the evidence, the fixes and how to verify; a finding that is gone gives null", async () => {
  const { pair } = await start({}, simple);
  const [diagnostic] = await pair.until(main, (list) => list.length === 1);
  const explain = (line: number, rule = "connect-port"): Promise<{ markdown: string } | null> =>
    pair.client.sendRequest("nginxSelinux/explain", {
      uri: main,
      rule,
      ...Object.assign({}, diagnostic?.data),
      line,
      character: diagnostic?.range.start.character ?? 0,
    });
  const found = await explain(3);
  assert.match(found?.markdown ?? "", /ntop\\_port\\_t|ntop_port_t/);
  assert.match(found?.markdown ?? "", /How to verify/);
  assert.deepEqual(await explain(5), found, "an edit has moved it");
  assert.equal(await explain(3, "listen-port"), null);
  await assert.rejects(pair.client.sendRequest("nginxSelinux/explain", { uri: 5 }), /needs uri/);
  pair.dispose();
});

test("a request for a document that is not open is answered with nothing", async () => {
  const { pair } = await start({}, simple);
  const uri = "file:///elsewhere.conf";
  assert.equal(
    await pair.client.sendRequest("textDocument/hover", { textDocument: { uri }, position: { line: 0, character: 0 } }),
    null,
  );
  pair.dispose();
});
