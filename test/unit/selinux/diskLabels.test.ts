/** Labels on disk that are gathered of a host and of a copy of one: of the paths that are named, and of files below them. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HostError } from "../../../server/src/host/host.ts";
import { listedContentLabels } from "../../../server/src/selinux/host/contentLabels.ts";
import { parseList } from "../../../server/src/selinux/host/diskLabels.ts";
import { gatherHostState } from "../../../server/src/selinux/host/gatherHostState.ts";
import type { NamedPath } from "../../../server/src/selinux/host/hostState.ts";
import { openLive } from "../../../server/src/selinux/host/live.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import { file, hostOf, sock, stateOf, usual } from "../../support/gatheredState.ts";
import { liveTree, statProgram } from "../../support/liveTree.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";
import type { MemoryEntry, MemoryHost } from "../../support/memoryHost.ts";

suite("labels on disk", () => {
  const labels = { "/": "root_t d", "/srv": "var_t d", "/srv/www": "content_t d", "/srv/www/a\nb": "tmp_t f" };

  test("are those of the path and of every directory above it, asked for once", async () => {
    const host = hostOf({ "/srv/www/a\nb": "", "/srv/www/c": "" }, labels);
    const state = await stateOf(host, [
      file("/srv/www/a\nb"),
      file("/srv/www/a\nb"),
      { path: "/srv/www", kind: "dir" },
    ]);
    assert.deepEqual(state.label("/srv/www/a\nb"), { state: "present", type: "tmp_t", kind: "file" });
    assert.deepEqual(state.label("/srv/www"), { state: "present", type: "content_t", kind: "dir" });
    assert.deepEqual(state.label("/"), { state: "present", type: "root_t", kind: "dir" });
    const asked = host.runs.filter((command) => command.startsWith("/usr/bin/stat"));
    const begin = "/usr/bin/stat -L --printf=%n\\0%C\\0%f\\0 -- ";
    // The second time the files of the directory that is named.
    assert.deepEqual(asked, [`${begin}/srv/www/a\nb / /srv /srv/www`, `${begin}/srv/www/a\nb /srv/www/c`]);
  });

  test("make the policy answer as the host does", async () => {
    const host = hostOf({ "/srv/www/a\nb": "" }, labels);
    host.write("/sys/fs/selinux/booleans/connect_any", "1 1");
    const live = await openLive(host, "");
    assert.ok(live.available);
    const state = await gatherHostState(host, live, [file("/srv/www/a\nb")]);
    const policy = policyOf(live.facts, state.changes);
    assert.deepEqual(policy.label("/srv/www/a\nb", "file"), { type: "tmp_t", exact: true, spec: null });
    assert.equal(policy.booleans.get("connect_any"), true);
    assert.deepEqual(
      state.changes.filter((change) => change.kind === "boolean"),
      [{ kind: "boolean", name: "connect_any", value: true }],
    );
  });

  test("tell what does not exist from what cannot be seen", async () => {
    const host = hostOf({ "/srv/www/x": "", "/srv/secret": "", "/srv/plain": "" }, { ...labels, "/srv/plain": "? f" });
    const stat = host.stat.bind(host);
    host.stat = async (path) => {
      if (path === "/srv/secret") throw new HostError("EACCES", "Permission denied");
      return stat(path);
    };
    const state = await stateOf(host, ["/srv/none/x", "/srv/secret", "/srv/plain", "/srv/\ufffd"].map(file));
    assert.deepEqual(state.label("/srv/none/x"), { state: "missing" });
    assert.deepEqual(state.label("/srv/none"), { state: "missing" });
    assert.deepEqual(state.label("/srv/secret"), { state: "unknown", reason: "it cannot be seen: Permission denied" });
    assert.deepEqual(state.label("/srv/plain"), { state: "unknown", reason: "it has no SELinux label on disk" });
    assert.deepEqual(state.label("/srv/\ufffd"), { state: "unknown", reason: "the path is not UTF-8" });
    assert.deepEqual(state.label("/other"), { state: "unknown", reason: "this path was not asked for" });
  });

  test("are unknown, with the reason, where there is no program to ask", async () => {
    const host = hostOf({ "/srv/x": "" });
    host.program = () => undefined;
    const label = (await stateOf(host, [file("/srv/x")])).label("/srv/x");
    assert.deepEqual(label, {
      state: "unknown",
      reason: "labels on disk cannot be read: /usr/bin/stat: No such file or directory",
    });
  });

  test("of many paths are read in batches that a command line can hold", async () => {
    const paths = Array.from({ length: 1200 }, (_, index) => `/srv/${"x".repeat(200)}/${index}`);
    const host = hostOf(Object.fromEntries(paths.map((path) => [path, ""])), {
      ...labels,
      ...Object.fromEntries(paths.map((path) => [path, "content_t f"])),
    });
    const state = await stateOf(host, paths.map(file));
    assert.ok(paths.every((path) => state.label(path).state === "present"));
    const lengths = host.runs.map((command) => command.length);
    assert.ok(lengths.length >= 4 && Math.max(...lengths) < 100_000, lengths.join(" "));
  });

  test("of a path through a link are also read where the link leads", async () => {
    const host = hostOf(
      { "/srv/www": { link: "/home/me/site" }, "/home/me/site/index.html": "" },
      { "/srv/www": "user_home_t d", "/home": "home_root_t d", "/home/me/site/index.html": "user_home_t f" },
    );
    const state = await stateOf(host, [file("/srv/www/index.html"), file("/srv/www/new")]);
    assert.equal(state.realPath("/srv/www/index.html"), "/home/me/site/index.html");
    assert.equal(state.realPath("/srv/www/new"), "/home/me/site/new");
    assert.deepEqual(state.label("/home"), { state: "present", type: "home_root_t", kind: "dir" });
    assert.equal(state.realPath("/home/me/site/index.html"), "/home/me/site/index.html");
  });
});

suite("labels of a copy of another machine's root", () => {
  const copied = (files: Readonly<Record<string, MemoryEntry>>): MemoryHost =>
    createMemoryHost({ ...liveTree({ ...usual, root: "/copy", enforce: null }), ...files });

  test("come from its list", async () => {
    const host = copied({
      "/copy/.selinux-labels":
        "/srv/www\tsystem_u:object_r:content_t:s0\td\n/run/app.sock\trun_t\ts\nno line\n/srv/x\t\tf\n",
    });
    const state = await stateOf(
      host,
      [{ path: "/srv/www", kind: "dir" }, sock("/run/app.sock"), file("/srv/x")],
      "/copy",
    );
    assert.deepEqual(state.label("/srv/www"), { state: "present", type: "content_t", kind: "dir" });
    assert.deepEqual(state.label("/run/app.sock"), { state: "present", type: "run_t", kind: "sock" });
    assert.deepEqual(state.label("/srv/x"), {
      state: "unknown",
      reason: "the copy's .selinux-labels does not list it",
    });
    assert.deepEqual(host.runs, []);
  });

  test("are read from the copy itself where there is no list; what it lacks may still exist", async () => {
    const host = copied({ "/copy/srv/www/index.html": "" });
    host.program = statProgram({ "/copy/srv/www/index.html": "content_t f", "/copy/srv": "? d" });
    const state = await stateOf(host, [file("/srv/www/index.html"), file("/srv/none")], "/copy");
    assert.deepEqual(state.label("/srv/www/index.html"), { state: "present", type: "content_t", kind: "file" });
    assert.deepEqual(state.label("/srv"), { state: "unknown", reason: "the copy has no SELinux label for it" });
    assert.deepEqual(state.label("/srv/none"), { state: "unknown", reason: "it is not in the copy" });
  });

  test("are those of the place in the copy to which an absolute link leads, never of this machine's file", async () => {
    const host = copied({ "/copy/srv/www": { link: "/data" }, "/copy/data/index.html": "" });
    host.write("/data/index.html", "");
    host.write("/data/passwd", "");
    host.program = statProgram({ "/copy/data/index.html": "content_t f", "/data/passwd": "tmp_t f" });
    const state = await stateOf(host, [file("/srv/www/index.html"), file("/srv/www/passwd")], "/copy");
    assert.equal(state.realPath("/srv/www/index.html"), "/data/index.html");
    assert.deepEqual(state.label("/srv/www/index.html"), { state: "present", type: "content_t", kind: "file" });
    assert.deepEqual(state.label("/srv/www/passwd"), { state: "unknown", reason: "it is not in the copy" });
    assert.ok(!host.runs.some((run) => / \/data/u.test(run)));
  });
});

suite("files in a directory that is named", () => {
  const dir = (path: string): NamedPath => ({ path, kind: "dir" });

  async function seen(labels: Readonly<Record<string, string>>): Promise<string> {
    const files = Object.keys(labels).filter((path) => path !== "/site");
    const state = await stateOf(hostOf(Object.fromEntries(files.map((path) => [path, ""])), labels), [dir("/site")]);
    const label = state.label("/site/some.file");
    assert.equal(
      state.changes.some((change) => change.kind === "label" && change.path === "/site/some.file"),
      label.state === "present",
    );
    return label.state === "present" ? label.type : label.state;
  }

  test("have labels of their own, which are looked at", async () => {
    assert.equal(await seen({ "/site": "content_t d", "/site/index.html": "tmp_t f", "/site/a": "tmp_t f" }), "tmp_t");
  });

  test("say nothing where they differ, or where they are no files", async () => {
    assert.equal(await seen({ "/site": "content_t d", "/site/a": "content_t f", "/site/b": "tmp_t f" }), "unknown");
    assert.equal(await seen({ "/site": "content_t d", "/site/a": "tmp_t d" }), "unknown");
    assert.equal(await seen({ "/site": "content_t d" }), "unknown");
  });

  test("are few, the index first, however many there are", async () => {
    const labels: Record<string, string> = { "/site": "content_t d" };
    for (let i = 100; i < 300; i++) labels[`/site/${i}`] = "content_t f";
    labels["/site/index.php"] = "content_t f";
    const host = hostOf(
      Object.fromEntries(
        Object.keys(labels)
          .slice(1)
          .map((path) => [path, ""]),
      ),
      labels,
    );
    const { contents } = await stateOf(host, [dir("/site")]);
    assert.deepEqual([contents?.length, contents?.[0]], [32, "/site/index.php"]);
  });

  test("are told apart: one of each label that most of them do not have, on this machine and from a list", async () => {
    const labels = {
      "/site": "content_t d",
      "/site/a": "content_t f",
      "/site/b": "content_t f",
      "/site/img": "content_t d",
      "/site/moved.html": "tmp_t f",
      "/site/moved2.html": "tmp_t f",
      "/site/odd": "loose_t d",
    };
    const wanted = [
      { path: "/site/moved.html", type: "tmp_t", kind: "file" },
      { path: "/site/odd", type: "loose_t", kind: "dir" },
    ];
    const names = Object.fromEntries(
      Object.keys(labels)
        .map((path) => [path, ""])
        .slice(1),
    );
    const { strays, label } = await stateOf(hostOf(names, labels), [dir("/site")]);
    assert.deepEqual(strays?.get("/site"), wanted);
    assert.deepEqual(label("/site/moved.html"), { state: "present", type: "tmp_t", kind: "file" });
    const listed = Object.entries(labels).map(([path, label]) => [path, ...label.split(" ")].join("\t"));
    const list = listedContentLabels(parseList(listed.join("\n")), new Set(["/site/"]));
    assert.deepEqual(list.strays.get("/site/"), wanted);
    assert.equal(list.labels.size, 0, "the files have several labels");
  });
});
