import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Exports } from "../../../client/src/extension.ts";
import {
  actionsAt,
  diagnosticOf,
  diagnosticsWhen,
  file,
  open,
  replace,
  revert,
  ruleOf,
  set,
  silentAbout,
  startedExtension,
  waitFor,
} from "./support.ts";

const upstreams = "nginx/conf.d/upstreams.conf";
const shop = "nginx/conf.d/shop.conf";
let extension: Exports;

before(async () => {
  extension = await startedExtension();
});

afterEach(async () => {
  // The editor writes its own settings when it likes: they are no text of a test.
  const changed = vscode.workspace.textDocuments.filter(
    ({ isDirty, uri }) => isDirty && !uri.path.endsWith("/settings.json"),
  );
  for (const document of changed) await revert(document);
  await set("policy", "rhel9");
  await set("severity", undefined);
});

describe("diagnostics", () => {
  it("underline exactly the upstream server that SELinux refuses", async () => {
    const document = await open(upstreams);
    assert.equal(document.languageId, "nginx");
    const diagnostic = await diagnosticOf(document.uri, "connect-port");
    assert.equal(document.getText(diagnostic.range), "127.0.0.1:3000");
    assert.equal(diagnostic.severity, vscode.DiagnosticSeverity.Error);
    assert.match(diagnostic.message, /3000/);
    assert.ok(typeof diagnostic.code === "object");
    assert.match(diagnostic.code.target.toString(), /connect-port/);
  });

  it("name the proxy_pass of another file that leads there", async () => {
    const document = await open(upstreams);
    const { relatedInformation } = await diagnosticOf(document.uri, "connect-port");
    const [first] = relatedInformation ?? [];
    assert.ok(first);
    assert.equal(first.location.uri.toString(), file(shop).toString());
    const other = await vscode.workspace.openTextDocument(first.location.uri);
    assert.match(other.lineAt(first.location.range.start.line).text, /proxy_pass http:\/\/app;/);
  });

  it("cover a unix socket under /run, and leave PHP's alone", async () => {
    const document = await open(upstreams);
    const diagnostic = await diagnosticOf(document.uri, "connect-socket");
    assert.equal(document.getText(diagnostic.range), "unix:/run/myapp/app.sock");
    const other = await open(shop);
    const found = await diagnosticsWhen(other.uri, (all) => all.length > 0);
    assert.deepEqual(found.map(ruleOf), ["listen-port"]);
  });

  it("follow text that is not saved", async () => {
    const document = await open(upstreams);
    await diagnosticOf(document.uri, "connect-port");
    await replace(document, "127.0.0.1:3000", "unix:/run/php-fpm/www.sock");
    await silentAbout(document.uri, "connect-port");
    assert.equal(document.isDirty, true);
    await revert(document);
    await diagnosticOf(document.uri, "connect-port");
  });

  it("move to another file when an upstream changes its name", async () => {
    const other = await open(shop);
    await silentAbout(other.uri, "connect-port");
    const document = await open(upstreams);
    await diagnosticOf(document.uri, "connect-port");
    await replace(document, "upstream app", "upstream app2");
    const moved = await diagnosticsWhen(other.uri, (all) =>
      all.some((one) => other.getText(one.range).includes("app")),
    );
    assert.ok(moved.some((one) => other.lineAt(one.range.start.line).text.includes("proxy_pass http://app;")));
    await revert(document);
    await diagnosticsWhen(other.uri, (all) => all.every((one) => ruleOf(one) === "listen-port"));
  });

  it("are decided again by another policy", async () => {
    const document = await open(shop);
    await diagnosticOf(document.uri, "listen-port");
    await set("policy", "fedora");
    await silentAbout(document.uri, "listen-port");
    await set("policy", "rhel9");
    await diagnosticOf(document.uri, "listen-port");
  });

  it("are silent where a rule is off", async () => {
    const document = await open(upstreams);
    await diagnosticOf(document.uri, "connect-port");
    await set("severity", { "connect-port": "off" });
    await silentAbout(document.uri, "connect-port");
    await diagnosticOf(document.uri, "connect-socket");
  });

  it("come to a file of nginx's that carries another language", async () => {
    const document = await vscode.languages.setTextDocumentLanguage(await open(upstreams), "plaintext");
    await diagnosticOf(document.uri, "connect-port");
    await vscode.languages.setTextDocumentLanguage(document, "nginx");
  });

  it("come back after the server was restarted", async () => {
    const document = await open(upstreams);
    await diagnosticOf(document.uri, "connect-port");
    const gone = silentAbout(document.uri, "connect-port");
    await vscode.commands.executeCommand("nginxSelinux.restart");
    await gone;
    await diagnosticOf(document.uri, "connect-port");
  });

  it("follow a file that is deleted and one that is created", async () => {
    const other = await open(shop);
    await diagnosticOf(other.uri, "listen-port");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await open(shop);
    const text = await vscode.workspace.fs.readFile(file(upstreams));
    await vscode.workspace.fs.delete(file(upstreams));
    await diagnosticsWhen(other.uri, (all) => all.some((one) => ruleOf(one) !== "listen-port"));
    await vscode.workspace.fs.writeFile(file(upstreams), text);
    await diagnosticsWhen(other.uri, (all) => all.length > 0 && all.every((one) => ruleOf(one) === "listen-port"));
  });
});

describe("a hover", () => {
  it("has the commands of the preferred fix, and links that copy them", async () => {
    const document = await open(upstreams);
    const { range } = await diagnosticOf(document.uri, "connect-port");
    const command = "vscode.executeHoverProvider";
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(command, document.uri, range.start);
    const contents = hovers.flatMap((hover) => hover.contents);
    const shown = contents.find((each) => typeof each === "object" && each.value.startsWith("**Refused**"));
    assert.ok(shown instanceof vscode.MarkdownString);
    assert.match(shown.value, /sudo semanage port -a -t http_port_t -p tcp 3000/);
    assert.ok(
      typeof shown.isTrusted === "object" && shown.isTrusted.enabledCommands.includes("nginxSelinux.copyCommands"),
    );
    const link = /\(command:nginxSelinux\.copyCommands\?([^)]+)\)/.exec(shown.value)?.[1] ?? "";
    const [argument]: readonly unknown[] = JSON.parse(decodeURIComponent(link));
    await vscode.env.clipboard.writeText("");
    await vscode.commands.executeCommand("nginxSelinux.copyCommands", argument);
    assert.match(
      await vscode.env.clipboard.readText(),
      /^sudo semanage port -a -t http_port_t -p tcp 3000\nsudo setsebool/,
    );
  });
});

describe("the report", () => {
  it("is a page beside the file", async () => {
    await open(upstreams);
    await vscode.commands.executeCommand("nginxSelinux.showReport");
    const page = await waitFor(vscode.window.tabGroups.onDidChangeTabs, () => {
      const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
      return (
        tabs.find(({ input, label }) => input instanceof vscode.TabInputWebview && label === "SELinux: nginx.conf") ??
        null
      );
    });
    assert.notEqual(page.group.viewColumn, vscode.ViewColumn.One);
    await vscode.window.tabGroups.close(page);
  });
});

describe("quick fixes", () => {
  it("insert the commands as a comment above the directive", async () => {
    const document = await open(upstreams);
    const { range } = await diagnosticOf(document.uri, "connect-port");
    const actions = await actionsAt(document.uri, range);
    const preferred = actions.filter((action) => action.isPreferred === true);
    assert.deepEqual(preferred.length, 1, actions.map((action) => action.title).join());
    const edit = preferred[0]?.edit;
    assert.ok(edit);
    assert.equal(await vscode.workspace.applyEdit(edit), true);
    const lines = document.getText().split("\n");
    const server = lines.findIndex((line) => line.includes("server 127.0.0.1:3000;"));
    const comment = lines
      .slice(0, server)
      .filter((line) => line.startsWith("    #"))
      .join("\n");
    assert.match(comment, /sudo semanage port -a -t http_port_t -p tcp 3000/);
    assert.match(comment, /sudo setsebool -P httpd_graceful_shutdown on/);
  });

  it("give what the chosen release needs", async () => {
    await set("policy", "rhel7");
    await waitForPolicy("RHEL 7");
    const document = await open(upstreams);
    const { range } = await diagnosticOf(document.uri, "connect-port");
    const [preferred] = (await actionsAt(document.uri, range)).filter((action) => action.isPreferred === true);
    const text =
      preferred?.edit
        ?.get(document.uri)
        .map((edit) => edit.newText)
        .join("") ?? "";
    assert.match(text, /sudo semanage port -a -t http_port_t -p tcp 3000/);
    assert.doesNotMatch(text, /setsebool/);
  });

  it("edit the configuration where that is better", async () => {
    const document = await open(upstreams);
    const { range } = await diagnosticOf(document.uri, "connect-socket");
    const actions = await actionsAt(document.uri, range);
    const edit = actions.find(({ title }) =>
      /^Change the configuration.*: connect to 127\.0\.0\.1:8008/.test(title),
    )?.edit;
    assert.ok(edit, actions.map((action) => action.title).join());
    assert.equal(await vscode.workspace.applyEdit(edit), true);
    assert.match(document.getText(), /^ *server 127\.0\.0\.1:8008;$/m);
    assert.match(document.getText(), /^ *# {3}sudo setsebool -P httpd_graceful_shutdown on$/m);
    await silentAbout(document.uri, "connect-socket");
  });

  it("show the module of a fix as the file to save", async () => {
    const document = await open(upstreams);
    const { range } = await diagnosticOf(document.uri, "connect-socket");
    const [action] = (await actionsAt(document.uri, range)).filter(
      ({ command }) => command?.command === "nginxSelinux.showModule",
    );
    const show = action?.command;
    assert.ok(show && action.edit);
    // As the editor does it: first the edit, which moves the finding.
    assert.equal(await vscode.workspace.applyEdit(action.edit), true);
    await vscode.commands.executeCommand(show.command, ...(show.arguments ?? []));
    const shown = vscode.workspace.textDocuments.find(({ uri }) => uri.path.endsWith(".cil"));
    assert.ok(shown?.isUntitled);
    assert.match(shown.uri.path, /\/nginx_connectto_unconfined_service_t\.cil$/);
    assert.match(shown.getText(), /^; Install: sudo semodule -i nginx_connectto_unconfined_service_t\.cil$/m);
    assert.match(shown.getText(), /^\(allow httpd_t unconfined_service_t \(unix_stream_socket \(connectto\)\)\)$/m);
    await vscode.window.showTextDocument(shown);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    // A file of that name from the time before is shown with the new text, which is not saved.
    const name = "nginx_connectto_unconfined_service_t.cil";
    await write(name, "; old\n");
    await vscode.commands.executeCommand(show.command, ...(show.arguments ?? []));
    const again = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === file(name).toString());
    assert.ok(again?.isDirty);
    assert.match(again.getText(), /^; Install: sudo semodule -i/m);
    await vscode.window.showTextDocument(again);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await vscode.workspace.fs.delete(file(name));
  });

  it("can be copied", async () => {
    const copy = await commandAction("nginxSelinux.copyCommands");
    await vscode.commands.executeCommand(copy.command, ...(copy.arguments ?? []));
    assert.match(await vscode.env.clipboard.readText(), /^sudo semanage port -a -t http_port_t -p tcp 3000\n/);
  });

  it("are typed into a new terminal each time", async () => {
    const run = await commandAction("nginxSelinux.runInTerminal");
    for (const count of [1, 2]) {
      await vscode.commands.executeCommand(run.command, ...(run.arguments ?? []));
      assert.equal(ourTerminals().length, count);
    }
    for (const terminal of ourTerminals()) terminal.dispose();
    await waitFor(vscode.window.onDidCloseTerminal, () => (ourTerminals().length === 0 ? true : null));
  });

  it("never type what the server has not offered", async () => {
    for (const commands of [["touch /tmp/never"], ["sudo semanage port -a -t http_port_t -p tcp 3000\n"], [7], "x"]) {
      await vscode.commands.executeCommand("nginxSelinux.runInTerminal", { commands });
    }
    assert.deepEqual(ourTerminals(), []);
  });

  it("are explained in a preview", async () => {
    const explain = await commandAction("nginxSelinux.explain");
    await vscode.commands.executeCommand(explain.command, ...(explain.arguments ?? []));
    const preview = await waitFor(vscode.window.tabGroups.onDidChangeTabs, () => {
      const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
      return tabs.find((tab) => tab.label.startsWith("Preview ")) ?? null;
    });
    await vscode.window.tabGroups.close(preview);
  });
});

describe("the outline", () => {
  it("names blocks by their values", async () => {
    const document = await open(shop);
    await diagnosticOf(document.uri, "listen-port");
    const command = "vscode.executeDocumentSymbolProvider";
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(command, document.uri);
    const names = symbols.flatMap((symbol) => [symbol.name, ...symbol.children.map(({ name }) => name)]);
    assert.ok(
      names.some((name) => /^server shop\S*:\d+$/.test(name)),
      names.join(),
    );
    assert.ok(names.includes("location /"), names.join());
  });
});

describe("the status item", () => {
  it("says that nothing is checked where the policy cannot be had, and which setting is not followed", async () => {
    await open(upstreams);
    await set("policy", "rhel99");
    const status = await waitForStatus((text) => text === "SELinux: not checked");
    assert.equal(status.severity, "error");
    assert.match(status.detail, /"rhel99"/);
    await set("policy", "rhel9");
    await set("severity", { "connect-prot": "off" });
    await waitForPolicy("RHEL 9");
    await waitFor(extension.onDidChangeStatus, () => (/connect-prot/.test(extension.status().detail) ? true : null));
    assert.equal(extension.status().severity, "warning");
    await set("severity", undefined);
    await waitFor(extension.onDidChangeStatus, () => (extension.status().severity === "information" ? true : null));
  });

  it("says which policy the answers come from, and why", async () => {
    await open(upstreams);
    const status = await waitForPolicy("RHEL 9");
    assert.notEqual(status.detail, "");
    assert.equal(status.severity, "information");
  });

  it("says that a configuration for a container is not checked, and why", async () => {
    await write("boxed/compose.yml", "services:\n  web:\n    volumes:\n      - ./nginx.conf:/etc/nginx/nginx.conf\n");
    await write("boxed/nginx.conf", "events {}\nhttp { server { listen 8888; } }\n");
    const document = await open("boxed/nginx.conf");
    await diagnosticOf(document.uri, "not-confined");
    const status = await waitForStatus((text) => text === "SELinux: not checked (container)");
    assert.match(status.detail, /^compose\.yml, line 4, mounts this configuration into a container/);
  });

  it("follows the setting", async () => {
    await open(upstreams);
    await set("policy", "rhel10");
    await waitForPolicy("RHEL 10");
  });
});

describe("the tools for assistants", () => {
  it("answer through the editor's API, from text that is not saved", async () => {
    const document = await open(upstreams);
    await replace(document, "127.0.0.1:3000", "127.0.0.1:25");
    const text = await toolText("check_nginx_selinux", { file: upstreams });
    assert.match(text, /tcp port 25 .*SELinux refuses nginx's connection/);
    assert.match(await toolText("explain_nginx_selinux", { about: "tcp/3000" }), /semanage port -a -t http_port_t/);
    assert.match(await toolText("plan_nginx_selinux", { file: upstreams }), /semanage port/);
    await assert.rejects(
      async () => toolText("check_nginx_selinux", { file: "/etc/passwd" }),
      /outside of the workspace/,
    );
  });
});

describe("files in conf.d", () => {
  it("are nginx's where an nginx.conf lies beside the folder", async () => {
    await write("deploy/nginx.conf", "events {}\nhttp { include conf.d/*.conf; }\n");
    await write("deploy/conf.d/app.conf", "server { listen 8888; }\n");
    const document = await open("deploy/conf.d/app.conf");
    const diagnostic = await diagnosticOf(document.uri, "listen-port");
    assert.equal(document.getText(diagnostic.range), "8888");
  });

  it("are left alone where none does", async () => {
    await write("httpd/conf.d/ssl.conf", "Listen 443 https\n<VirtualHost _default_:443>\n</VirtualHost>\n");
    const apache = await open("httpd/conf.d/ssl.conf");
    const ours = await open(upstreams);
    await diagnosticOf(ours.uri, "connect-port");
    assert.notEqual(apache.languageId, "nginx");
    assert.deepEqual(vscode.languages.getDiagnostics(apache.uri), []);
  });
});

async function write(path: string, text: string): Promise<void> {
  await vscode.workspace.fs.writeFile(file(path), Buffer.from(text));
}

/** What a tool answers a model. The API is newer than the types of the oldest editor. */
async function toolText(name: string, input: object): Promise<string> {
  const { lm }: { readonly lm: object } = vscode;
  assert.ok("invokeTool" in lm && typeof lm.invokeTool === "function");
  const answer: unknown = await lm.invokeTool(name, { input, toolInvocationToken: undefined });
  return JSON.stringify(answer);
}

function ourTerminals(): readonly vscode.Terminal[] {
  return vscode.window.terminals.filter((terminal) => terminal.name === "SELinux for nginx");
}

/** The command of the first code action on port 3000 that names it. */
async function commandAction(id: string): Promise<vscode.Command> {
  const document = await open(upstreams);
  const { range } = await diagnosticOf(document.uri, "connect-port");
  const actions = await actionsAt(document.uri, range);
  const found = actions.find((action) => action.command?.command === id)?.command;
  assert.ok(found, actions.map((action) => action.title).join());
  return found;
}

function waitForPolicy(name: string): Promise<ReturnType<Exports["status"]>> {
  return waitForStatus((text) => text.includes(name));
}

async function waitForStatus(wanted: (text: string) => boolean): Promise<ReturnType<Exports["status"]>> {
  return waitFor(extension.onDidChangeStatus, () => {
    const status = extension.status();
    return wanted(status.text) ? status : null;
  });
}
