/** Code actions: what is offered for a finding, which edits and commands it has, and the plan of every fix. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CodeAction, Diagnostic, TextEdit } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import {
  moduleRequest,
  showModuleCommand,
  silenceRequest,
  type ModuleResult,
  type PlanResult,
} from "../../server/src/shared/protocol.ts";
import type { LspPair } from "../support/lspPair.ts";
import { main, simple, start } from "../support/openConfiguration.ts";

const actions = (pair: LspPair, diagnostics: readonly unknown[], only?: readonly string[]): Promise<CodeAction[]> =>
  pair.client.sendRequest("textDocument/codeAction", {
    textDocument: { uri: main },
    range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
    context: { diagnostics, ...(only === undefined ? {} : { only }) },
  });
const saying = (diagnostic: Diagnostic | undefined): string =>
  typeof diagnostic?.message === "string" ? diagnostic.message : "";
const inserted = (action: CodeAction | undefined): string => action?.edit?.changes?.[main]?.[0]?.newText ?? "";

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
