import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { composeMounts, extendedFiles } from "../../../server/src/containers/compose.ts";
import { mountsForServer } from "../../../server/src/containers/mounts.ts";
import { createCover } from "../../../server/src/containers/serverPlaces.ts";

const file = "/repo/nginx/nginx.conf";
function ask(text: string, of = file, directory = "/repo"): number | null {
  const covers = createCover();
  return composeMounts(text).find((mount) => mountsForServer(mount, directory, of, covers))?.line ?? null;
}
const service = (lines: string, image = "nginx:alpine"): string => `services:\n  web:\n    image: ${image}\n${lines}\n`;
const volume = (text: string, image?: string): string => service(`    volumes:\n      - ${text}`, image);

const signs: readonly (readonly [name: string, text: string, line: number])[] = [
  ["the short form", volume("./nginx/nginx.conf:/etc/nginx/nginx.conf"), 5],
  ["read-only", volume("./nginx/nginx.conf:/etc/nginx/nginx.conf:ro,z"), 5],
  ["double quotes", volume('"./nginx/nginx.conf:/etc/nginx/nginx.conf:ro"'), 5],
  ["single quotes and a comment", volume("'./nginx/nginx.conf:/etc/nginx/nginx.conf:ro' # ours"), 5],
  ["a comment behind plain text", volume("./nginx/nginx.conf:/etc/nginx/nginx.conf # ours"), 5],
  ["the directory", volume("./nginx:/etc/nginx"), 5],
  ["the directory, to a directory of parts", volume("./nginx/:/etc/nginx/conf.d/:ro"), 5],
  ["the absolute path", volume("/repo/nginx/nginx.conf:/etc/nginx/nginx.conf"), 5],
  ["the working directory", volume("${PWD}/nginx/nginx.conf:/etc/nginx/nginx.conf"), 5],
  ["a variable with a default", volume("${CONF:-./nginx/nginx.conf}:/etc/nginx/nginx.conf"), 5],
  ["a variable for the directory", volume("${ROOT}/nginx/nginx.conf:/etc/nginx/nginx.conf"), 5],
  ["an image without nginx in its name", volume("./nginx/nginx.conf:/etc/nginx/nginx.conf", "acme/web"), 5],
  ["a place that only the image explains", volume("./nginx/nginx.conf:/conf/site.conf", "bitnami/nginx:1"), 5],
  ["templates", volume("./nginx:/etc/nginx/templates"), 5],
  ["openresty", volume("./nginx/nginx.conf:/usr/local/openresty/nginx/conf/nginx.conf", "x"), 5],
  ["a list at the key's own column", service("    volumes:\n    - ./a:/b\n    - ./nginx:/etc/nginx"), 6],
  ["tabs and CR LF", service("    volumes:\r\n      -   ./nginx:/etc/nginx\r"), 5],
  ["a flow list", service('    volumes: ["./a:/b", ./nginx/nginx.conf:/etc/nginx/nginx.conf:ro]'), 4],
  ["a flow list over lines", service("    volumes: [ # x\n      './a:/b',\n      ./nginx:/etc/nginx ]"), 6],
  [
    "the long form",
    service(
      "    volumes:\n      - type: bind\n        source: ./nginx/nginx.conf\n        target: /etc/nginx/nginx.conf",
    ),
    6,
  ],
  [
    "the long form without a dot, in another order",
    service(
      "    volumes:\n      - target: /etc/nginx\n        read_only: true\n        source: nginx\n        type: bind",
    ),
    7,
  ],
  [
    "the long form in braces",
    service("    volumes:\n      - { type: bind, source: ./nginx, target: /etc/nginx, bind: {propagation: shared} }"),
    5,
  ],
  [
    "a service that is called nginx",
    "services:\n  nginx:\n    build: .\n    volumes:\n      - ./nginx/nginx.conf:/c\n",
    5,
  ],
  ["a file of version 1", "web:\n  image: nginx\n  volumes:\n    - ./nginx:/etc/nginx\n", 4],
  ["an anchor", "x-volumes: &v\n  - ./nginx:/etc/nginx\nservices:\n  web:\n    image: nginx\n    volumes: *v\n", 2],
  [
    "a volume list with an anchor of its own",
    service("    volumes: &v\n      - &one ./nginx:/etc/nginx\n      - !!str ./x:/y"),
    5,
  ],
  [
    "a config with a file",
    "configs:\n  main:\n    file: ./nginx/nginx.conf\nservices:\n  web:\n    configs:\n      - source: main\n        target: /etc/nginx/nginx.conf\n",
    7,
  ],
  [
    "a config in its short form, for an image of nginx",
    "services:\n  web:\n    image: nginx\n    configs: [main]\nconfigs:\n  main:\n    file: nginx/nginx.conf\n",
    4,
  ],
  ["JSON", '{"services": {"web": {"image": "nginx", "volumes": ["./nginx:/etc/nginx"]}}}', 1],
  [
    "the second service, behind a block of text",
    "services:\n  a:\n    command: |\n      volumes:\n        - ./x:/etc/nginx\n\n      x\n  b:\n    volumes:\n      - ./nginx:/etc/nginx\n",
    10,
  ],
  ["a second document", "---\na: b\n---\nservices:\n  web:\n    volumes:\n      - ./nginx:/etc/nginx\n", 7],
];

suite("a compose file is a sign where it mounts the configuration to nginx's place:", () => {
  for (const [name, text, line] of signs) test(name, () => assert.equal(ask(text), line));
});

const noSigns: readonly (readonly [name: string, text: string])[] = [
  ["the application", volume(".:/app", "node:20")],
  ["the application, beside an nginx image", volume(".:/app")],
  ["the site", volume(".:/usr/share/nginx/html:ro")],
  ["the site below /var/www", volume("./:/var/www/html")],
  ["another configuration", volume("./docker/nginx.conf:/etc/nginx/nginx.conf")],
  ["a named volume", volume("nginx:/etc/nginx")],
  [
    "a named volume, in the long form",
    service("    volumes:\n      - type: volume\n        source: nginx\n        target: /etc/nginx"),
  ],
  ["the configuration of the host", volume("/etc/nginx:/etc/nginx:ro")],
  ["a volume without a source", volume("/etc/nginx")],
  ["what any variable may name", volume("${CONF}:/etc/nginx/nginx.conf")],
  ["a last name that is not known", volume("./nginx/${CONF}:/etc/nginx/nginx.conf")],
  ["the configuration to a place of another service", volume("./nginx/nginx.conf:/srv/lint/nginx.conf", "linter")],
  ["a comment", service("    volumes:\n      # - ./nginx:/etc/nginx\n      - ./a:/b")],
  ["text in a block scalar", service("    command: >-\n      volumes:\n        - ./nginx:/etc/nginx\n    x: y")],
  ["text that is no volume", service("    labels:\n      - ./nginx:/etc/nginx")],
  [
    "a config of a host",
    "configs:\n  main:\n    external: true\nservices:\n  web:\n    configs: [{source: main, target: /etc/nginx/nginx.conf}]\n",
  ],
  ["an alias alone", "services:\n  web:\n    volumes: *v\n"],
  ["nothing", ""],
];

suite("a compose file is no sign where it mounts", () => {
  for (const [name, text] of noSigns) test(name, () => assert.equal(ask(text), null));
});

test("paths are relative to the compose file, also upwards", () => {
  const text = volume("../nginx/nginx.conf:/etc/nginx/nginx.conf");
  assert.equal(ask(text, file, "/repo/docker"), 5);
  assert.equal(ask(text), null);
});

test("files of any content are read to their end", () => {
  const junk = [
    "- ",
    "volumes:",
    "  ",
    "\n",
    "{",
    "}",
    "[",
    "]",
    ",",
    '"',
    "'",
    ": ",
    "|",
    "&a ",
    "./nginx:/etc/nginx",
    "#",
  ];
  let seed = 7;
  const next = (): number => (seed = (seed * 48_271) % 2_147_483_647);
  for (let i = 0; i < 2000; i++) {
    const text = Array.from({ length: next() % 40 }, () => junk[next() % junk.length]).join("");
    assert.doesNotThrow(() => ask(text), JSON.stringify(text));
  }
});

// --- What a reader of lines cannot see ---------------------------------------------------------------------------

const mountsOf = (text: string): readonly string[] =>
  composeMounts(text).map(({ service, source, target, relabel, line }) =>
    [`${line}`, service, source, target, ...(relabel === null ? [] : [relabel])].join(" "),
  );

const web = (lines: string): string => `services:\n  web:\n    image: nginx\n${lines}`;

test("YAML is read as YAML: escapes, folded lines, anchors of single values, merged and reset parts", () => {
  assert.deepEqual(mountsOf(web('    volumes: ["./ng\\x69nx.conf:/etc/nginx/nginx.conf:ro,Z"]\n')), [
    "4 web ./nginx.conf /etc/nginx/nginx.conf Z",
  ]);
  assert.deepEqual(mountsOf(web("    volumes:\n      - >-\n        ./site.conf:/etc/nginx/nginx.conf:z\n")), [
    "5 web ./site.conf /etc/nginx/nginx.conf z",
  ]);
  assert.deepEqual(mountsOf(`x-mount: &m ./a:/b\n${web("    volumes: [*m, ./c:/d]\n")}`), [
    "1 web ./a /b",
    "5 web ./c /d",
  ]);
  const merged =
    "x-base: &base\n  image: nginx\n  volumes:\n    - ./a:/b\nservices:\n  one:\n    <<: *base\n  two:\n    <<: [*base]\n    volumes:\n      - ./c:/d\n";
  assert.deepEqual(mountsOf(merged), ["4 one ./a /b", "11 two ./c /d"]);
  assert.deepEqual(mountsOf(web("    volumes: !reset\n      - ./a:/b\n")), []);
  assert.deepEqual(mountsOf(web("    volumes: !override\n      - ./a:/b\n")), ["5 web ./a /b"]);
});

test("text that looks like a mount is none", () => {
  const text = web(
    '    labels:\n      help: "mount it so:\n        volumes:\n          - ./a:/etc/nginx\n        and restart"\n',
  );
  assert.deepEqual(mountsOf(text), []);
  assert.deepEqual(mountsOf("services:\n  web:\n    command: |\n      volumes:\n        - ./a:/etc/nginx\n"), []);
});

test("the long form has its label in bind.selinux, and its place is the source", () => {
  const text = web(
    "    volumes:\n      - type: bind\n        source: ./a\n        target: /b\n        bind: {selinux: z}\n",
  );
  const [mount] = composeMounts(text);
  assert.deepEqual([mount?.relabel, mount?.text], ["z", null]);
  assert.deepEqual(mount?.range, { start: { line: 5, character: 16 }, end: { line: 5, character: 19 } });
});

test("the place of the short form is its text, quotes included", () => {
  const [mount] = composeMounts(web('    volumes:\n      - "./a:/b"   # ours\n'));
  assert.deepEqual(mount?.range, { start: { line: 4, character: 8 }, end: { line: 4, character: 16 } });
  assert.equal(mount.text, '"./a:/b"');
});

test("a container that SELinux does not confine is told apart", () => {
  const isConfined = (lines: string): unknown => composeMounts(web(`    volumes: [./a:/b]\n${lines}`))[0]?.isConfined;
  assert.equal(isConfined("    read_only: true\n"), true);
  assert.equal(isConfined("    security_opt:\n      - no-new-privileges:true\n      - label:disable\n"), false);
  assert.equal(isConfined('    security_opt: ["label=disable"]\n'), false);
  assert.equal(isConfined("    privileged: true\n"), false);
});

test("a service has the mounts and the confinement of what it extends, and its own win", () => {
  const text =
    "services:\n  base:\n    image: nginx\n    security_opt: [label=disable]\n    volumes:\n      - ./a:/b\n      - ./c:/d\n" +
    "  web:\n    extends: base\n    volumes:\n      - ./own:/d\n  front:\n    extends: {service: web}\n";
  assert.deepEqual(mountsOf(text), [
    "6 base ./a /b",
    "7 base ./c /d",
    "11 web ./own /d",
    "6 web ./a /b",
    "11 front ./own /d",
    "6 front ./a /b",
  ]);
  const all = composeMounts(text);
  assert.ok(all.every(({ hasServer, isConfined }) => hasServer && !isConfined));
});

test("a service extends one of another file, whose paths begin there; what cannot be read adds nothing", () => {
  const text =
    "services:\n  web:\n    extends: {file: ../common/base.yml, service: nginx}\n  x:\n    extends: {file: gone.yml, service: y}\n";
  const others = new Map([
    [
      "/repo/common/base.yml",
      "services:\n  other: {volumes: [./o:/o]}\n  nginx:\n    image: nginx\n    volumes:\n      - ./a:/b\n    extends: {file: base.yml, service: nginx}\n",
    ],
  ]);
  const path = "/repo/deploy/compose.yml";
  assert.deepEqual(extendedFiles(text, path), ["/repo/common/base.yml", "/repo/deploy/gone.yml"]);
  const [mount, ...more] = composeMounts(text, { path, others });
  assert.deepEqual(more, [], "a service that extends itself has its mounts once");
  assert.deepEqual(
    [mount?.from, mount?.source, mount?.line, mount?.service, mount?.hasServer],
    ["/repo/common/base.yml", "./a", 6, "web", true],
  );
});

test("what is nested without end, refers to itself, or grows by aliases ends soon", () => {
  assert.deepEqual(mountsOf("[".repeat(100_000)), []);
  assert.deepEqual(mountsOf("a: &a\n  <<: *a\nservices: &s\n  web: *s\n  db:\n    volumes: &v [*v]\n"), []);
  const list = `x: &l [${"./a:/b, ".repeat(2000)}]\nservices:\n`;
  const services = Array.from({ length: 2000 }, (_, i) => `  s${i}: {volumes: *l}\n`).join("");
  assert.equal(mountsOf(list + services).length, 5000);
});
