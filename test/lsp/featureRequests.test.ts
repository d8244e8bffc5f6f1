/** Requests about a place in a document, answered from all files of the configuration: from hovers to completion. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  CodeLens,
  CompletionItem,
  DocumentLink,
  DocumentSymbol,
  Hover,
  InlayHint,
  Location,
  WorkspaceEdit,
} from "vscode-languageserver/node";
import { passNames } from "../../server/src/nginx/handlers/passNames.ts";
import { main, simple, start } from "../support/openConfiguration.ts";

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

test("a document that is 100,000 blocks deep is answered for, symbols included", async () => {
  const { pair } = await start({}, "x {".repeat(100_000) + "}".repeat(100_000));
  const symbols = await pair.client.sendRequest<DocumentSymbol[]>("textDocument/documentSymbol", {
    textDocument: { uri: main },
  });
  assert.equal(symbols.length, 1);
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
