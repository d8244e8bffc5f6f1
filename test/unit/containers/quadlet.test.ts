import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { mountsForServer } from "../../../server/src/containers/mounts.ts";
import { createCover } from "../../../server/src/containers/serverPlaces.ts";
import { quadletMounts } from "../../../server/src/containers/quadlet.ts";

function ask(text: string): number | null {
  const covers = createCover();
  const mounts = quadletMounts(text);
  return mounts.find((mount) => mountsForServer(mount, "/repo", "/repo/nginx/nginx.conf", covers))?.line ?? null;
}
const unit = (line: string, image = "docker.io/library/nginx:1"): string =>
  `[Unit]\nDescription=web\n\n[Container]\nImage=${image}\n${line}\n`;

const signs: readonly (readonly [name: string, text: string, line: number])[] = [
  ["a volume beside the unit", unit("Volume=./nginx/nginx.conf:/etc/nginx/nginx.conf:ro,Z"), 6],
  ["the directory", unit("Volume=./nginx:/etc/nginx"), 6],
  ["the absolute path", unit("Volume = /repo/nginx/nginx.conf:/etc/nginx/nginx.conf"), 6],
  ["a specifier for the directory", unit("Volume=%h/nginx/nginx.conf:/etc/nginx/nginx.conf"), 6],
  ["a mount", unit("Mount=type=bind,source=./nginx/nginx.conf,target=/etc/nginx/nginx.conf,ro"), 6],
  ["a mount with short names", unit("Mount=type=bind,src=./nginx,dst=/etc/nginx"), 6],
  ["a place that only the image explains", unit("Volume=./nginx/nginx.conf:/c/site.conf"), 6],
  ["a continued line", unit("Volume=\\\n# no\n./nginx:/etc/nginx"), 6],
];

suite("a quadlet is a sign where it mounts the configuration to nginx's place:", () => {
  for (const [name, text, line] of signs) test(name, () => assert.equal(ask(text), line));
});

const noSigns: readonly (readonly [name: string, text: string])[] = [
  ["a named volume", unit("Volume=nginx.volume:/etc/nginx")],
  ["another path", unit("Volume=/srv/nginx/nginx.conf:/etc/nginx/nginx.conf")],
  ["the site", unit("Volume=.:/usr/share/nginx/html")],
  ["a tmpfs", unit("Mount=type=tmpfs,source=./nginx,target=/etc/nginx")],
  ["in another section", "[Service]\nVolume=./nginx:/etc/nginx\n"],
  ["a comment", unit("# Volume=./nginx:/etc/nginx\n; Volume=./nginx:/etc/nginx")],
  ["a place of another image", unit("Volume=./nginx/nginx.conf:/c/nginx.conf", "quay.io/acme/lint")],
  ["nothing", "[Container\n=\nVolume\nVolume=\nMount=,,=\n"],
];

suite("a quadlet is no sign where it mounts", () => {
  for (const [name, text] of noSigns) test(name, () => assert.equal(ask(text), null));
});

test("how a mount is labelled, and whether the container is confined, is read too", () => {
  const [mount] = quadletMounts(unit("Volume=./html:/usr/share/nginx/html:ro,Z"));
  assert.equal(mount?.relabel, "Z");
  const relabel = (line: string): unknown => quadletMounts(unit(line))[0]?.relabel;
  assert.equal(relabel("Volume=./a:/b:z"), "z");
  assert.equal(relabel("Volume=./a:/b"), null);
  assert.equal(relabel("Mount=type=bind,src=./a,dst=/b,relabel=private"), "Z");
  assert.equal(relabel("Mount=type=bind,src=./a,dst=/b,z"), "z");
  const isConfined = (line: string): unknown => quadletMounts(unit(`Volume=./a:/b\n${line}`))[0]?.isConfined;
  assert.equal(isConfined("AutoUpdate=registry"), true);
  assert.equal(isConfined("SecurityLabelDisable=true"), false);
  assert.equal(isConfined("PodmanArgs=--cpus 1 --security-opt label=disable"), false);
  assert.equal(isConfined("PodmanArgs=--privileged"), false);
});

test("the place of a mount is its value", () => {
  const [plain, long] = quadletMounts(unit("Volume = ./a:/b\nVolume=\\\n./c:/d"));
  assert.deepEqual(plain?.range, { start: { line: 5, character: 9 }, end: { line: 5, character: 15 } });
  assert.equal(plain.text, "./a:/b");
  assert.deepEqual([long?.line, long?.text], [7, null]);
});
