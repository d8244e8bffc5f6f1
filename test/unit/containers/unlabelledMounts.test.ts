import assert from "node:assert/strict";
import { test } from "node:test";
import { composeMounts } from "../../../server/src/containers/compose.ts";
import { quadletMounts } from "../../../server/src/containers/quadlet.ts";
import { unlabelledMounts } from "../../../server/src/containers/unlabelledMounts.ts";

const found = (services: string, directory = "/repo"): readonly string[] =>
  unlabelledMounts(composeMounts(`services:\n${services}`), `${directory}/compose.yml`, ({ target }) =>
    target.startsWith("/etc/nginx"),
  ).map(({ source, relabel, newText }) => `${source} ${relabel} ${newText}`);
const web = (...mounts: readonly string[]): string =>
  `  web:\n    volumes:\n      - ./c:/etc/nginx:Z\n${mounts.map((mount) => `      - ${mount}\n`).join("")}`;

test("the option is added to what is written, behind the options that are there", () => {
  assert.deepEqual(found(web("./a:/b", '"./a:/b:ro"', "./${A:-x}/a:/b", "'~/a:/b'")), [
    "./a Z ./a:/b:Z",
    './a Z "./a:/b:ro,Z"',
    "./x/a Z ./${A:-x}/a:/b:Z",
    "~/a Z '~/a:/b:Z'",
  ]);
  const unit = "[Container]\nVolume=./c:/etc/nginx:Z\nMount=type=bind,src=./a,dst=/b\n";
  const [mount] = unlabelledMounts(quadletMounts(unit), "/repo/x.container", () => true);
  assert.equal(mount?.newText, "type=bind,src=./a,dst=/b,relabel=private");
});

test("files that two services mount are labelled for both", () => {
  const both = `${web("./a:/b", "./d:/e")}  db:\n    volumes:\n      - ./a:/c\n`;
  assert.deepEqual(found(both), ["./a z ./a:/b:z", "./d Z ./d:/e:Z"]);
});

test("a service that does not get the configuration is not looked at", () => {
  assert.deepEqual(found("  db:\n    volumes:\n      - ./a:/b\n"), []);
});

test("the host's own directories, sockets, what is not known and what an engine labels itself are left alone", () => {
  const silent = [
    "/etc/localtime:/etc/localtime:ro",
    "/var/run/docker.sock:/var/run/docker.sock",
    "./run/app.sock:/run/app.sock",
    "${SOMEWHERE}/a:/b",
    "data:/var/cache/nginx",
    "/opt/site:/site",
    "{type: tmpfs, target: /tmp}",
    "{type: volume, source: data, target: /data}",
  ];
  assert.deepEqual(found(web(...silent)), []);
  assert.deepEqual(found(web("/home/me/site:/site", "/srv/site:/site")), [
    "/home/me/site Z /home/me/site:/site:Z",
    "/srv/site Z /srv/site:/site:Z",
  ]);
  assert.deepEqual(found(web("./a:/b"), "/opt/shop"), [], "containers may read usr_t");
  const config =
    "  web:\n    configs: [{source: main, target: /etc/nginx/nginx.conf}]\nconfigs:\n  main:\n    file: ./c\n";
  assert.deepEqual(found(config), []);
});
