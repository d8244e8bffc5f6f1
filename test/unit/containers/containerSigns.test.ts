import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createContainerSigns, type ContainerSign } from "../../../server/src/containers/containerSigns.ts";
import type { FileStat } from "../../../server/src/host/host.ts";
import { createMemoryHost, type MemoryEntry, type MemoryHost } from "../../support/memoryHost.ts";

const file = "/home/me/repo/nginx/nginx.conf";
const above = ["/home/me/repo/nginx", "/home/me/repo", "/home/me", "/home"];
const copy = "FROM nginx\nCOPY nginx.conf /etc/nginx/\n";
const mount = "services:\n  web:\n    volumes:\n      - ./nginx/nginx.conf:/etc/nginx/nginx.conf\n";

function look(
  host: MemoryHost,
  within: readonly string[] | null = null,
  directories: readonly string[] = above,
  of = file,
): Promise<ContainerSign | null> {
  const checkpoint = (): Promise<void> => Promise.resolve();
  return createContainerSigns().find({ host, file: of, directories, within, checkpoint });
}

const withFiles = (files: Readonly<Record<string, MemoryEntry>>): MemoryHost =>
  createMemoryHost({ [file]: "events {}\n", ...files });

suite("signs of a container", () => {
  const found: readonly (readonly [path: string, text: string, reason: string])[] = [
    ["/home/me/repo/nginx/Dockerfile", copy, "Dockerfile, line 2, copies this configuration into an image"],
    ["/home/me/repo/nginx/Containerfile", copy, "Containerfile, line 2, copies this configuration into an image"],
    ["/home/me/repo/nginx/Dockerfile.prod", copy, "Dockerfile.prod, line 2, copies this configuration into an image"],
    ["/home/me/repo/nginx/web.dockerfile", copy, "web.dockerfile, line 2, copies this configuration into an image"],
    ["/home/me/repo/compose.yaml", mount, "../compose.yaml, line 4, mounts this configuration into a container"],
    [
      "/home/me/repo/docker-compose.override.yml",
      mount,
      "../docker-compose.override.yml, line 4, mounts this configuration into a container",
    ],
    [
      "/home/me/repo/deploy/docker-compose.yml",
      mount.replace("./", "../"),
      "../deploy/docker-compose.yml, line 4, mounts this configuration into a container",
    ],
    [
      "/home/me/repo/web.container",
      "[Container]\nVolume=./nginx:/etc/nginx\n",
      "../web.container, line 2, mounts this configuration into a container",
    ],
    [
      "/home/me/repo/docker/Dockerfile",
      "FROM x\nCOPY nginx/nginx.conf /etc/nginx/\n",
      "../docker/Dockerfile, line 2, copies this configuration into an image",
    ],
  ];
  for (const [path, text, reason] of found) {
    test(`are found in ${path}`, async () => {
      const sign = await look(withFiles({ [path]: text }));
      assert.equal(sign?.file, path);
      assert.equal(sign?.reason, reason);
      assert.match(reason, new RegExp(`line ${sign?.line},`));
    });
  }

  const silent: readonly (readonly [why: string, path: string, entry: MemoryEntry])[] = [
    ["a file that is called otherwise", "/home/me/repo/nginx/Dockerfile.md", copy],
    ["what is ignored by a build", "/home/me/repo/nginx/Dockerfile.dockerignore", copy],
    ["a YAML file that is no compose file", "/home/me/repo/decompose.yml", mount],
    ["a directory that is not asked about", "/home/me/repo/other/docker-compose.yml", mount.replace("./", "../")],
    ["the root of the file system", "/Dockerfile", "FROM x\nCOPY home/me/repo/nginx/nginx.conf /etc/nginx/\n"],
    ["what cannot be read", "/home/me/repo/Dockerfile", { error: "EACCES" }],
    ["what is no file", "/home/me/repo/Dockerfile", { other: true }],
    ["a file above the limit", "/home/me/repo/nginx/Dockerfile", `${copy}#${"x".repeat(2 ** 20)}`],
    ["the application's own image", "/home/me/repo/Dockerfile", "FROM node\nWORKDIR /app\nCOPY . .\n"],
  ];
  for (const [why, path, entry] of silent) {
    test(`are none: ${why}`, async () => assert.equal(await look(withFiles({ [path]: entry })), null));
  }

  test("are looked for near the configuration first", async () => {
    const sign = await look(withFiles({ "/home/me/repo/compose.yml": mount, "/home/me/repo/nginx/Dockerfile": copy }));
    assert.equal(sign?.file, "/home/me/repo/nginx/Dockerfile");
  });

  test("are looked for only in the directories that are given", async () => {
    assert.equal(await look(withFiles({ "/home/me/repo/compose.yml": mount }), null, ["/home/me/repo/nginx"]), null);
  });

  test("are not read outside of an untrusted workspace, also through links", async () => {
    const files = { "/home/me/repo/compose.yml": { link: "/home/me/secret.yml" }, "/home/me/secret.yml": mount };
    const host = withFiles(files);
    assert.equal(await look(host, ["/home/me/repo"]), null);
    assert.deepEqual(host.reads, []);
    assert.notEqual(await look(withFiles(files), null), null);
  });

  test("are read again only where something has changed", async () => {
    const host = withFiles({ "/home/me/repo/compose.yml": "services:\n" });
    const signs = createContainerSigns();
    const ask = (): Promise<ContainerSign | null> =>
      signs.find({ host, file, directories: above, within: null, checkpoint: () => Promise.resolve() });
    assert.equal(await ask(), null);
    assert.equal(await ask(), null);
    assert.deepEqual(host.reads, ["/home/me/repo/compose.yml"]);
    host.write("/home/me/repo/compose.yml", mount);
    assert.equal((await ask())?.line, 4);
    host.remove("/home/me/repo/compose.yml");
    assert.equal(await ask(), null);
    host.write("/home/me/repo/nginx/Dockerfile", copy);
    assert.equal((await ask())?.line, 2);
  });

  test("are found where the times of their directory are too coarse to tell that they came", async () => {
    const memory = withFiles({});
    const stat = async (path: string): Promise<FileStat> => ({
      ...(await memory.stat(path)),
      stamp: "one",
      changed: memory.date() - 1000,
    });
    const host = { ...memory, stat };
    const signs = createContainerSigns();
    const ask = (): Promise<ContainerSign | null> =>
      signs.find({ host, file, directories: above, within: null, checkpoint: () => Promise.resolve() });
    assert.equal(await ask(), null);
    memory.write("/home/me/repo/compose.yml", mount);
    assert.equal((await ask())?.line, 4);
  });

  test("are in a file whose service another one extends, and are looked for again when it changes", async () => {
    const compose = "services:\n  web:\n    extends: {file: common.yml, service: base}\n";
    const common = "services:\n  base:\n    volumes:\n      - ./nginx/nginx.conf:/etc/nginx/nginx.conf\n";
    const host = withFiles({ "/home/me/repo/compose.yml": compose, "/home/me/repo/common.yml": common });
    const signs = createContainerSigns();
    const find = (): Promise<ContainerSign | null> =>
      signs.find({ host, file, directories: above, within: null, checkpoint: () => Promise.resolve() });
    const sign = await find();
    assert.equal(sign?.reason, "../common.yml, line 4, mounts this configuration into a container");
    assert.deepEqual(
      sign.mounts.map((each) => [each.file, each.path]),
      [["/home/me/repo/common.yml", file]],
    );
    host.write("/home/me/repo/common.yml", "services:\n  base: {}\n");
    assert.equal(await find(), null);
    const outside = compose.replace("common.yml", "/etc/common.yml");
    assert.equal(await look(withFiles({ "/home/me/repo/compose.yml": outside, "/etc/common.yml": common })), null);
    const untrusted = withFiles({
      "/home/me/repo/compose.yml": compose,
      "/home/me/repo/common.yml": { link: "/x.yml" },
      "/x.yml": common,
    });
    assert.equal(await look(untrusted, ["/home/me/repo"]), null);
  });

  test("have a bound: a tree full of build files is not read without end", async () => {
    const files: Record<string, MemoryEntry> = {};
    for (let i = 0; i < 500; i++) files[`/home/me/repo/Dockerfile.${i}`] = "FROM node\n";
    const host = withFiles(files);
    assert.equal(await look(host), null);
    assert.ok(host.reads.length <= 64, String(host.reads.length));
  });

  test("are none for a document that is no file", async () => {
    const host = withFiles({});
    assert.equal(await look(host, null, ["/home/me/repo"], "untitled:Untitled-1"), null);
    assert.deepEqual(host.reads, []);
  });
});
