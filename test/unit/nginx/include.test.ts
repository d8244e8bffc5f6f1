import assert from "node:assert/strict";
import { test } from "node:test";
import type { Access } from "../../../server/src/nginx/access.ts";
import type { ReadFailure } from "../../../server/src/nginx/load/reader.ts";
import { collectAccesses } from "../../../server/src/nginx/collectAccesses.ts";
import { ListingBudget, expandGlob, isGlob, matchComponent } from "../../../server/src/nginx/load/glob.ts";
import type { LoadOptions } from "../../../server/src/nginx/load/loadConfiguration.ts";
import { ConfigurationUnreadable, loadConfiguration } from "../../../server/src/nginx/load/loadConfiguration.ts";
import { findMainFile } from "../../../server/src/nginx/load/mainFile.ts";
import { memoryReader } from "../../support/memoryReader.ts";

type Files = Readonly<Record<string, string | ReadFailure>>;

async function load(
  main: string,
  files: Files,
  options: LoadOptions = {},
): Promise<{ files: string[]; problems: string[]; notes: string[]; reads: string[] }> {
  const reader = memoryReader(files);
  const configuration = await loadConfiguration(main, reader, options);
  return {
    files: configuration.files.map((file) => file.path),
    problems: configuration.problems.map((problem) => problem.message),
    notes: configuration.notes.map((note) => note.message),
    reads: reader.reads,
  };
}

const denied: ReadFailure = { ok: false, code: "denied", message: "not readable as alice" };
const tooLarge: ReadFailure = { ok: false, code: "too-large", message: "larger than the limit of 256 MB" };

// --- glob ---------------------------------------------------------------------------------------------------------

const matching: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ["*", ["a", "a.conf", "-"], [".a"]],
  [".*", [".a"], ["a"]],
  ["*.conf", ["a.conf", "a.b.conf"], ["a.conf.bak", ".conf", "conf"]],
  ["?.conf", ["a.conf"], ["ab.conf", ".conf"]],
  ["a*b*c", ["abc", "axxbxxc", "abbc"], ["acb", "abcd"]],
  ["**", ["a"], [".a"]],
  ["{a,b}.conf", ["{a,b}.conf"], ["a.conf"]],
  ["[a-c]1", ["a1", "c1"], ["d1", "-1"]],
  ["[!a-c]1", ["d1"], ["a1"]],
  ["[^a]1", ["b1"], ["a1"]],
  ["[]a]", ["]", "a"], ["b"]],
  ["[a-]", ["a", "-"], ["b"]],
  ["[[:digit:]]x", ["1x"], ["ax"]],
  ["[a", ["[a"], ["a"]],
  [String.raw`\*`, ["*"], ["a"]],
  [String.raw`[\]]`, ["]"], ["\\"]],
];

for (const [pattern, yes, no] of matching) {
  test(`the pattern ${pattern} matches as glob(3) does`, () => {
    assert.deepEqual(
      yes.filter((name) => !matchComponent(pattern, name)),
      [],
    );
    assert.deepEqual(
      no.filter((name) => matchComponent(pattern, name)),
      [],
    );
  });
}

test("a pattern of many stars takes no exponential time", () => {
  assert.equal(matchComponent(`${"*a".repeat(500)}b`, "a".repeat(5000)), false);
});

test("only * ? and [ make a path a pattern", () => {
  assert.deepEqual(["a", "a*", "a?", "a[", "a{b}", String.raw`a\b`].map(isGlob), [
    false,
    true,
    true,
    true,
    false,
    false,
  ]);
});

test("matches come in byte order, as without a locale", async () => {
  const names = ["b", "B", "é", "_z", "a", "10", "9", "a b", "\u{10000}", "\uFFFD"];
  const reader = memoryReader(Object.fromEntries(names.map((name) => [`/d/${name}`, ""])));
  const { paths } = await expandGlob("/d", "*", reader, new ListingBudget());
  assert.deepEqual(
    paths.map((path) => path.slice(3)),
    ["10", "9", "B", "_z", "a", "a b", "b", "é", "\uFFFD", "\u{10000}"],
  );
});

test("a pattern over directories that lead back lists some of them, says so, and can be cancelled", async () => {
  let listings = 0;
  let checkpoints = 0;
  const entries = Array.from({ length: 9 }, (_, i) => ({ name: `l${i}`, kind: "link" as const }));
  const reader = {
    list: () => {
      listings++;
      return Promise.resolve({ ok: true as const, entries });
    },
    checkpoint: () => (++checkpoints === 50_000 ? Promise.reject(new Error("cancelled")) : Promise.resolve()),
  };
  const found = await expandGlob("/d", "*/*/*/*/*/*/*/*.conf", reader, new ListingBudget());
  assert.deepEqual(found.paths, []);
  assert.match(found.hidden[0]?.failure.message ?? "", /too many directories/);
  assert.equal(found.hidden.length, 1);
  assert.equal(listings, 10_000);
  checkpoints = 49_990;
  await assert.rejects(expandGlob("/d", "*/*/*.conf", reader, new ListingBudget()), /cancelled/);
});

test("patterns work in directories too, and what is no pattern must exist", async () => {
  const reader = memoryReader({ "/d/a/x.conf": "", "/d/b/y.conf": "", "/d/c": "", "/d/.h/x.conf": "" });
  const paths = async (base: string, pattern: string): Promise<readonly string[]> =>
    (await expandGlob(base, pattern, reader, new ListingBudget())).paths;
  assert.deepEqual(await paths("/d", "*/x.conf"), ["/d/a/x.conf"]);
  assert.deepEqual(await paths("/d", "[ab]/*.conf"), ["/d/a/x.conf", "/d/b/y.conf"]);
  assert.deepEqual(await paths("", "d/a/*"), ["/d/a/x.conf"]);
  assert.deepEqual(await expandGlob("/d", "*.conf", reader, new ListingBudget()), {
    paths: [],
    listed: true,
    hidden: [],
  });
  assert.deepEqual(await expandGlob("/nowhere", "*.conf", reader, new ListingBudget()), {
    paths: [],
    listed: false,
    hidden: [],
  });
});

// --- includes -----------------------------------------------------------------------------------------------------

test("includes are relative to the main file, also in included files, and files come in reading order", async () => {
  const { files, problems } = await load("/etc/nginx/nginx.conf", {
    "/etc/nginx/nginx.conf": "include b.conf; http { include conf.d/*.conf; } include a.conf;",
    "/etc/nginx/a.conf": "",
    "/etc/nginx/b.conf": "include conf.d/z/c.conf;",
    "/etc/nginx/conf.d/2.conf": "include a.conf;",
    "/etc/nginx/conf.d/1.conf": "",
    "/etc/nginx/conf.d/z/c.conf": "",
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    files.map((path) => path.slice("/etc/nginx/".length)),
    ["nginx.conf", "b.conf", "conf.d/z/c.conf", "conf.d/1.conf", "conf.d/2.conf", "a.conf"],
  );
});

test("a file that is included many times is read and parsed once", async () => {
  const { files, reads } = await load("/etc/nginx/nginx.conf", {
    "/etc/nginx/nginx.conf": "http { include a; include a; include /etc/nginx/a; }",
    "/etc/nginx/a": "",
  });
  assert.deepEqual(files, ["/etc/nginx/nginx.conf", "/etc/nginx/a"]);
  assert.deepEqual(reads, ["/etc/nginx/nginx.conf", "/etc/nginx/a"]);
});

const failures: readonly (readonly [name: string, argument: string, expected: string])[] = [
  ["missing", "gone.conf", 'open() "/etc/nginx/gone.conf" failed (2: No such file or directory)'],
  ["missing, absolute", "/x/gone", 'open() "/x/gone" failed (2: No such file or directory)'],
  ["directory", "conf.d", 'pread() "/etc/nginx/conf.d" failed (21: Is a directory)'],
  ["directory by pattern", "conf.*", 'pread() "/etc/nginx/conf.d" failed (21: Is a directory)'],
  ["too large", "large.conf", '"/etc/nginx/large.conf" cannot be read: larger than the limit of 256 MB'],
];

for (const [name, argument, expected] of failures) {
  test(`an include that is ${name} is a problem in nginx's words`, async () => {
    const { problems } = await load("/etc/nginx/nginx.conf", {
      "/etc/nginx/nginx.conf": `include ${argument};`,
      "/etc/nginx/large.conf": tooLarge,
      "/etc/nginx/conf.d/a": "",
    });
    assert.deepEqual(problems, [expected]);
  });
}

test("what this user may not read is a note and no error: nginx reads it as root", async () => {
  const files: Files = {
    "/etc/nginx/nginx.conf": "http { include secret.conf; include secret.d/*.conf; include vhosts/*/site.conf; }",
    "/etc/nginx/secret.conf": denied,
    "/etc/nginx/secret.d": denied,
    "/etc/nginx/vhosts/a/site.conf": "server { listen 81; }",
    "/etc/nginx/vhosts/b": denied,
    "/etc/nginx/vhosts/b/": "",
  };
  const { files: read, problems, notes } = await load("/etc/nginx/nginx.conf", files);
  assert.deepEqual(read, ["/etc/nginx/nginx.conf", "/etc/nginx/vhosts/a/site.conf"]);
  assert.deepEqual(problems, []);
  assert.deepEqual(notes, [
    '"/etc/nginx/secret.conf" is not readable as alice; not checked',
    '"/etc/nginx/secret.d" is not readable as alice; not checked',
    '"/etc/nginx/vhosts/b" is not readable as alice; not checked',
  ]);
});

const hiding: readonly (readonly [hidden: string, configuration: string])[] = [
  ["an upstream", "http { include hidden/*; server { listen 81; location / { fastcgi_pass php; } } }"],
  ["the servers of an upstream", "http { upstream b { include hidden/*; } server { listen 81; } }"],
  ["what a server listens on", "http { server { include hidden/*; } }"],
  ["a certificate", "http { include hidden/*; server { listen 443 ssl; } }"],
  ["a variable", "http { include hidden/*; server { listen 81; location / { proxy_pass http://$mine; } } }"],
  ["a stream server's listen", "stream { server { include hidden/*; proxy_pass 127.0.0.1:53; } }"],
];

for (const [hidden, text] of hiding) {
  test(`a directory that this user may not list can hold ${hidden}, so nothing is said of its lack`, async () => {
    const reader = memoryReader({ "/etc/nginx/nginx.conf": `events {} ${text}`, "/etc/nginx/hidden": denied });
    const configuration = await loadConfiguration("/etc/nginx/nginx.conf", reader);
    const { accesses, problems } = collectAccesses(configuration);
    assert.deepEqual([...configuration.problems, ...problems], []);
    const listens80 = (access: Access): boolean => "port" in access && access.kind === "bind" && access.port === 80;
    assert.ok(!accesses.some(listens80));
    const empty = memoryReader({ "/etc/nginx/nginx.conf": `events {} ${text}`, "/etc/nginx/hidden/.keep": "" });
    const whole = collectAccesses(await loadConfiguration("/etc/nginx/nginx.conf", empty));
    assert.ok(whole.problems.length > 0 || whole.accesses.some(listens80), "an empty directory hides nothing");
  });
}

test("what a missing file would have held is not held against the rest", async () => {
  const configuration = await loadConfiguration(
    "/etc/nginx/nginx.conf",
    memoryReader({
      "/etc/nginx/nginx.conf":
        "http { include gone; upstream b { include servers; } server { include listen; location / { fastcgi_pass php; } } }",
    }),
  );
  const { accesses, problems } = collectAccesses(configuration);
  assert.equal(configuration.problems.length, 3);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    accesses.filter((access) => access.kind === "connect").map((access) => access.certainty),
    ["unknown"],
  );
});

test("a pattern without a match is no problem", async () => {
  const { problems, notes } = await load("/etc/nginx/nginx.conf", {
    "/etc/nginx/nginx.conf": "http { include conf.d/*.conf; include /nowhere/*; }",
  });
  assert.deepEqual([...problems, ...notes], []);
});

test("an include takes one argument and no block", async () => {
  const { problems } = await load("/etc/nginx/nginx.conf", { "/etc/nginx/nginx.conf": "include a b; include { }" });
  assert.deepEqual(problems, [
    'invalid number of arguments in "include" directive',
    'directive "include" is not terminated by ";"',
  ]);
});

test("an include cycle is cut where it closes, and said", async () => {
  const { files, problems } = await load("/etc/nginx/nginx.conf", {
    "/etc/nginx/nginx.conf": "http { include a; include b; }",
    "/etc/nginx/a": "include b;",
    "/etc/nginx/b": "server { listen 81; } include a;",
  });
  assert.equal(files.length, 3);
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? "", /^include cycle: \/etc\/nginx\/a -> \/etc\/nginx\/b -> \/etc\/nginx\/a /);
});

test("a file that includes itself is a cycle", async () => {
  const { problems } = await load("/etc/nginx/nginx.conf", { "/etc/nginx/nginx.conf": "include nginx.conf;" });
  assert.match(problems.join(), /^include cycle: \/etc\/nginx\/nginx.conf -> \/etc\/nginx\/nginx.conf /);
});

test("files that include the next one twice do not explode", async () => {
  const files: Record<string, string> = { "/etc/nginx/nginx.conf": "http { include 0; }" };
  for (let i = 0; i < 64; i++) files[`/etc/nginx/${i}`] = `include ${i + 1}; include ${i + 1};`;
  files["/etc/nginx/64"] = "server { listen 81; }";
  const configuration = await loadConfiguration("/etc/nginx/nginx.conf", memoryReader(files));
  assert.match(
    configuration.problems[0]?.message ?? "",
    /^too many includes: with this one nginx would read over 1,000,000 files/,
  );
  const followed = [...configuration.includes.values()].filter((edge) => edge.targets.length > 0);
  assert.ok(followed.length < 2 * 64, "the includes that explode are not followed");
});

test("a chain of includes takes no stack", async () => {
  const depth = 3000;
  const files: Record<string, string> = { "/etc/nginx/nginx.conf": "http { include 0; }" };
  for (let i = 0; i < depth; i++) files[`/etc/nginx/${i}`] = `include ${i + 1};`;
  files[`/etc/nginx/${depth}`] = "server { listen 81; }";
  const configuration = await loadConfiguration("/etc/nginx/nginx.conf", memoryReader(files));
  const { accesses } = collectAccesses(configuration);
  assert.equal(accesses.filter((access) => access.kind === "bind").length, 1);
  assert.equal(accesses.filter((access) => access.kind === "read").length, depth + 1);
});

test("include is special in map, geo and types, and data in split_clients", async () => {
  const { files, problems } = await load("/etc/nginx/nginx.conf", {
    "/etc/nginx/nginx.conf": `http {
      map $a $b { include map.inc; include x y; \\include data; }
      geo $c { include geo.inc; }
      geo $d { ranges; include ranges.inc; }
      types { include types.inc; }
      split_clients $e $f { 50% a; include b; }
    }`,
    "/etc/nginx/map.inc": "k v;",
    "/etc/nginx/geo.inc": "127.0.0.1 1;",
    "/etc/nginx/ranges.inc.bin": "",
    "/etc/nginx/types.inc": "text/html html;",
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    files.map((path) => path.slice("/etc/nginx/".length)),
    ["nginx.conf", "map.inc", "geo.inc", "types.inc"],
  );
});

test("an included file continues the block around its include", async () => {
  const configuration = await loadConfiguration(
    "/etc/nginx/nginx.conf",
    memoryReader({
      "/etc/nginx/nginx.conf": "http { upstream b { include servers; } server { include listen; include locations; } }",
      "/etc/nginx/servers": "server 127.0.0.1:3000;",
      "/etc/nginx/listen": "listen 81;",
      "/etc/nginx/locations": "location / { include pass; }",
      "/etc/nginx/pass": "proxy_pass http://b;",
    }),
  );
  const { accesses, problems } = collectAccesses(configuration);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    accesses.filter((access) => "port" in access).map((access) => [access.kind, access.port]),
    [
      ["bind", 81],
      ["connect", 3000],
    ],
  );
});

test("a main file that cannot be read rejects with the reason", async () => {
  await assert.rejects(loadConfiguration("/etc/nginx/nginx.conf", memoryReader({})), (error) => {
    assert.ok(error instanceof ConfigurationUnreadable);
    assert.equal(error.failure.code, "missing");
    return true;
  });
});

// --- copies -------------------------------------------------------------------------------------------------------

test("a copy of etc/nginx below some directory takes that directory for the root", async () => {
  const { files, problems, reads } = await load("/project/host1/etc/nginx/nginx.conf", {
    "/project/host1/etc/nginx/nginx.conf":
      "http { include /etc/nginx/mime.types; include /etc/nginx/conf.d/*.conf; include /opt/app/nginx.conf; }",
    "/project/host1/etc/nginx/conf.d/a.conf": "",
    "/project/host1/opt/app/nginx.conf": "",
    "/etc/nginx/mime.types": "of this machine",
    "/etc/nginx/conf.d/b.conf": "of this machine",
  });
  assert.deepEqual(files.slice(1), ["/project/host1/etc/nginx/conf.d/a.conf", "/project/host1/opt/app/nginx.conf"]);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    reads.filter((path) => !path.startsWith("/project/")),
    [],
  );
});

test("in a copy elsewhere /etc/nginx is the directory of the main file, and never this machine's", async () => {
  const { files, problems, notes, reads } = await load("/project/repo/nginx/nginx.conf", {
    "/project/repo/nginx/nginx.conf":
      "include /usr/share/nginx/modules/*.conf; http { include /etc/nginx/sites/*; include /etc/nginx/gone.conf; include /etc/letsencrypt/options-ssl-nginx.conf; }",
    "/project/repo/nginx/sites/a": "",
    "/etc/nginx/sites/b": "of this machine",
    "/etc/nginx/gone.conf": "of this machine",
    "/etc/letsencrypt/options-ssl-nginx.conf": "of this machine",
    "/usr/share/nginx/modules/m.conf": "of this machine",
  });
  assert.deepEqual(files, ["/project/repo/nginx/nginx.conf", "/project/repo/nginx/sites/a"]);
  assert.deepEqual(problems, ['open() "/etc/nginx/gone.conf" failed (2: No such file or directory)']);
  assert.deepEqual(notes, [
    'not followed: "/usr/share/nginx/modules/*.conf" is outside of /etc/nginx, and only a copy of that directory is read here',
    'not followed: "/etc/letsencrypt/options-ssl-nginx.conf" is outside of /etc/nginx, and only a copy of that directory is read here',
  ]);
  assert.deepEqual(
    reads.filter((path) => !path.startsWith("/project/")),
    [],
  );
});

test("a root is where absolute paths are read, whatever the main file is called", async () => {
  const { files } = await load(
    "/mnt/etc/nginx/main.conf",
    { "/mnt/etc/nginx/main.conf": "include /srv/a; include b;", "/mnt/srv/a": "", "/mnt/etc/nginx/b": "" },
    { root: "/mnt/" },
  );
  assert.deepEqual(files.slice(1), ["/mnt/srv/a", "/mnt/etc/nginx/b"]);
});

test("brackets in the directory of a copy are no pattern", async () => {
  const { files } = await load("/project/[x]/nginx.conf", {
    "/project/[x]/nginx.conf": "include /etc/nginx/*.inc;",
    "/project/[x]/a.inc": "",
  });
  assert.deepEqual(files.slice(1), ["/project/[x]/a.inc"]);
});

test("a URI is a place like a path", async () => {
  const { files } = await load("vscode-vfs://github/o/r/nginx.conf", {
    "vscode-vfs://github/o/r/nginx.conf": "include /etc/nginx/a; include b;",
    "vscode-vfs://github/o/r/a": "",
    "vscode-vfs://github/o/r/b": "",
  });
  assert.deepEqual(files.slice(1), ["vscode-vfs://github/o/r/a", "vscode-vfs://github/o/r/b"]);
});

test("files that packages install are not missed in a copy", async () => {
  const { problems } = await load("/project/nginx.conf", {
    "/project/nginx.conf":
      "http { include mime.types; include /etc/nginx/mime.types; server { include fastcgi_params; } }",
  });
  assert.deepEqual(problems, []);
});

test("the same files missing on the machine itself are a problem", async () => {
  const { problems } = await load("/etc/nginx/nginx.conf", { "/etc/nginx/nginx.conf": "http { include mime.types; }" });
  assert.deepEqual(problems, ['open() "/etc/nginx/mime.types" failed (2: No such file or directory)']);
});

test("a name without a port is not certain where an include of http was not seen", async () => {
  const configuration = await loadConfiguration(
    "/project/nginx.conf",
    memoryReader({
      "/project/nginx.conf":
        "http { include /etc/nginx/conf.d/*.conf; server { listen 80; location / { proxy_pass http://backend; } location /x { proxy_pass http://app:3000; } } }",
    }),
  );
  const connects = collectAccesses(configuration).accesses.filter((access) => access.kind === "connect");
  assert.deepEqual(
    connects.map((access) => access.certainty),
    ["unknown", "certain"],
  );
});

// --- main file ----------------------------------------------------------------------------------------------------

const tree = {
  "/project/etc/nginx.conf": "http { include conf.d/*.conf; }",
  "/project/etc/conf.d/app.conf": "server { listen 80; }",
  "/project/etc/sites-available/off.conf": "server { listen 81; }",
  "/project/other/nginx.conf": "http { include ../lone/app.conf; }",
  "/project/lone/app.conf": "server { listen 82; }",
};

test("a main file is its own main file", async () => {
  assert.equal(await findMainFile("/project/etc/nginx.conf", memoryReader(tree)), "/project/etc/nginx.conf");
});

test("nginx.conf in a directory above is the main file if its includes reach the file", async () => {
  const reader = memoryReader(tree);
  assert.equal(await findMainFile("/project/etc/conf.d/app.conf", reader), "/project/etc/nginx.conf");
  assert.equal(await findMainFile("/project/etc/sites-available/off.conf", reader), null);
});

test("a main file elsewhere is found by the setting, among candidates, and in the workspace", async () => {
  const reader = memoryReader(tree);
  const fragment = "/project/lone/app.conf";
  assert.equal(await findMainFile(fragment, reader), null);
  assert.equal(
    await findMainFile(fragment, reader, { setting: "/project/other/nginx.conf" }),
    "/project/other/nginx.conf",
  );
  assert.equal(await findMainFile(fragment, reader, { setting: "/project/etc/nginx.conf" }), null);
  assert.equal(
    await findMainFile(fragment, reader, { candidates: ["/project/etc/nginx.conf", "/project/other/nginx.conf"] }),
    "/project/other/nginx.conf",
  );
  assert.equal(await findMainFile(fragment, reader, { folders: ["/project"] }), "/project/other/nginx.conf");
});
