/** A log in the editor: the action on a line that tells of a refusal, and the answer. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { actionsAt, file, open, set, startedExtension, waitFor } from "./support.ts";

const LOG = "logs/error.log";
const title = "Explain this denial";
const refused =
  '2026/01/21 10:02:03 [crit] 31#31: *7 connect() to 127.0.0.1:3000 failed (13: Permission denied) while connecting to upstream, client: 198.51.100.4, server: shop.example, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:3000/", host: "shop.example"';
const record =
  'type=AVC msg=audit(1769000001.250:77): avc:  denied  { name_connect } for  pid=31 comm="nginx" dest=3000 scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:ntop_port_t:s0 tclass=tcp_socket permissive=0';
const harmless = "2026/01/21 10:02:04 [notice] 31#31: signal process started";

describe("a denial in an open log", () => {
  before(async () => {
    await startedExtension();
    await set("policy", "rhel9");
    const text = [refused, harmless, record, ""].join("\n");
    await vscode.workspace.fs.writeFile(file(LOG), new TextEncoder().encode(text));
  });
  after(() => vscode.workspace.fs.delete(vscode.Uri.joinPath(file(LOG), ".."), { recursive: true }));

  it("has an action, other lines have none", async () => {
    await open("nginx/conf.d/upstreams.conf");
    const { uri } = await open(LOG);
    const titlesAt = async (line: number): Promise<readonly string[]> =>
      (await actionsAt(uri, new vscode.Range(line, 0, line, 0))).map((action) => action.title);
    assert.ok((await titlesAt(0)).includes(title));
    assert.ok(!(await titlesAt(1)).includes(title));
    assert.ok((await titlesAt(2)).includes(title));
  });

  it("is answered with its place in the configuration and the commands", async () => {
    await open("nginx/conf.d/upstreams.conf");
    const { uri } = await open(LOG);
    const found = await actionsAt(uri, new vscode.Range(2, 0, 2, 0));
    const command = found.find((action) => action.title === title)?.command;
    assert.ok(command);
    // Earlier tests have shown answers of their own.
    const earlier = new Set(vscode.workspace.textDocuments.map((document) => document.uri.toString()));
    await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
    const answer = await waitFor(vscode.workspace.onDidOpenTextDocument, () => {
      const documents = vscode.workspace.textDocuments.filter(
        ({ uri: each }) => each.scheme === "nginx-selinux" && !earlier.has(each.toString()),
      );
      return documents.find((each) => each.getText().includes("tcp port 3000")) ?? null;
    });
    const text = answer.getText();
    assert.match(text, /upstreams\\?\.conf:\d+ \(server\)/);
    assert.match(text, /semanage port -a -t http_port_t -p tcp 3000/);
    assert.match(text, /httpd_graceful_shutdown/);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
});
