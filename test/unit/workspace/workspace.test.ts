import assert from "node:assert/strict";
import { test } from "node:test";
import { bundledReleases, type BundledRelease } from "../../../server/src/base/bundledReleases.ts";
import { releaseFor } from "../../../server/src/selinux/host/osRelease.ts";
import { pathOfUri, uriOfPath } from "../../../server/src/base/uri.ts";
import { isWithin } from "../../../server/src/base/paths.ts";
import { createWorkspace } from "../../../server/src/workspace/workspace.ts";
import { nearestNames } from "../../../server/src/base/nearest.ts";
import { bundledFacts } from "../../support/bundledPolicies.ts";
import { createMemoryHost, type MemoryEntry } from "../../support/memoryHost.ts";

const reader = (files: Readonly<Record<string, MemoryEntry>>, within: readonly string[] | null = null) =>
  createWorkspace(createMemoryHost(files)).reader({
    limit: 100,
    total: 10_000,
    within,
    cancellation: { aborted: false },
  });

test("the files of a configuration are read up to a sum, each once however it is named", async () => {
  const host = createMemoryHost({ "/a": "a".repeat(60), "/link": { link: "/a" }, "/b": "b".repeat(60), "/c": "c" });
  const options = { limit: 100, total: 100, within: null, cancellation: { aborted: false } };
  const files = createWorkspace(host).reader(options);
  const said: string[] = [];
  for (const path of ["/a", "/link", "/b", "/c"]) {
    const result = await files.read(path);
    said.push(result.ok ? "ok" : result.message);
  }
  assert.match(said[2] ?? "", /larger than the limit of .* MB together/);
  assert.deepEqual([said[0], said[1], said[3]], ["ok", "ok", "ok"]);
  assert.ok(!host.reads.includes("/b"));
});

test("reading says what the system would say", async () => {
  const files = reader({
    "/d/file": "x;",
    "/d/denied": { error: "EACCES" },
    "/d/pipe": { other: true },
    "/d/large": "x".repeat(101),
    "/d/loop": { link: "/d/loop" },
  });
  const code = async (path: string): Promise<string> => {
    const result = await files.read(path);
    return result.ok ? "ok" : `${result.code}: ${result.message}`;
  };
  assert.equal(await code("/d/file"), "ok");
  assert.equal(await code("/d/none"), "missing: No such file or directory");
  assert.equal(await code("/d/denied"), "denied: not readable as alice");
  assert.equal(await code("/d"), "directory: Is a directory");
  assert.equal(await code("/d/pipe"), "not-regular: Not a regular file");
  assert.match(await code("/d/large"), /^too-large: larger than the limit/);
  assert.match(await code("/d/loop"), /^loop: /);
  assert.equal(await code("vscode-vfs://github/nginx.conf"), "outside: it is not open in the editor");
});

test("two spellings of one file are one path", async () => {
  const files = reader({ "/a/real.conf": "x;", "/a/link.conf": { link: "/a/real.conf" }, "/b": { link: "/a" } });
  const paths = await Promise.all(["/a/link.conf", "/b/real.conf"].map((path) => files.read(path)));
  assert.deepEqual(
    paths.map((each) => each.ok && each.path),
    ["/a/link.conf", "/a/link.conf"],
  );
});

test("a directory outside of an untrusted workspace is not listed, a link to one neither", async () => {
  const files = reader({ "/w/a": "", "/secret/b": "", "/w/link": { link: "/secret" } }, ["/w"]);
  const code = async (directory: string): Promise<string> => {
    const listing = await files.list(directory);
    return listing.ok ? "ok" : listing.code;
  };
  assert.equal(await code("/w"), "ok");
  assert.equal(await code("/secret"), "outside");
  assert.equal(await code("/w/link"), "outside");
});

test("a path is within a directory only at a slash", () => {
  assert.ok(isWithin("/w/a", ["/w"]));
  assert.ok(isWithin("/w", ["/w"]));
  assert.ok(!isWithin("/wa", ["/w"]));
  assert.ok(isWithin("/anything", ["/"]));
  assert.ok(isWithin("/anything", null));
});

test("file URIs and paths translate both ways, whatever is in the name", () => {
  for (const path of [
    "/etc/nginx/nginx.conf",
    "/a b/%41/#x?.conf",
    "/\u4e16/\u{1f600}",
    "/c:/nginx.conf",
    "//host/share/x",
  ])
    assert.equal(pathOfUri(uriOfPath(path)), path);
  assert.equal(pathOfUri("file:///C%3A/nginx.conf"), "/c:/nginx.conf");
  assert.equal(pathOfUri("file:///bad%zz"), "/bad%zz");
  assert.equal(pathOfUri("untitled:Untitled-1"), "untitled:Untitled-1");
  assert.equal(uriOfPath("vscode-vfs://github/a"), "vscode-vfs://github/a");
});

/** What os-release says, and the release that answers. */
const systems: readonly (readonly [text: string, release: string, reason: RegExp])[] = [
  ['ID="rhel"\nVERSION_ID="9.4"\n', "rhel9", /mapped to rhel9$/],
  ['ID="rhel"\nVERSION_ID="9.6"\n', "rhel9", /mapped to rhel9$/],
  ['ID="rhel"\nVERSION_ID="9.8"\n', "rhel9", /mapped to rhel9, the policy of RHEL 9\.6; later changes are not in it$/],
  ['ID="centos"\nVERSION_ID="9"\n', "rhel9", /mapped to rhel9$/],
  ['ID="centos"\nVERSION_ID="7"\n', "rhel7", /mapped to rhel7$/],
  ['ID="ol"\nVERSION_ID="8.10"\nID_LIKE="fedora"\n', "rhel8", /mapped to rhel8, the policy of RHEL 8\.9; later/],
  ["ID=rocky\nVERSION_ID=9.3\n", "rhel9", /rocky 9\.3, mapped to rhel9$/],
  // RHEL 10.1 took over another policy than 10.0 had; CentOS Stream 10 is ahead of both.
  ['ID="rhel"\nVERSION_ID="10.0"\n', "rhel10.0", /mapped to rhel10\.0$/],
  ['ID="almalinux"\nVERSION_ID="10.0"\n', "rhel10.0", /mapped to rhel10\.0$/],
  ['ID="rocky"\nVERSION_ID="10.0"\n', "rhel10.0", /mapped to rhel10\.0$/],
  ['ID="rhel"\nVERSION_ID="10.1"\n', "rhel10", /mapped to rhel10$/],
  ['ID="rocky"\nVERSION_ID="10.1"\n', "rhel10", /mapped to rhel10$/],
  ['ID="almalinux"\nVERSION_ID="10.2"\n', "rhel10", /mapped to rhel10, the policy of RHEL 10\.1; later/],
  ['ID="rhel"\nVERSION_ID="10.10"\n', "rhel10", /mapped to rhel10, the policy of RHEL 10\.1; later/],
  ['ID="centos"\nVERSION_ID="10"\n', "rhel10", /mapped to rhel10$/],
  [
    'ID="rhel"\nVERSION_ID="11.0"\n',
    "rhel10",
    /newer than any bundled policy of its family; rhel10, the policy of RHEL 10\.1, is the newest$/,
  ],
  [
    'ID="rhel"\nVERSION_ID="6.10"\n',
    "rhel7",
    /for which no policy is bundled; rhel7, the policy of RHEL 7\.7, is nearest$/,
  ],
  ["ID=fedora\nVERSION_ID=42\n", "fedora", /mapped to fedora$/],
  [
    "ID=fedora\nVERSION_ID=41\n",
    "fedora",
    /for which no policy is bundled; fedora, the policy of Fedora 42, is nearest$/,
  ],
  ["ID=fedora\nVERSION_ID=43\n", "fedora", /newer than any .*; fedora, the policy of Fedora 42, is the newest$/],
  ['ID="amzn"\nVERSION_ID="2023"\nID_LIKE="fedora"\n', "fedora", /mapped to fedora$/],
  ["ID=debian\nVERSION_ID=12\n", "rhel9", /rhel9 is assumed$/],
  ["ID=debian\n", "rhel9", /rhel9 is assumed$/],
  ['ID="rhel"\n', "rhel9", /without a version; rhel9 is assumed$/],
  ['ID="other"\nVERSION_ID="2024.1"\nID_LIKE="rhel fedora"\n', "rhel9", /rhel9 is assumed$/],
  ['ID="other"\nVERSION_ID="10.0"\nID_LIKE="rhel fedora"\n', "rhel10.0", /mapped to rhel10\.0$/],
];
for (const [text, release, reason] of systems) {
  test(`os-release ${JSON.stringify(text)} is ${release}, and the reason says what was mapped or assumed`, () => {
    const choice = releaseFor(text);
    assert.equal(choice.release, release);
    assert.match(choice.reason, reason);
  });
}

test("without os-release a release is assumed", () => {
  const choice = releaseFor(null);
  assert.equal(choice.release, "rhel9");
  assert.match(choice.reason, /no \/etc\/os-release/);
});

test("every row of the bundled releases is that of its table, oldest first in its family", () => {
  for (const [index, row] of bundledReleases.entries()) {
    const { info } = bundledFacts(row.name);
    assert.deepEqual([info.name, info.title], [row.name, row.title]);
    assert.ok(row.dated === null ? !/\d{4}-\d\d-\d\d/.test(info.provenance) : info.provenance.includes(row.dated));
    const next = bundledReleases.slice(index + 1).find(({ family }) => family === row.family);
    const order = ({ from: [major, minor] }: Pick<BundledRelease, "from">): number => major * 1000 + minor;
    assert.ok(next === undefined || order(row) < order(next), row.name);
  }
});

test("the nearest names come first, and what is far from all gets none", () => {
  const names = ["httpd_can_network_connect", "httpd_can_network_connect_db", "nis_enabled"];
  assert.equal(nearestNames("httpd_can_network_conect", names)[0], "httpd_can_network_connect");
  assert.deepEqual(nearestNames("zzzzzzzzzz", names), []);
});
