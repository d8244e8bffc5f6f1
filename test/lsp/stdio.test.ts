/** The language server over real stdio, as VS Code, Neovim and Eglot talk to it. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { CodeAction, Diagnostic, DocumentDiagnosticReport, Hover } from "vscode-languageserver/node";
import type { Position, Range } from "vscode-languageserver/node";
import { positionOf } from "../support/pointedAt.ts";
import { bundledServer, startStdio, type ClientProfile, type StdioServer } from "../support/stdioServer.ts";

const folder = mkdtempSync(join(tmpdir(), "nginx-selinux-stdio-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const programs = mkdtempSync(join(tmpdir(), "nginx-selinux-server-"));
after(() => rmSync(programs, { recursive: true, force: true }));
const program = await bundledServer(programs);
const main = join(folder, "nginx.conf");
const uri = `file://${main}`;
/** Before the target stand characters of two, three and four bytes in UTF-8. */
const odd = '    location /ä { add_header x "日😀"; proxy_pass http://127.0.0.1:3000; }';
const text = `events {}\nhttp {\n  server {\n${odd}\n  }\n  include sites/*.conf;\n}\n`;
const target = "127.0.0.1:3000";
writeFileSync(main, text);

interface Profile extends ClientProfile {
  readonly name: string;
  /** How its positions are counted with this server: the first of its encodings that the server has. */
  readonly encoding: "utf-8" | "utf-16";
  readonly pulls: boolean;
  readonly hasCommands: boolean;
  readonly markup: "markdown" | "plaintext";
}

/** As each editor announces itself, without what no server of ours asks for. */
const profiles: readonly Profile[] = [
  {
    name: "VS Code",
    encoding: "utf-16",
    pulls: true,
    hasCommands: true,
    markup: "markdown",
    initializationOptions: { trusted: true, commands: true },
    settings: { policy: "rhel9" },
    capabilities: {
      general: { positionEncodings: ["utf-16"] },
      workspace: {
        configuration: true,
        workspaceFolders: true,
        didChangeConfiguration: { dynamicRegistration: true },
        didChangeWatchedFiles: { dynamicRegistration: true },
        diagnostics: { refreshSupport: true },
        codeLens: { refreshSupport: true },
        workspaceEdit: { documentChanges: true, snippetEditSupport: true },
      },
      textDocument: {
        diagnostic: { dynamicRegistration: true, relatedDocumentSupport: true },
        hover: { contentFormat: ["markdown", "plaintext"] },
      },
    },
  },
  {
    name: "Neovim",
    encoding: "utf-8",
    pulls: false,
    hasCommands: false,
    markup: "markdown",
    initializationOptions: { policy: "rhel9" },
    capabilities: {
      general: { positionEncodings: ["utf-8", "utf-16", "utf-32"] },
      workspace: { configuration: true, workspaceFolders: true, workspaceEdit: { documentChanges: false } },
      textDocument: {
        diagnostic: { dynamicRegistration: false },
        hover: { contentFormat: ["markdown", "plaintext"] },
        publishDiagnostics: { relatedInformation: true },
      },
    },
  },
  {
    name: "Eglot",
    encoding: "utf-8",
    pulls: false,
    hasCommands: false,
    markup: "plaintext",
    initializationOptions: { nginxSelinux: { policy: "rhel9" } },
    capabilities: {
      general: { positionEncodings: ["utf-32", "utf-8", "utf-16"] },
      workspace: { applyEdit: true, configuration: false, workspaceFolders: true },
      textDocument: { hover: { contentFormat: ["plaintext"] }, publishDiagnostics: { relatedInformation: false } },
    },
  },
];

/** The features that every client is told of at once, whether or not it has dynamic registration. */
const announced = [
  "codeActionProvider",
  "completionProvider",
  "definitionProvider",
  "documentHighlightProvider",
  "documentLinkProvider",
  "documentSymbolProvider",
  "foldingRangeProvider",
  "hoverProvider",
  "inlayHintProvider",
  "referencesProvider",
  "renameProvider",
  "selectionRangeProvider",
  "semanticTokensProvider",
] as const;

/** The positions around the target, and around its end where only some of its last characters are wanted. */
function rangeOfTarget({ encoding }: Profile, last = target.length): Range {
  const end = text.indexOf(target) + target.length;
  return { start: positionOf(text, end - last, encoding), end: positionOf(text, end, encoding) };
}

async function diagnosticsOf(server: StdioServer, { pulls }: Profile, of = uri): Promise<readonly Diagnostic[]> {
  if (!pulls) return server.pushed(of);
  const report = await server.connection.sendRequest<DocumentDiagnosticReport>("textDocument/diagnostic", {
    textDocument: { uri: of },
  });
  return report.kind === "full" ? report.items : [];
}

async function hoverAt({ connection }: StdioServer, position: Position | undefined): Promise<Hover> {
  return connection.sendRequest<Hover>("textDocument/hover", { textDocument: { uri }, position });
}

for (const profile of profiles)
  suite(`the server over stdio, with ${profile.name}`, () => {
    let server: StdioServer;
    before(async () => {
      server = await startStdio(program, profile, folder);
      await server.open(uri, text);
    });

    test(`announces every feature in its first answer, and counts positions in ${profile.encoding}`, () => {
      const { capabilities } = server.initialized;
      assert.equal(capabilities.positionEncoding, profile.encoding);
      assert.deepEqual(
        announced.filter((name) => capabilities[name] === undefined || capabilities[name] === false),
        [],
      );
      assert.equal(capabilities.codeLensProvider !== undefined, profile.hasCommands);
      assert.equal(capabilities.diagnosticProvider !== undefined, profile.pulls);
    });

    test("underlines exactly the target, behind characters of several bytes", async () => {
      const [diagnostic, ...more] = await diagnosticsOf(server, profile);
      assert.deepEqual(more, []);
      assert.deepEqual(diagnostic?.range, rangeOfTarget(profile));
      assert.match(String(diagnostic.message), /tcp port 3000 .* on RHEL 9\./, "the options are settings");
    });

    test("offers what the client can do, and hovers in its form", async () => {
      const diagnostics = await diagnosticsOf(server, profile);
      const range = diagnostics[0]?.range;
      const actions = await server.connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
        textDocument: { uri },
        range,
        context: { diagnostics },
      });
      const commands = actions.flatMap(({ command }) => command?.command ?? []);
      assert.equal(commands.length > 0, profile.hasCommands, commands.join());
      assert.ok(actions.some(({ edit, isPreferred }) => edit !== undefined && isPreferred === true));
      const { contents } = await hoverAt(server, range?.start);
      assert.ok(typeof contents === "object" && "kind" in contents);
      assert.equal(contents.kind, profile.markup);
    });

    test("follows an edit behind such characters, and takes the diagnostics back", async () => {
      await server.connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, version: 2 },
        contentChanges: [{ range: rangeOfTarget(profile, 4), text: "53" }],
      });
      if (profile.pulls) assert.deepEqual(await diagnosticsOf(server, profile), []);
      else await server.pushed(uri, (list) => list.length === 0);
    });

    test("ends as the protocol says", async () => assert.equal(await server.end(), 0));
  });

suite("the server over stdio", () => {
  const [code, neovim] = profiles;
  assert.ok(code !== undefined && neovim !== undefined);

  test("answers for 200 documents, and is the same after it was killed and started again", async () => {
    const sites = join(folder, "sites");
    mkdirSync(sites);
    const ports = Array.from({ length: 200 }, (_, i) => 20_000 + (i % 10));
    const documents = ports.map((port, i) => ({
      path: join(sites, `${i}.conf`),
      text: `server { listen 80; location / { proxy_pass http://127.0.0.1:${port}; } }\n`,
    }));
    for (const each of documents) writeFileSync(each.path, each.text);
    const session = async (): Promise<{ readonly server: StdioServer; readonly found: readonly string[] }> => {
      const server = await startStdio(program, neovim, folder);
      for (const each of documents) await server.open(`file://${each.path}`, each.text);
      const lists = await Promise.all(documents.map(({ path }) => server.pushed(`file://${path}`)));
      return { server, found: lists.map((list) => list.map(({ message }) => message).join()) };
    };
    const first = await session();
    assert.equal(first.found.filter((messages, i) => messages.includes(`tcp port ${ports[i]} `)).length, 200);
    await first.server.kill();
    const second = await session();
    assert.deepEqual(second.found, first.found);
    assert.equal(await second.server.hangUp(), 1, "the end of its input ends it, without shutdown");
    rmSync(sites, { recursive: true });
  });

  test("completes no path to include where a document has no directory: the server's own is none", async () => {
    const server = await startStdio(program, neovim, folder);
    const untitled = "untitled:Untitled-1";
    await server.open(untitled, "include \n");
    const params = { textDocument: { uri: untitled }, position: { line: 0, character: 8 } };
    const offered = await server.connection.sendRequest("textDocument/completion", params);
    assert.equal(await server.end(), 0);
    assert.deepEqual(offered, []);
  });

  test("reads no policy by its path where trust is refused, and reads it where none is spoken of", async () => {
    const { start } = rangeOfTarget(neovim);
    const policy = { ...neovim, initializationOptions: { policy: join(folder, "none.json") } };
    const plain = await startStdio(program, policy, folder);
    await plain.open(uri, text);
    const [found, hover] = await Promise.all([
      plain.connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
        textDocument: { uri },
        range: { start: { line: 0, character: 0 }, end: { line: 7, character: 0 } },
        context: { diagnostics: [] },
      }),
      hoverAt(plain, start),
    ]);
    assert.deepEqual(found, [], "the policy cannot be read, so nothing is judged");
    assert.doesNotMatch(JSON.stringify(hover), /Refused/);
    assert.equal(await plain.exit(), 1, "exit without shutdown");
    const options = { ...policy.initializationOptions, trusted: false };
    const restricted = await startStdio(program, { ...policy, initializationOptions: options }, folder);
    await restricted.open(uri, text);
    await restricted.pushed(uri);
    assert.match(JSON.stringify(await hoverAt(restricted, start)), /Refused/);
    assert.equal(await restricted.end(), 0);
  });
});
