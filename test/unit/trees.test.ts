/**
 * Whole trees with absolute symbolic links, from the command line and through the language service, trusted and not: they
 * give what the same trees give without links, and nothing of this machine is read.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { enginePath, createNodeHost } from "../../server/src/host/hostNode.ts";
import { createLanguageService } from "../../server/src/languageService.ts";
import { plainSurroundings } from "../../server/src/workspace/surroundings.ts";
import type { Report } from "../../server/src/report/report.ts";
import { defaultSettings } from "../../server/src/shared/settings.ts";
import { bundledText } from "../support/bundledPolicies.ts";
import { createMemoryHost, type MemoryEntry } from "../support/memoryHost.ts";
import { recordingHost } from "../support/recordingHost.ts";
import { runCli } from "../support/runCli.ts";
import { readTree, treeEntries, withoutLinks, writeTree, type Tree } from "../support/trees.ts";

interface Case {
  readonly name: string;
  readonly main: string;
  /** The directory that stands for /etc/nginx; "" where the tree stands for `/`. */
  readonly confDirectory: string;
  /** A file that is included through a link, as it is stored. */
  readonly linked: string;
  readonly findings: readonly string[];
  /** Beginnings of the notes on links that lead out of the tree. */
  readonly notes: readonly RegExp[];
}

const cases: readonly Case[] = [
  {
    name: "debian",
    main: "etc/nginx/nginx.conf",
    confDirectory: "",
    linked: "etc/nginx/sites-available/shop",
    findings: [
      "etc/nginx/conf.d/upstreams.conf:2 error connect-port",
      "etc/nginx/conf.d/upstreams.conf:3 error connect-port",
      "etc/nginx/sites-enabled/blog:5 error connect-port",
      "etc/nginx/sites-enabled/shop:2 error listen-port",
    ],
    notes: [
      /modules-enabled\/50-mod-stream\.conf": it is a link to "\/usr\/share\/nginx\/modules-available\/mod-stream\.conf"/,
    ],
  },
  {
    name: "vhosts",
    main: "web/nginx.conf",
    confDirectory: "web",
    linked: "web/sites/shop/site.conf",
    findings: [
      "web/current/extra.conf:2 error listen-port",
      "web/vhosts/blog/site.conf:2 error listen-port",
      "web/vhosts/shop/site.conf:7 error connect-port",
    ],
    notes: [],
  },
  {
    name: "host",
    main: "etc/nginx/nginx.conf",
    confDirectory: "",
    linked: "opt/app/releases/7/nginx/site.conf",
    findings: ["etc/nginx/conf.d/admin.conf:2 error listen-port", "etc/nginx/conf.d/app.conf:5 error connect-port"],
    notes: [/lost\.conf": it is a link to "\/var\/lib\/lost\/lost\.conf", which this copy does not have/],
  },
];

/** What must never be looked at: where the links lead on this machine. */
const ofThisMachine = /^\/(?:etc\/nginx|usr\/share\/nginx|srv|opt|var\/lib\/lost)(?:\/|$)/u;
const otherConfiguration: Readonly<Record<string, MemoryEntry>> = {
  "/etc/nginx/nginx.conf": "this machine's",
  "/etc/nginx/sites-available/shop": "server { listen 4242; }",
  "/etc/nginx/sites/shop/site.conf": "server { listen 4242; }",
  "/opt/app/current/nginx/site.conf": "server { listen 4242; }",
  "/var/lib/lost/lost.conf": "server { listen 4242; }",
};

/** Errors as `FILE:LINE SEVERITY RULE`, files relative to the tree. */
const errorsOf = (report: Report, directory: string): readonly string[] =>
  report.findings
    .filter(({ severity }) => severity === "error")
    .map(
      ({ file, range, severity, rule }) => `${relative(file, directory)}:${range.start.line + 1} ${severity} ${rule}`,
    )
    .sort();
const relative = (path: string, directory: string): string =>
  path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;

const memory = (entries: Readonly<Record<string, MemoryEntry>>) =>
  recordingHost(
    createMemoryHost({ ...otherConfiguration, ...entries }, (name) =>
      name === "rhel9" ? bundledText(name) : undefined,
    ),
  );

/** Runs the command line on the tree as it lies on this machine's disk. */
async function checkOnDisk(tree: Tree, args: (directory: string) => readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-tree-"));
  const host = recordingHost(createNodeHost(join(import.meta.dirname, "../../server/policies"), () => undefined));
  try {
    writeTree(tree, directory);
    const root = enginePath(directory);
    const ran = await runCli(host, root, ["check", "--policy", "rhel9", "--format", "json", ...args(root)]);
    return { ...ran, root, strayed: host.touched.filter((path) => ofThisMachine.test(path)) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

for (const { name, main, confDirectory, linked, findings, notes } of cases) {
  const tree = readTree(name);
  const rootOption = (root: string): readonly string[] => (confDirectory === "" ? ["--root", root] : []);

  suite(`the tree ${name}`, () => {
    test("gives on the command line what it gives without links, and nothing of this machine is read", async () => {
      const ran = await checkOnDisk(tree, (root) => [...rootOption(root), main]);
      const report: Report = JSON.parse(ran.out);
      assert.deepEqual(errorsOf(report, ran.root), findings);
      assert.deepEqual(ran.strayed, []);
      const onLinks = report.notes.flatMap(({ message }) => (message.includes("it is a link") ? [message] : []));
      assert.equal(onLinks.length, notes.length, onLinks.join("\n"));
      for (const [i, note] of notes.entries()) assert.match(onLinks[i] ?? "", note);

      const plain = await checkOnDisk(withoutLinks(tree, confDirectory), (root) => [...rootOption(root), main]);
      const repaired: Report = JSON.parse(plain.out);
      assert.deepEqual(errorsOf(repaired, plain.root), findings);
      const names = (of: Report, root: string): readonly string[] => of.files.map((path) => relative(path, root));
      assert.deepEqual(names(report, ran.root), names(repaired, plain.root));
      assert.equal(ran.code, plain.code);
    });

    test("a file that is included through a link finds its main file", async () => {
      const ran = await checkOnDisk(tree, (root) => [...rootOption(root), linked]);
      const report: Report = JSON.parse(ran.out);
      assert.equal(relative(report.files[0] ?? "", ran.root), main);
      assert.match(ran.err, / is a part of .*nginx\.conf, which is checked$/mu);
      assert.deepEqual(ran.strayed, []);
    });

    for (const trusted of [true, false]) {
      test(`gives the same in the editor, in ${trusted ? "a trusted" : "an untrusted"} workspace`, async () => {
        const folder = `/home/me/${name}`;
        const host = memory(treeEntries(tree, folder));
        const settings = { ...defaultSettings, policy: "rhel9" };
        const service = createLanguageService(host, {
          ...plainSurroundings,
          trusted,
          folders: [folder],
          settingsFor: () => settings,
        });
        service.openDocument(`file://${folder}/${linked}`, 1, tree.files.get(linked) ?? "");
        const { files, documents } = await service.diagnostics();
        assert.equal(documents[0]?.error, null);
        assert.equal(documents[0]?.mainFile, `file://${folder}/${main}`);
        const errors = [...files].flatMap(([uri, diagnostics]) =>
          diagnostics
            .filter(({ severity }) => severity === 1)
            .map(
              ({ range, code }) =>
                `${relative(uri.slice("file://".length), folder)}:${range.start.line + 1} error ${code}`,
            ),
        );
        // The open document is called by its own name.
        const opened = findings.map((line) => line.replace(linkTo(tree, linked, confDirectory), linked));
        assert.deepEqual(errors.sort(), opened.sort());
        assert.deepEqual(
          host.touched.filter((path) => ofThisMachine.test(path)),
          [],
        );
      });
    }
  });
}

/** The name under which the includes reach a file. */
function linkTo(tree: Tree, linked: string, confDirectory: string): string {
  const text = tree.files.get(linked);
  for (const [path, other] of withoutLinks(tree, confDirectory).files) {
    if (other === text && path !== linked && /enabled|vhosts|etc\/nginx\/conf\.d/u.test(path)) return path;
  }
  return linked;
}

test("a directory with all of them is checked as a whole", async () => {
  const directory = "/repo";
  const entries = Object.assign({}, ...cases.map(({ name }) => treeEntries(readTree(name), `${directory}/${name}`)));
  const host = memory(entries);
  const ran = await runCli(host, directory, ["check", "--policy", "rhel9", "--format", "json", "."]);
  const reports: readonly Report[] = JSON.parse(ran.out).reports;
  assert.deepEqual(
    reports.map(({ files }) => relative(files[0] ?? "", directory)),
    [
      "vhosts/web/nginx.conf",
      "debian/etc/nginx/nginx.conf",
      "host/etc/nginx/nginx.conf",
      "debian/etc/nginx/sites-available/off",
    ],
  );
  const all = reports.flatMap((report) => errorsOf(report, directory));
  const expected = cases.flatMap(({ name, findings }) => findings.map((line) => `${name}/${line}`));
  assert.deepEqual(all.toSorted(), [...expected, "debian/etc/nginx/sites-available/off:2 error listen-port"].sort());
  assert.deepEqual(
    host.touched.filter((path) => ofThisMachine.test(path)),
    [],
  );
});
