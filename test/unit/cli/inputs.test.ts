/** What can be checked: files, fragments, directories, standard input, the output of `nginx -T`. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createNodeHost } from "../../../server/src/host/hostNode.ts";
import type { Report } from "../../../server/src/report/report.ts";
import { bundledText } from "../../support/bundledPolicies.ts";
import { createMemoryHost, type MemoryEntry } from "../../support/memoryHost.ts";
import { runCli, type Ran } from "../../support/runCli.ts";

type Files = Readonly<Record<string, MemoryEntry>>;

const run = (files: Files, args: readonly string[], input = "", directory = "/repo"): Promise<Ran> =>
  runCli(
    createMemoryHost(files, (name) => (name === "rhel9" ? bundledText(name) : undefined)),
    directory,
    ["check", "--policy", "rhel9", ...args],
    input,
  );

const main = "events {}\nhttp { include conf.d/*.conf; }\n";
const denied = "server { location / { proxy_pass http://127.0.0.1:3000; } }\n";
const clean = "server { location / { proxy_pass http://127.0.0.1:53; } }\n";

/** Files of a report, and its findings as `FILE:LINE RULE`. */
const placesOf = ({ findings }: Report): readonly string[] =>
  findings.map(({ file, range, rule }) => `${file}:${range.start.line + 1} ${rule}`);
const reportOf = (out: string): Report => JSON.parse(out);
const reportsOf = (out: string): readonly Report[] => JSON.parse(out).reports;

suite("a fragment", () => {
  const files = { "/repo/web/nginx.conf": main, "/repo/web/conf.d/app.conf": denied, "/repo/lone.conf": denied };

  test("is checked with the main file that includes it, and the note says which", async () => {
    const { code, out, err } = await run(files, ["web/conf.d/app.conf", "--format", "json"]);
    assert.equal(code, 1);
    assert.deepEqual(reportOf(out).files, ["/repo/web/nginx.conf", "/repo/web/conf.d/app.conf"]);
    assert.match(err, /^note: web\/conf\.d\/app\.conf is a part of web\/nginx\.conf, which is checked$/m);
  });

  test("finds a main file elsewhere below the working directory", async () => {
    const elsewhere = {
      "/repo/hosts/a/nginx.conf": "events {} http { include ../../shared/x.conf; }",
      "/repo/shared/x.conf": denied,
    };
    const { err } = await run(elsewhere, ["shared/x.conf"]);
    assert.match(err, /shared\/x\.conf is a part of hosts\/a\/nginx\.conf/);
  });

  test("that nothing includes is checked alone", async () => {
    const { code, err } = await run(files, ["lone.conf"]);
    assert.equal(code, 1);
    assert.match(err, /lone\.conf is a fragment, checked alone/);
  });

  test("and its main file together are one configuration", async () => {
    const { out } = await run(files, ["web/conf.d/app.conf", "web/nginx.conf", "--format", "json"]);
    assert.equal(reportOf(out).findings.length, 1);
  });
});

suite("several configurations", () => {
  const files = {
    "/repo/a/nginx.conf": main,
    "/repo/a/conf.d/x.conf": denied,
    "/repo/b/web.conf": "events {}\nhttp {}\n",
    "/repo/b/sites-available/off": denied,
    "/repo/b/supervisor.conf": "[program:web]\ncommand=/opt/web\n",
    "/repo/b/redis.conf": "bind 127.0.0.1\nport 6379\n",
    "/repo/b/ld.conf": "include ld.so.conf.d/*.conf\n",
    "/repo/.git/nginx.conf": main,
    "/repo/node_modules/x/nginx.conf": main,
  };

  test("of a directory are its main files, and what none of them includes", async () => {
    const { code, out } = await run(files, [".", "--format", "json"]);
    assert.equal(code, 1);
    assert.deepEqual(
      reportsOf(out).map((report) => report.files[0]),
      ["/repo/a/nginx.conf", "/repo/b/web.conf", "/repo/b/sites-available/off"],
    );
    assert.deepEqual(reportsOf(out).flatMap(placesOf), [
      "/repo/a/conf.d/x.conf:1 connect-port",
      "/repo/b/sites-available/off:1 connect-port",
    ]);
  });

  test("give one exit code: that of the worst", async () => {
    const both = { "/repo/a.conf": `events {} http { ${clean} }`, "/repo/b.conf": `events {} http { ${denied} }` };
    assert.equal((await run(both, ["a.conf"])).code, 0);
    assert.equal((await run(both, ["a.conf", "b.conf"])).code, 1);
    assert.equal((await run(both, ["b.conf", "a.conf", "--fail-on", "error"])).code, 1);
    assert.equal((await run(both, ["a.conf", "gone.conf"])).code, 2);
  });

  test("are told apart in every report, and a script is for one", async () => {
    const text = await run(files, ["a/nginx.conf", "b/web.conf"]);
    assert.match(text.out, /^a\/nginx\.conf: 1 cause at 1 place \(1 error\) in 2 files/m);
    assert.match(text.out, /^b\/web\.conf: No findings in 1 file/m);
    const sarif = JSON.parse((await run(files, ["a/nginx.conf", "b", "--format", "sarif"])).out);
    assert.equal(sarif.runs.length, 1);
    assert.equal(sarif.runs[0].results.length, 2);
    const github = await run(files, ["a/nginx.conf", "b", "--format", "github"]);
    assert.equal(github.out.match(/^::error /gm)?.length, 2);
    const script = await run(files, [".", "--format", "script"]);
    assert.equal(script.code, 2);
    assert.match(script.err, /--format script takes one configuration, and these are 3/);
  });

  test("that are none at all are a mistake", async () => {
    const { code, err } = await run({ "/repo/x/readme.txt": "" }, ["x"]);
    assert.equal(code, 2);
    assert.match(err, /^nginx-selinux: x: there is no configuration of nginx in it$/m);
  });

  test("a directory of fragments is checked with the main file above it", async () => {
    const { out } = await run(files, ["a/conf.d", "--format", "json"]);
    assert.deepEqual(reportOf(out).files, ["/repo/a/nginx.conf", "/repo/a/conf.d/x.conf"]);
  });
});

suite("standard input", () => {
  test("is a configuration of the working directory", async () => {
    const { code, out } = await run({ "/repo/conf.d/x.conf": denied }, ["-", "--format", "json"], main);
    assert.equal(code, 1);
    assert.deepEqual(reportOf(out).files, ["/repo/-", "/repo/conf.d/x.conf"]);
    const text = await run({}, ["-"], `events {}\nhttp { ${denied} }\n`);
    assert.match(text.out, /^-:2:\d+: error: /m);
  });

  test("may be a fragment, and stands for one file among others", async () => {
    const { code, err } = await run({}, ["-"], denied);
    assert.equal(code, 1);
    assert.match(err, /- is a fragment, checked alone/);
    const both = await run({ "/repo/a.conf": "events {}" }, ["a.conf", "-", "--format", "json"], denied);
    assert.equal(reportsOf(both.out).length, 2);
  });
});

suite("what nginx -T printed", () => {
  const dump =
    "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n" +
    "nginx: configuration file /etc/nginx/nginx.conf test is successful\n" +
    "# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n}\n\n" +
    `# configuration file /etc/nginx/conf.d/app.conf:\n# the shop\n${denied}\n`;
  const files = {
    "/repo/dump.txt": dump,
    "/repo/compose.yml": "services:\n  web:\n    volumes:\n      - /etc/nginx/nginx.conf:/etc/nginx/nginx.conf\n",
    "/etc/nginx/nginx.conf": "this machine's",
    "/etc/nginx/conf.d/app.conf": "this machine's",
  };

  test("may be one file, on standard input", async () => {
    const one = `# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp { ${denied} }\n\n`;
    const { out } = await run(files, ["-", "--format", "json"], one);
    assert.deepEqual(placesOf(reportOf(out)), ["/etc/nginx/nginx.conf:2 connect-port"]);
    const saved = await run({ ...files, "/repo/saved.conf": one }, ["saved.conf", "--format", "json"]);
    assert.deepEqual(placesOf(reportOf(saved.out)), ["/repo/saved.conf:3 connect-port"]);
  });

  for (const [what, args] of [
    ["in a file", ["dump.txt"]],
    ["on standard input", ["-"]],
  ] as const) {
    test(`${what} gives findings in the files that it names`, async () => {
      const { code, out, err } = await run(files, [...args, "--format", "json"], dump);
      assert.equal(code, 1);
      assert.deepEqual(reportOf(out).files, ["/etc/nginx/nginx.conf", "/etc/nginx/conf.d/app.conf"]);
      assert.deepEqual(placesOf(reportOf(out)), ["/etc/nginx/conf.d/app.conf:2 connect-port"]);
      assert.match(err, /is what nginx -T printed: \/etc\/nginx\/nginx\.conf, 2 files/);
    });
  }
});

test("a working directory that was removed ends with a sentence and exit code 2", () => {
  const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-gone-"));
  const cli = join(import.meta.dirname, "../../../server/src/cli.ts");
  const command = 'cd "$1" && rmdir "$1" && exec "$2" "$3" check /etc/nginx/nginx.conf';
  const { status, stderr } = spawnSync("/bin/sh", ["-c", command, "sh", directory, process.execPath, cli], {
    encoding: "utf8",
  });
  assert.equal(status, 2);
  assert.match(stderr, /^nginx-selinux: the working directory does not exist any more; [^\n]*\n$/u);
});

test("a full disk ends with a sentence and exit code 2, a reader that is gone with the exit code of the run", () => {
  const cli = join(import.meta.dirname, "../../../server/src/cli.ts");
  const ends = (redirection: string): readonly [number | null, string] => {
    const command = `"$1" "$2" --version ${redirection}`;
    const { status, stderr } = spawnSync("/bin/sh", ["-c", command, "sh", process.execPath, cli], { encoding: "utf8" });
    return [status, stderr];
  };
  if (existsSync("/dev/full"))
    assert.deepEqual(ends(">/dev/full"), [2, "nginx-selinux: the output cannot be written: no space left on device\n"]);
  // Node opens /dev/null in the place of an output that is closed: it cannot be told from one that is thrown away.
  assert.deepEqual(ends(">&-"), ends(">/dev/null"));
});

test("a file whose name is not UTF-8 below an include is a note, and the others are read", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-name-"));
  const host = createNodeHost(join(import.meta.dirname, "../../../server/policies"), () => undefined);
  try {
    mkdirSync(join(directory, "conf.d"));
    writeFileSync(join(directory, "nginx.conf"), "events {}\nhttp { include conf.d/*.conf; include conf.d/\uFFFD; }\n");
    writeFileSync(join(directory, "conf.d/a.conf"), denied);
    writeFileSync(
      Buffer.concat([Buffer.from(`${directory}/conf.d/b`), Buffer.from([0xe9]), Buffer.from(".conf")]),
      denied,
    );
    const { code, out } = await runCli(host, directory, [
      "check",
      "nginx.conf",
      "--policy",
      "rhel9",
      "--format",
      "json",
    ]);
    assert.equal(code, 1);
    const report = reportOf(out);
    assert.deepEqual(placesOf(report), [`${directory}/conf.d/a.conf:1 connect-port`]);
    assert.deepEqual(
      report.notes.map(({ message }) => message),
      [
        `not followed: "${directory}/conf.d/b\uFFFD.conf": its name is not UTF-8`,
        `not followed: "${directory}/conf.d/\uFFFD": its name is not UTF-8`,
      ],
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a script never says that nothing has to be changed where a mount must be, or where a file was not read", async () => {
  const conf = "events {}\nhttp { include secret.conf; }\n";
  const files = {
    "/repo/nginx.conf": conf,
    "/repo/compose.yml":
      "services:\n  web:\n    image: nginx\n    volumes:\n      - ./nginx.conf:/etc/nginx/nginx.conf\n",
    "/repo/other/nginx.conf": conf,
    "/repo/other/secret.conf": { error: "EACCES" },
    "/repo/linked/nginx.conf": "events {}\nhttp { include on/*; }\n",
    "/repo/linked/on/x": { link: "/opt/x.conf" },
    "/repo/packaged/nginx.conf": "events {}\nhttp { include /etc/nginx/mime.types; }\n",
  } as const;
  for (const format of ["script", "ansible", "cil"]) {
    const mount = await run(files, ["nginx.conf", "--format", format]);
    assert.match(mount.out, /nothing that a command can do[^]*compose\.yml, line 5: mount it with :Z/);
    const unread = await run(files, ["other/nginx.conf", "--container", "no", "--format", format]);
    assert.match(unread.out, /Not all [^]*was read[^]*secret\.conf" is not readable as alice; not checked/);
    const linked = await run(files, ["linked/nginx.conf", "--container", "no", "--format", format]);
    assert.match(linked.out, /Not all [^]*was read[^]*it is a link to "\/opt\/x\.conf"/);
    const packaged = await run(files, ["packaged/nginx.conf", "--container", "no", "--format", format]);
    assert.match(packaged.out, /Nothing has to be changed/);
  }
});
