import assert from "node:assert/strict";
import { test } from "node:test";
import { releaseFor } from "../../server/src/osRelease.ts";
import { pathOfUri, uriOfPath } from "../../server/src/uri.ts";
import { isWithin } from "../../server/src/base/paths.ts";
import { createWorkspace } from "../../server/src/workspace.ts";
import { nearestNames } from "../../server/src/nearest.ts";
import { createMemoryHost, type MemoryEntry } from "../support/memoryHost.ts";

const reader = (files: Readonly<Record<string, MemoryEntry>>, within: readonly string[] | null = null) =>
  createWorkspace(createMemoryHost(files)).reader({ limit: 100, within, cancellation: { aborted: false } });

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

test("os-release names the bundled policy, and the reason says what was mapped or assumed", () => {
  const release = (text: string): string => releaseFor(text).release;
  assert.equal(release('ID="rhel"\nVERSION_ID="9.4"\n'), "rhel9");
  assert.equal(release('ID="centos"\nVERSION_ID="7"\n'), "rhel7");
  assert.equal(release("ID=fedora\nVERSION_ID=41\n"), "fedora");
  assert.equal(release('ID="almalinux"\nVERSION_ID="10.0"\n'), "rhel10");
  assert.equal(release('ID="ol"\nVERSION_ID="8.10"\nID_LIKE="fedora"\n'), "rhel8");
  assert.equal(release('ID="amzn"\nVERSION_ID="2023"\nID_LIKE="fedora"\n'), "fedora");
  assert.equal(release('ID="rhel"\nVERSION_ID="11.0"\n'), "rhel10");
  assert.equal(release("ID=debian\nVERSION_ID=12\n"), "rhel9");
  assert.match(releaseFor("ID=rocky\nVERSION_ID=9.3\n").reason, /mapped to rhel9/);
  assert.match(releaseFor("ID=debian\n").reason, /rhel9 is assumed/);
  assert.match(releaseFor(null).reason, /no \/etc\/os-release/);
});

test("the nearest names come first, and what is far from all gets none", () => {
  const names = ["httpd_can_network_connect", "httpd_can_network_connect_db", "nis_enabled"];
  assert.equal(nearestNames("httpd_can_network_conect", names)[0], "httpd_can_network_connect");
  assert.deepEqual(nearestNames("zzzzzzzzzz", names), []);
});
