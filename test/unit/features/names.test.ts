import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { highlightsAt, referencesAt } from "../../../server/src/features/references.ts";
import { CannotRename, renameAt, renameRangeAt } from "../../../server/src/features/rename.ts";
import { marked } from "../../support/marked.ts";

const main = "/etc/nginx/nginx.conf";
const site = "/etc/nginx/conf.d/shop.conf";

/** `file:line:character` of each reference, zero-based. */
async function references(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { view, position } = await marked(files);
  return referencesAt(view, position, true).map(
    ({ uri, range }) => `${uri.replace(/^.*\//, "")}:${range.start.line}:${range.start.character}`,
  );
}

suite("references", () => {
  test("an upstream is found in every file, from its block and from a use, whatever the case", async () => {
    const files = {
      [main]: "events {}\nhttp {\n upstream App { server 127.0.0.1:8080; }\n include conf.d/*.conf;\n}\n",
      [site]: "server {\n location / { proxy_pass http://ap|p/x; }\n location /g { grpc_pass grpc://app; }\n}\n",
    };
    const all = ["nginx.conf:2:10", "shop.conf:1:32", "shop.conf:2:32"];
    assert.deepEqual(await references(files), all);
    const fromBlock = {
      ...files,
      [main]: (files[main] ?? "").replace("App", "A|pp"),
      [site]: (files[site] ?? "").replace("|", ""),
    };
    assert.deepEqual(await references(fromBlock), all);
  });

  test("an upstream of stream is not that of http", async () => {
    const text =
      "events {}\nhttp {\n upstream a { server 127.0.0.1:1; }\n server { location / { proxy_pass http://a|; } }\n}\n" +
      "stream {\n upstream a { server 127.0.0.1:2; }\n server { listen 1; proxy_pass a; }\n}\n";
    assert.deepEqual(await references({ [main]: text }), ["nginx.conf:2:10", "nginx.conf:3:41"]);
  });

  test("a named location belongs to its server, through includes too", async () => {
    const files = {
      [main]:
        "events {}\nhttp {\n server { include shared.conf; location @back { return 404; } }\n" +
        " server { location / { try_files $uri @back; } location @back { return 403; } }\n}\n",
      "/etc/nginx/shared.conf": "location / { try_files $uri =@b|ack @back; }\nerror_page 404 = @back;\n",
    };
    assert.deepEqual(await references(files), [
      "nginx.conf:2:40",
      "shared.conf:0:29",
      "shared.conf:0:35",
      "shared.conf:1:17",
    ]);
  });

  test("a variable is found in words, in braces, in data of a map, and where a regular expression captures it", async () => {
    const text =
      'events {}\nhttp {\n map $host $back|end { default "$name"; ~^(?<name>.+)\\.x$ $name; }\n' +
      ' server { location / { proxy_pass "http://${backend}:80$BACKEND"; add_header X $backend2; } }\n}\n';
    assert.deepEqual(await references({ [main]: text }), ["nginx.conf:2:12", "nginx.conf:3:44", "nginx.conf:3:56"]);
    const group = text.replace("|", "").replace("$name;", "$na|me;");
    assert.deepEqual(await references({ [main]: group }), ["nginx.conf:2:32", "nginx.conf:2:44", "nginx.conf:2:58"]);
  });

  test("zones of requests, connections and caches are names of their own", async () => {
    const text =
      "events {}\nhttp {\n limit_req_zone $host zone=one:1m rate=1r/s;\n limit_conn_zone $host zone=one:1m;\n" +
      " proxy_cache_path /c keys_zone=one:1m;\n server { limit_req zone=o|ne burst=1; limit_conn one 1; proxy_cache one; }\n}\n";
    assert.deepEqual(await references({ [main]: text }), ["nginx.conf:2:27", "nginx.conf:5:25"]);
    assert.deepEqual(
      await references({ [main]: text.replace("|", "").replace("proxy_cache one", "proxy_cache o|ne") }),
      ["nginx.conf:4:31", "nginx.conf:5:68"],
    );
  });

  test("highlights are those of the file, definitions as writes", async () => {
    const { view, position } = await marked({
      [main]:
        "events {}\nhttp { upstream a { server 127.0.0.1:1; } server { location / { proxy_pass http://|a; } } }\n",
    });
    assert.deepEqual(
      highlightsAt(view, position).map(({ range, kind }) => [range.start.character, kind]),
      [
        [16, 3],
        [82, 2],
      ],
    );
  });
});

suite("rename", () => {
  const files = {
    [main]:
      "events {}\nhttp {\n upstream app { server 127.0.0.1:1; }\n upstream other { server 127.0.0.1:2; }\n include conf.d/*.conf;\n}\n",
    [site]: 'server { location / { proxy_pass "http://a|pp/x"; } }\n',
  };

  test("changes every file, and only the name", async () => {
    const { view, position } = await marked(files);
    assert.equal(renameRangeAt(view, position)?.placeholder, "app");
    const edits = renameAt(view, position, "shop")?.changes ?? {};
    assert.deepEqual(Object.keys(edits), ["file:///etc/nginx/nginx.conf", "file:///etc/nginx/conf.d/shop.conf"]);
    assert.deepEqual(edits["file:///etc/nginx/conf.d/shop.conf"], [
      { range: { start: { line: 0, character: 41 }, end: { line: 0, character: 44 } }, newText: "shop" },
    ]);
  });

  test("refuses a name that is taken, and one that nginx would read otherwise", async () => {
    const { view, position } = await marked(files);
    for (const name of ["other", "OTHER", "a b", "a;", "", "a{"]) {
      assert.throws(() => renameAt(view, position, name), CannotRename, name);
    }
  });

  test("takes a name that is known elsewhere alone: in another server, or in another module", async () => {
    const servers =
      "server { location / { try_files $uri @o|ne; } location @one {} location @two {} }\n server { location @three {} }";
    const { view, position } = await marked({ [main]: `events {}\nhttp { ${servers} }\n` });
    assert.throws(() => renameAt(view, position, "@two"), CannotRename);
    assert.equal(renameAt(view, position, "@three")?.changes?.[`file://${main}`]?.length, 2);
    const upstreams = "http { upstream a|pp {} upstream blog {} }\nstream { upstream shop {} }\n";
    const ofHttp = await marked({ [main]: `events {}\n${upstreams}` });
    assert.throws(() => renameAt(ofHttp.view, ofHttp.position, "blog"), CannotRename);
    assert.equal(renameAt(ofHttp.view, ofHttp.position, "shop")?.changes?.[`file://${main}`]?.length, 1);
  });

  test("refuses to make a variable one of nginx's", async () => {
    const text = "events {}\nhttp { map $uri $mi|ne { default 1; }\n server { return 200 $mine; } }\n";
    const { view, position } = await marked({ [main]: text });
    for (const name of ["host", "$uri", "http_cookie", "ARG_x"])
      assert.throws(() => renameAt(view, position, name), CannotRename, name);
    assert.equal(renameAt(view, position, "$yours")?.changes?.[`file://${main}`]?.length, 2);
  });

  test("offers nothing for nginx's own variables and for hosts", async () => {
    for (const text of ["proxy_pass http://exam|ple.test;", "add_header X $ur|i;", "return 2|00;"]) {
      const { view, position } = await marked({ [main]: `events {}\nhttp { server { location / { ${text} } } }\n` });
      assert.equal(renameRangeAt(view, position), null, text);
      assert.equal(renameAt(view, position, "x"), null, text);
    }
  });
});
