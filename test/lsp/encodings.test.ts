/** Positions in UTF-8 and in UTF-16: both encodings point at the same characters, in every request and every answer. */
import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import type { Position, Range, SemanticTokens } from "vscode-languageserver/node";
import { explainRequest, silenceRequest } from "../../server/src/shared/protocol.ts";
import { bundledText } from "../support/bundledPolicies.ts";
import { startPair, type LspPair } from "../support/lspPair.ts";
import { createMemoryHost } from "../support/memoryHost.ts";
import { pointedAt, positionOf, type Encoding } from "../support/pointedAt.ts";

/** Characters of two, three and four bytes stand before all that is asked for: its columns differ in the encodings. */
const odd = 'add_header a "éж日本😀";';
const main = "file:///etc/nginx/nginx.conf";
const site = "file:///etc/nginx/sites/one.conf";
const dump = "file:///tmp/dump.txt";
const template = "file:///srv/template/nginx.conf";
const contained = "file:///repo/nginx.conf";
const compose = "file:///repo/compose.yml";
const quadlet = "file:///repo/web.container";

/** The texts on disk, by URI. */
const onDisk: Readonly<Record<string, string>> = {
  [main]: `events {}
http {
  ${odd} upstream app { server 127.0.0.1:3000; }
  ${odd} include sites/*.conf;
  ${odd} server {
    ${odd} listen 8443 ssl; location /ж { ${odd} proxy_pass http://app; }
    ${odd} ssl_certificate_key /home/é/k.pem; ssl_certificate /etc/pki/tls/certs/k.pem;
    ${odd} location /s { proxy_pass http://unix:/run/日/a.sock:/; }
  }
}
`,
  [site]: `${odd} server { ${odd} location / { proxy_pass http://app; } location /x { proxy_pass http://127.0.0.1:3001; } }\r\n`,
  [dump]: `nginx: [warn] é日😀
# configuration file /etc/nginx/nginx.conf:
events {}
http { include é/*.conf; }

# configuration file /etc/nginx/é/a.conf:
server { ${odd} location / { proxy_pass http://127.0.0.1:3002; } }
`,
  [template]: `events {}\nhttp { server { ${odd} location / { ${odd} proxy_pass http://127.0.0.1:\${PORT}; } } }\n`,
  [contained]: "events {}\n",
  [compose]: `services:
  web:
    image: nginx
    volumes: ["./日😀:/usr/share/nginx/é", "./nginx.conf:/etc/nginx/nginx.conf"]
`,
  [quadlet]: `[Container]\nImage=nginx\nVolume=./nginx.conf:/etc/nginx/nginx.conf\nVolume = ./日😀/é:/usr/share/nginx/html\n`,
};
const project = { "/srv/template/.nginx-selinux.json": '{ "define": { "PORT": "3003" } }' };

function start(encoding: Encoding): Promise<LspPair> {
  const files = Object.fromEntries(Object.entries(onDisk).map(([uri, text]) => [uri.slice("file://".length), text]));
  const policies = (name: string): Promise<string> | string | undefined =>
    name === "rhel9" ? bundledText(name) : undefined;
  return startPair(createMemoryHost({ ...files, ...project }, policies), {
    settings: { policy: "rhel9", inlayHints: "all" },
    capabilities: {
      general: { positionEncodings: encoding === "utf-8" ? ["utf-32", "utf-8", "utf-16"] : ["utf-16", "utf-8"] },
      workspace: { configuration: true, workspaceFolders: true },
      textDocument: { publishDiagnostics: { relatedInformation: true }, hover: { contentFormat: ["markdown"] } },
    },
  });
}

/** A client that counts in one encoding, with the texts as it has them, and what it was answered by what it asked. */
class Session {
  readonly encoding: Encoding;
  readonly pair: LspPair;
  readonly #texts = new Map(Object.entries(onDisk));
  /** As it came, and with the characters that it points at. */
  readonly answers = new Map<string, { readonly raw: string; readonly seen: unknown }>();
  #version = 1;

  constructor(pair: LspPair, encoding: Encoding) {
    this.pair = pair;
    this.encoding = encoding;
  }

  textOf(uri: string): string {
    return this.#texts.get(uri) ?? "";
  }

  /** Around the first occurrence of a text in a document. */
  range(uri: string, wanted: string): Range {
    const text = this.textOf(uri);
    const offset = text.indexOf(wanted);
    assert.ok(offset >= 0, wanted);
    return {
      start: positionOf(text, offset, this.encoding),
      end: positionOf(text, offset + wanted.length, this.encoding),
    };
  }

  at(uri: string, wanted: string): { readonly position: Position } {
    return { position: this.range(uri, wanted).start };
  }

  take(name: string, uri: string, answer: unknown): void {
    const seen = pointedAt(answer, this.#texts, this.encoding, uri);
    this.answers.set(name, { raw: JSON.stringify(answer), seen });
  }

  async ask(method: string, uri: string, parameters: object = {}, name = method): Promise<void> {
    const params = { textDocument: { uri }, ...parameters };
    this.take(name, uri, await this.pair.client.sendRequest(`textDocument/${method}`, params));
  }

  async diagnostics(uri: string, count: number): Promise<void> {
    this.take(`diagnostics ${uri}`, uri, await this.pair.until(uri, ({ length }) => length === count));
  }

  async edit(uri: string, from: string, to: string): Promise<void> {
    const contentChanges = [{ range: this.range(uri, from), text: to }];
    this.#texts.set(uri, this.textOf(uri).replace(from, to));
    const textDocument = { uri, version: ++this.#version };
    await this.pair.client.sendNotification("textDocument/didChange", { textDocument, contentChanges });
  }
}

/** The ranges of semantic tokens. */
function placesOf({ data }: SemanticTokens): readonly { readonly range: Range }[] {
  let [line, character] = [0, 0];
  return Array.from({ length: data.length / 5 }, (_, i) => {
    const [lines = 0, columns = 0, length = 0] = data.slice(5 * i);
    character = lines === 0 ? character + columns : columns;
    line += lines;
    return { range: { start: { line, character }, end: { line, character: character + length } } };
  });
}

/** Every feature, in the document and the files around it. */
async function askAll(session: Session): Promise<void> {
  const name = session.at(main, "app; }\n");
  await session.ask("hover", main, session.at(main, "127.0.0.1:3000"));
  await session.ask("hover", main, session.at(main, "proxy_pass"), "hover of a directive");
  await session.ask("definition", main, name);
  await session.ask("references", main, { ...name, context: { includeDeclaration: true } });
  await session.ask("documentHighlight", main, name);
  await session.ask("prepareRename", main, name);
  await session.ask("rename", main, { ...name, newName: "shop" });
  await session.ask("completion", main, { position: session.range(main, "proxy_pass http://a").end });
  await session.ask("documentLink", main);
  await session.ask("documentSymbol", main);
  await session.ask("codeLens", main);
  await session.ask("foldingRange", main);
  const positions = ["8443", "/s {"].map((each) => session.at(main, each).position);
  await session.ask("selectionRange", main, { positions });
  await session.ask("inlayHint", main, { range: session.range(main, "server 127.0.0.1:3000") });
  const parameters = { textDocument: { uri: main } };
  const tokens = await session.pair.client.sendRequest<SemanticTokens>("textDocument/semanticTokens/full", parameters);
  session.take("semanticTokens/full", main, placesOf(tokens));
}

/** Actions at a range, and for diagnostics as they came; then what their commands ask. */
async function askForActions(session: Session): Promise<void> {
  const { client, published } = session.pair;
  const nothing = { diagnostics: [] };
  for (const target of ["127.0.0.1:3000", "/home/é/k.pem"])
    await session.ask("codeAction", main, { range: session.range(main, target), context: nothing }, `fix ${target}`);
  const context = { diagnostics: published.get(main)?.diagnostics ?? [] };
  await session.ask("codeAction", main, { range: session.range(main, "events"), context }, "fixes of diagnostics");
  const { line, character } = session.range(main, "unix:/run/日/a.sock").start;
  const place = { uri: main, rule: "connect-socket", key: "stream /run/日/a.sock", line, character };
  session.take("explain", main, await client.sendRequest(explainRequest, place));
  const silence = { ...place, silence: place.rule, reason: "its service runs in nginx's domain" };
  session.take("silence", main, await client.sendRequest(silenceRequest, silence));
}

async function edit(session: Session): Promise<void> {
  await session.edit(main, '本😀"; upstream', '${x}😀"; upstream');
  await session.edit(main, "${x}😀", '本日";\r\n  add_header b "😀日');
  await session.edit(main, "日本日", "");
  await session.edit(main, "3000", "3009");
  await session.ask("documentSymbol", main, {}, "symbols after edits");
  await session.ask("hover", main, session.at(main, "127.0.0.1:3009"), "hover after edits");
}

async function askInOtherFiles(session: Session): Promise<void> {
  for (const uri of [dump, template, contained]) await session.pair.open(uri, session.textOf(uri));
  await session.diagnostics(dump, 1);
  await session.ask("hover", dump, session.at(dump, "127.0.0.1:3002"), "hover in a dump");
  await session.diagnostics(template, 1);
  await session.ask("hover", template, session.at(template, "${PORT}"), "hover in a template");
  await session.diagnostics(compose, 2);
  await session.diagnostics(quadlet, 2);
}

async function drive(encoding: Encoding): Promise<Session> {
  const pair = await start(encoding);
  const session = new Session(pair, encoding);
  await pair.open(main, session.textOf(main));
  await session.diagnostics(main, 3);
  await session.diagnostics(site, 1);
  await askAll(session);
  await askForActions(session);
  await edit(session);
  await askInOtherFiles(session);
  pair.dispose();
  return session;
}

/** The texts of the ranges in an answer, in their order. */
function textsIn(session: Session, name: string): readonly string[] {
  const texts: string[] = [];
  JSON.stringify(session.answers.get(name)?.seen, (key, value: unknown) => {
    if (key === "range" && typeof value === "string")
      texts.push(String(JSON.parse(value.slice(value.indexOf(" ") + 1))));
    return value;
  });
  return texts;
}

suite("positions in UTF-8 and in UTF-16", () => {
  let bytes: Session;
  let units: Session;
  before(async () => {
    bytes = await drive("utf-8");
    units = await drive("utf-16");
  });

  test("are counted as the first encoding of the client's list that the server has", async () => {
    assert.equal(bytes.pair.initialized.capabilities.positionEncoding, "utf-8");
    assert.equal(units.pair.initialized.capabilities.positionEncoding, "utf-16");
    const offers = [
      {},
      { positionEncodings: [] },
      { positionEncodings: ["utf-32"] },
      { positionEncodings: ["utf-16"] },
    ];
    for (const general of offers) {
      const pair = await startPair(createMemoryHost(), { capabilities: { general } });
      assert.equal(pair.initialized.capabilities.positionEncoding, "utf-16", JSON.stringify(general));
      pair.dispose();
    }
  });

  test("point at the same characters in every answer", () => {
    assert.deepEqual([...bytes.answers.keys()], [...units.answers.keys()]);
    for (const [name, { seen }] of bytes.answers) assert.deepEqual(seen, units.answers.get(name)?.seen, name);
  });

  test("are other numbers in every answer but those of whole lines", () => {
    const same = [...bytes.answers].filter(([name, { raw }]) => raw === units.answers.get(name)?.raw);
    assert.deepEqual(
      same.map(([name]) => name),
      ["foldingRange", "explain", "silence"],
    );
  });

  test("are those of the targets and the names", () => {
    const both = ["app", "app", "app"];
    for (const [name, texts] of [
      [`diagnostics ${main}`, ["127.0.0.1:3000", "app", "app", "/home/é/k.pem", "unix:/run/日/a.sock"]],
      [`diagnostics ${site}`, ["127.0.0.1:3001"]],
      ["hover", ["127.0.0.1:3000"]],
      ["hover of a directive", ["proxy_pass"]],
      ["definition", ["app"]],
      ["references", both],
      ["documentHighlight", ["app", "app"]],
      ["prepareRename", ["app"]],
      ["rename", both],
      ["documentLink", ["sites/*.conf"]],
      ["codeLens", ["upstream", "server"]],
      ["semanticTokens/full", ["app", "app", "unix:/run/日/a.sock"]],
      ["fix /home/é/k.pem", ["", "/home/é/k.pem", "", ""]],
      ["hover after edits", ["127.0.0.1:3009"]],
      [`diagnostics ${dump}`, ["127.0.0.1:3002"]],
      ["hover in a dump", ["127.0.0.1:3002"]],
      [`diagnostics ${template}`, ["127.0.0.1:${PORT}"]],
      ["hover in a template", ["127.0.0.1:${PORT}"]],
      [`diagnostics ${compose}`, ['"./日😀:/usr/share/nginx/é"', '"./nginx.conf:/etc/nginx/nginx.conf"']],
      [`diagnostics ${quadlet}`, ["./nginx.conf:/etc/nginx/nginx.conf", "./日😀/é:/usr/share/nginx/html"]],
    ] as const)
      assert.deepEqual(textsIn(bytes, name), texts, name);
    assert.ok(new Set(textsIn(bytes, "completion")).has("http://a"));
    assert.match(JSON.stringify(bytes.answers.get("explain")?.raw), /connects to .*a\.sock/u);
    assert.match(JSON.stringify(bytes.answers.get("silence")?.raw), /selinux-ignore connect-socket its service/u);
  });
});
