/** `.nginx-selinux.json`: what it may say, and who wins. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { createLanguageService } from "../../../server/src/languageService.ts";
import { parseProjectFile, projectFileSchema, withProject } from "../../../server/src/workspace/projectFile.ts";
import { ruleInfos } from "../../../server/src/rules/index.ts";
import { defaultSettings } from "../../../server/src/shared/settings.ts";
import type { FileStat, Host } from "../../../server/src/host/host.ts";
import { plainSurroundings } from "../../../server/src/workspace/surroundings.ts";
import { bundledText } from "../../support/bundledPolicies.ts";
import { createMemoryHost, type MemoryHost } from "../../support/memoryHost.ts";
import { recordingHost } from "../../support/recordingHost.ts";
import { createNodeHost } from "../../../server/src/host/hostNode.ts";
import { runCli, type Ran } from "../../support/commandLine.ts";

const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-project-"));
after(() => rmSync(directory, { recursive: true }));
mkdirSync(join(directory, "site", "nginx"), { recursive: true });
const main = join(directory, "site", "nginx", "nginx.conf");
writeFileSync(main, "events {}\nhttp { server { listen 25; location / { proxy_pass http://127.0.0.1:3000; } } }\n");

const project = (value: unknown): void =>
  writeFileSync(
    join(directory, "site", ".nginx-selinux.json"),
    typeof value === "string" ? value : JSON.stringify(value),
  );
const check = (...args: readonly string[]): Promise<Ran> =>
  runCli(directory, ["check", "--format", "json", ...args, "site/nginx/nginx.conf"]);

interface Json {
  readonly policy: { readonly name: string };
  readonly container: string | null;
  readonly findings: readonly { readonly rule: string; readonly severity: string }[];
}
const reportOf = ({ out, err }: Ran): Json => {
  assert.notEqual(out, "", err);
  const report: Json = JSON.parse(out);
  return report;
};
const said = (ran: Ran): readonly string[] => reportOf(ran).findings.map(({ rule, severity }) => `${severity} ${rule}`);

suite("reading a project file", () => {
  const ids = ruleInfos.map(({ id }) => id);
  const parse = (value: unknown) =>
    parseProjectFile(JSON.stringify(value), "/srv/x/.nginx-selinux.json", "/srv/x", ids);

  test("only what is set counts, and relative paths begin at its directory", () => {
    assert.deepEqual(parse({}).settings, {});
    assert.deepEqual(parse({ policy: "rhel9", root: "copy/" }).settings, { policy: "rhel9", root: "/srv/x/copy" });
    assert.deepEqual(parse({ policy: "./web1.json", baseline: "known.json" }).settings, {
      policy: "/srv/x/web1.json",
      baseline: "/srv/x/known.json",
    });
    assert.deepEqual(parse({ $schema: "x" }).problems, []);
  });

  test("what is wrong is ignored and named", () => {
    assert.match(parseProjectFile("{", "p", "/", ids).problems.join(), /^line 1: this is not JSON/);
    assert.deepEqual(parse([]).problems, ["It must be one object."]);
    const { settings, problems } = parse({
      polcy: "x",
      container: "maybe",
      severity: { "connect-port": "loud" },
      baseline: 1,
    });
    assert.deepEqual([settings.container, settings.severity?.size], ["auto", 0]);
    assert.deepEqual(problems.length, 4);
    assert.match(problems.join("\n"), /no "polcy".*Did you mean policy/);
    assert.doesNotMatch(problems.join("\n"), /nginxSelinux/);
  });

  test("a mistake is named with its line", () => {
    const problemsOf = (...lines: readonly string[]) => parseProjectFile(lines.join("\r\n"), "p", "/", ids).problems;
    assert.deepEqual(
      problemsOf(
        "{",
        '  "policy": "rhel99",',
        '  "severity": {',
        '    "connect-prot": "off", "listen-port": "loud"',
        "  },",
        '  "define": { "PORT": 8080,',
        '    "0": "x" }, "booleans": [],',
        '  "baseline": null, "polcy": ["policy", { "root": 1 }]',
        "}",
      ).map((problem) => /^line \d+: (?:There is no (?:rule |bundled policy )?"\S+"|\w+)/.exec(problem)?.[0]),
      [
        'line 2: There is no bundled policy "rhel99"',
        'line 4: There is no rule "connect-prot"',
        "line 4: severity",
        "line 7: define",
        "line 7: booleans",
        "line 8: baseline",
        'line 8: There is no "polcy"',
      ],
    );
    const broken: readonly (readonly [number, readonly string[]])[] = [
      [2, ["{", "  // a comment", '  "policy": "rhel9"', "}"]],
      [3, ["{", '  "policy": "rhel9",', "}"]],
      [3, ["{", '  "booleans": { "a": true }', '  "root": "x"', "}"]],
      [2, ["{", String.raw`  "root": "C:\copy"`, "}"]],
      [2, ['{ "a": [1, 2', '  "unclosed']],
      [2, ["{}", "{}"]],
      [1, ["[".repeat(100_000)]],
    ];
    for (const [line, lines] of broken)
      assert.match(problemsOf(...lines).join(), new RegExp(`^line ${line}: this is not JSON`, "u"), lines.join("\n"));
  });

  test("where the workspace is not trusted its paths are ignored, and said to be", () => {
    const found = parse({ policy: "./x.json", root: "/", baseline: "b", severity: { "connect-port": "off" } });
    const settings = withProject({ ...defaultSettings, policy: "rhel8" }, found, false);
    assert.deepEqual([settings.policy, settings.root, settings.baseline], ["rhel8", "", ""]);
    assert.equal(settings.severity.get("connect-port"), "off");
    assert.deepEqual(settings.project?.ignored, ["Its paths are ignored, because the workspace is not trusted."]);
    assert.deepEqual(withProject(defaultSettings, parse({ policy: "rhel10" }), false).policy, "rhel10");
  });

  test("the schema allows what is read, and nothing else", () => {
    const schema = JSON.stringify(projectFileSchema(ruleInfos));
    for (const name of ["policy", "root", "container", "severity", "booleans", "baseline"])
      assert.ok(schema.includes(`"${name}":{`), name);
    for (const { id } of ruleInfos) assert.ok(schema.includes(`"${id}"`), id);
  });
});

suite("a project file between two edits", () => {
  const uri = "file:///srv/web/nginx.conf";
  const own = "/srv/.nginx-selinux.json";
  const quiet = JSON.stringify({ severity: { "connect-port": "off" } });
  const files = { "/srv/web/mime.types": "", "/srv/known.txt": "" };

  /** The host, where directories have one stamp for ever, which they got so many milliseconds ago. */
  function withOneStamp(host: MemoryHost, age: number): Host {
    const stat = async (path: string): Promise<FileStat> => {
      const facts = await host.stat(path);
      return facts.kind === "directory" ? { ...facts, stamp: "one", changed: host.date() - age } : facts;
    };
    return { ...host, stat };
  }

  function editing(host: Host): () => Promise<number | undefined> {
    const settings = { ...defaultSettings, policy: "rhel9" };
    const service = createLanguageService(host, { ...plainSurroundings, strict: false, settingsFor: () => settings });
    let edits = 0;
    return async () => {
      const text = `events {}\nhttp { server { location / { proxy_pass http://127.0.0.1:${3000 + edits}; } } }\n`;
      service.changeDocument(uri, ++edits, text);
      return (await service.diagnostics()).files.get(uri)?.length;
    };
  }

  const memoryHost = (): MemoryHost => createMemoryHost(files, () => bundledText("rhel9"));

  test("is seen at the next one when it comes, changes and goes", async () => {
    const host = memoryHost();
    const edit = editing(host);
    assert.equal(await edit(), 1);
    host.write(own, quiet);
    assert.equal(await edit(), 0);
    host.write("/srv/web/.nginx-selinux.json", "{}");
    assert.equal(await edit(), 1);
    host.write("/srv/web/.nginx-selinux.json", quiet);
    assert.equal(await edit(), 0);
    host.remove("/srv/web/.nginx-selinux.json");
    host.write(own, JSON.stringify({ severity: { "connect-port": "hint" } }));
    assert.equal(await edit(), 1);
    host.remove(own);
    assert.equal(await edit(), 1);
  });

  test("is seen where the times of its directory are too coarse to tell", async () => {
    const host = memoryHost();
    const edit = editing(withOneStamp(host, 1000));
    assert.equal(await edit(), 1);
    host.write(own, quiet);
    assert.equal(await edit(), 0);
  });

  test("is seen once the link that stands for it leads somewhere", async () => {
    const host = memoryHost();
    host.write(own, { link: "/etc/project.json" });
    const edit = editing(host);
    assert.equal(await edit(), 1);
    host.write("/etc/project.json", quiet);
    assert.equal(await edit(), 0);
  });

  test("is not asked for again in a directory whose stamp stays", async () => {
    const host = recordingHost(withOneStamp(memoryHost(), 60_000));
    const edit = editing(host);
    const asked = async (): Promise<number> => {
      const before = host.touched.length;
      await edit();
      return host.touched.slice(before).filter((path) => path.endsWith(".nginx-selinux.json")).length;
    };
    assert.deepEqual([await asked(), await asked()], [3, 0]);
  });
});

suite("the command line with a project file", () => {
  test("takes its settings from the nearest one above the main file, and says so", async () => {
    project({ policy: "rhel10", container: "no", severity: { "listen-port": "off" } });
    const ran = await check();
    assert.equal(reportOf(ran).policy.name, "rhel10");
    assert.deepEqual(said(ran), ["error connect-port"]);
    assert.match(ran.err, /^settings: site\/\.nginx-selinux\.json$/m);
  });

  test("its own options win; severities and booleans are added", async () => {
    const ran = await check("--policy", "rhel8", "--severity", "connect-port=hint");
    assert.equal(reportOf(ran).policy.name, "rhel8");
    assert.deepEqual(said(ran), ["hint connect-port"]);
    assert.deepEqual(said(await check("--severity", "listen-port=warning", "--policy", "rhel8")), [
      "warning listen-port",
      "error connect-port",
    ]);
  });

  test("what the file lists as known does not count", async () => {
    project({ policy: "rhel9", baseline: "known.json" });
    assert.match((await check()).err, /baseline .*known\.json: /);
    project({ policy: "rhel9" });
    assert.equal((await check("--write-baseline", "site/known.json")).code, 0);
    project({ policy: "rhel9", baseline: "known.json" });
    const ran = await check();
    assert.deepEqual([ran.code, ...said(ran)], [0]);
  });

  test("a mistake in it ends the run, with the place and the reason", async () => {
    project('{ "policy": "rhel9", ');
    const broken = await check();
    assert.equal(broken.code, 2);
    assert.match(broken.err, /\.nginx-selinux\.json: .*JSON/);
    project('{\n  "policy": "rhel9",\n  "root": "copy"\n}');
    assert.match((await check()).err, /\.nginx-selinux\.json: root .*copy: .*[Nn]o such file/);
    project({ policiy: "rhel9" });
    assert.match((await check()).err, /no "policiy" in a project file/);
  });
});

suite("the editor with a project file", () => {
  const host = createNodeHost(join(import.meta.dirname, "../../../server/policies"), () => undefined);
  const service = (trusted: boolean) => {
    const made = createLanguageService(host, {
      trusted,
      folders: [join(directory, "site")],
      settingsFor: () => ({ ...defaultSettings, policy: "rhel7", container: "no" }),
      domain: null,
      strict: false,
    });
    made.openDocument(`file://${main}`, 1, "events {}\nhttp { server { listen 25; } }\n");
    return made;
  };
  const answers = async (trusted: boolean) => {
    const { documents, files } = await service(trusted).diagnostics();
    return { policy: documents[0]?.policy, rules: [...(files.get(`file://${main}`) ?? [])].map(({ code }) => code) };
  };

  test("takes its settings, which win over the editor's", async () => {
    project({ policy: "rhel10" });
    assert.equal((await answers(true)).policy?.name, "rhel10");
    project({ severity: { "listen-port": "off" } });
    const { policy, rules } = await answers(true);
    assert.deepEqual([policy?.name, rules], ["rhel7", []]);
  });

  test("says what it ignores, and goes on", async () => {
    project({ policy: "rhel10", wat: 1 });
    const { policy } = await answers(true);
    assert.equal(policy?.name, "rhel10");
    assert.match(policy?.reason ?? "", /\.nginx-selinux\.json: line 1: There is no "wat"/);
  });

  test("in an untrusted workspace reads no path of it", async () => {
    project({ policy: "./secret.json", baseline: "/etc/passwd" });
    const { policy, rules } = await answers(false);
    assert.deepEqual([policy?.name, rules], ["rhel7", ["listen-port"]]);
    assert.match(policy?.reason ?? "", /paths are ignored, because the workspace is not trusted/);
  });

  test("a change of the file counts at the next look", async () => {
    const made = service(true);
    project({ policy: "rhel8" });
    assert.equal((await made.diagnostics()).documents[0]?.policy?.name, "rhel8");
    project({ policy: "rhel10", severity: {} });
    assert.equal((await made.diagnostics()).documents[0]?.policy?.name, "rhel10");
  });
});
