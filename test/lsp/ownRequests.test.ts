/** Requests of the server's own: the report, explanations of findings and of lines of a log, and the tools of a model. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hover } from "vscode-languageserver/node";
import { checkTool, explainTool } from "../../server/src/shared/assistantTools.ts";
import {
  explainLogRequest,
  reportRequest,
  toolRequest,
  type ExplainResult,
  type ReportResult,
  type ToolResult,
} from "../../server/src/shared/protocol.ts";
import { bundledText } from "../support/bundledPolicies.ts";
import { main, simple, start } from "../support/openConfiguration.ts";

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
