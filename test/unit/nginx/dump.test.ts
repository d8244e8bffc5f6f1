import assert from "node:assert/strict";
import { test } from "node:test";
import { collectAccesses } from "../../../server/src/nginx/collectAccesses.ts";
import type { Configuration } from "../../../server/src/nginx/load/configuration.ts";
import { dumpReader, fileAtLine, parseDump } from "../../../server/src/nginx/load/dump.ts";
import { loadConfiguration } from "../../../server/src/nginx/load/loadConfiguration.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What nginx writes for these files (`-T` in nginx.c). */
const printed = (files: Readonly<Record<string, string>>): string =>
  Object.entries(files)
    .map(([path, text]) => `# configuration file ${path}:\n${text}\n`)
    .join("");

const files = {
  "/etc/nginx/nginx.conf": "events {}\nhttp {\n  include mime.types;\n  include /etc/nginx/sites-enabled/*;\n}\n",
  "/etc/nginx/mime.types": "types { text/html html; }",
  "/etc/nginx/sites-enabled/shop":
    "# configuration file of the shop: none\nserver { location / { proxy_pass http://127.0.0.1:8081; } }\n",
};

const preamble =
  "$ sudo nginx -T\n" +
  "/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh\n" +
  "10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf\n" +
  '2026/01/15 10:23:41 [warn] 1#1: conflicting server name "shop" on 0.0.0.0:80, ignored\n' +
  'nginx: [warn] conflicting server name "shop" on 0.0.0.0:80, ignored\n' +
  "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n" +
  "nginx: configuration file /etc/nginx/nginx.conf test is successful\n\n";

async function load(text: string): Promise<Configuration> {
  const dump = parseDump(encoder.encode(text));
  assert.ok(dump !== null);
  return loadConfiguration(
    dump.main,
    dumpReader(dump, () => Promise.resolve()),
    { root: "" },
  );
}

for (const [what, text] of [
  ["", printed(files)],
  [" with what nginx says before", preamble + printed(files)],
  [
    " with what nginx says behind, and a prompt",
    `${printed(files)}nginx: configuration file /etc/nginx/nginx.conf test is successful\n[root@web ~]# `,
  ],
] as const) {
  test(`the files of nginx -T come out byte for byte${what}`, () => {
    const dump = parseDump(encoder.encode(text));
    assert.equal(dump?.main, "/etc/nginx/nginx.conf");
    assert.deepEqual(
      Object.fromEntries([...(dump?.files ?? [])].map(([path, { bytes }]) => [path, decoder.decode(bytes)])),
      files,
    );
  });
}

test("its includes lead to its own files, and places are those of the files", async () => {
  const configuration = await load(printed(files));
  assert.deepEqual(
    configuration.files.map(({ path }) => path),
    Object.keys(files),
  );
  const { accesses, problems } = collectAccesses(configuration);
  assert.deepEqual([...configuration.problems, ...configuration.notes, ...problems], []);
  const [connect] = accesses.filter(({ kind }) => kind === "connect");
  const file = configuration.files[connect?.file ?? -1];
  assert.equal(file?.path, "/etc/nginx/sites-enabled/shop");
  assert.equal(
    file.tree.bytes.subarray(connect?.span.start, connect?.span.end).toString(),
    [..."127.0.0.1:8081"].map((c) => c.charCodeAt(0)).toString(),
  );
});

test("a build of one's own names its files by their real paths too", async () => {
  const {
    problems,
    notes,
    files: read,
  } = await load(
    printed({
      "/opt/web/conf/nginx.conf": "include /srv/a.conf; include b.conf;",
      "/srv/a.conf": "",
      "/opt/web/conf/b.conf": "",
    }),
  );
  assert.deepEqual([...problems, ...notes], []);
  assert.equal(read.length, 3);
});

test("what was cut off is a note, for nginx has read it", async () => {
  const { problems, notes } = await load(`\n${printed({ "/etc/nginx/nginx.conf": "http { include mime.types; }" })}`);
  assert.deepEqual(problems, []);
  assert.equal(notes[0]?.message, 'not followed: "/etc/nginx/mime.types": this output of nginx -T does not hold it');
});

test("lines that end as on Windows are a dump too", () => {
  for (const text of [printed(files), preamble + printed(files)]) {
    const dump = parseDump(encoder.encode(text.replaceAll("\n", "\r\n")));
    assert.deepEqual([...(dump?.files.keys() ?? [])], Object.keys(files));
  }
});

test("a line of the dump belongs to the file that nginx printed there", () => {
  const text = preamble + printed(files);
  const dump = parseDump(encoder.encode(text));
  assert.ok(dump !== null);
  const lines = text.split("\n");
  const at = (line: string): string | undefined => fileAtLine(dump, lines.indexOf(line));
  assert.equal(at("$ sudo nginx -T"), undefined);
  assert.equal(at("events {}"), "/etc/nginx/nginx.conf");
  assert.equal(at("types { text/html html; }"), "/etc/nginx/mime.types");
  assert.equal(at(lines.findLast((line) => line.startsWith("server {")) ?? ""), "/etc/nginx/sites-enabled/shop");
});

for (const [what, text] of [
  ["a configuration", "events {}\n"],
  ["a configuration that says so further below", "events {}\n# configuration file /etc/nginx/nginx.conf:\nhttp {}\n"],
  ["a configuration that was saved with its header", printed({ "/etc/nginx/nginx.conf": "events {}\n" })],
  ["a header without an absolute path", "# configuration file nginx.conf:\nevents {}\n"],
  ["a comment that resembles one", "# configuration file of this host\nevents {}\n"],
  ["nothing", ""],
  ["what nginx says of a configuration that it rejects", 'nginx: [emerg] unknown directive "x"\n'],
] as const) {
  test(`${what} is no dump`, () => assert.equal(parseDump(encoder.encode(text)), null));
}
