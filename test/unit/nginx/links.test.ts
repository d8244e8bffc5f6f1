/** Symbolic links in a copy of a configuration lead where they lead on its own machine, and never to this machine's files. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { loadConfiguration, type LoadOptions } from "../../../server/src/nginx/load/loadConfiguration.ts";
import { findMainFile } from "../../../server/src/nginx/load/mainFile.ts";
import { createWorkspace } from "../../../server/src/workspace/workspace.ts";
import { createMemoryHost, type MemoryEntry } from "../../support/memoryHost.ts";
import { recordingHost } from "../../support/recordingHost.ts";

type Files = Readonly<Record<string, MemoryEntry>>;

/** Another configuration at the same places on this machine. */
const ofThisMachine: Files = {
  "/etc/nginx/nginx.conf": "this machine's",
  "/etc/nginx/sites-available/shop": "this machine's",
  "/etc/nginx/other/site.conf": "this machine's",
  "/srv/shared/tls.conf": "this machine's",
};

interface Loaded {
  readonly files: readonly string[];
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  /** Everything that was asked about outside of `/repo`. */
  readonly strayed: readonly string[];
}

async function load(main: string, files: Files, options: LoadOptions = {}): Promise<Loaded> {
  const host = recordingHost(createMemoryHost({ ...ofThisMachine, ...files }));
  const reader = createWorkspace(host).reader({
    limit: 2 ** 20,
    total: 2 ** 30,
    within: null,
    cancellation: { aborted: false },
  });
  const configuration = await loadConfiguration(main, reader, options);
  return {
    files: configuration.files.slice(1).map(({ path }) => path),
    problems: configuration.problems.map(({ message }) => message),
    notes: configuration.notes.map(({ message }) => message),
    strayed: host.touched.filter((path) => path !== "/repo" && !path.startsWith("/repo/")),
  };
}

const link = (target: string): MemoryEntry => ({ link: target });
const site = "server { listen 81; }";

/** The same configuration as a copy of a machine's `/`, as one of /etc/nginx in its place, and as one under another name. */
const copies: readonly (readonly [what: string, directory: string, options: LoadOptions])[] = [
  ["a copy of a machine's root", "/repo/host/etc/nginx", { root: "/repo/host" }],
  ["a copy of /etc/nginx at its place below a directory", "/repo/host/etc/nginx", {}],
  ["a repository that is a copy of /etc/nginx", "/repo/team/web/conf", {}],
];

for (const [what, directory, options] of copies) {
  const at = (files: Files): Files =>
    Object.fromEntries(Object.entries(files).map(([path, entry]) => [`${directory}/${path}`, entry]));
  const below = ({ files }: Loaded): readonly string[] => files.map((path) => path.slice(directory.length + 1));

  suite(`in ${what}`, () => {
    test("an absolute link to a file, to a directory, and one to the other are followed in the copy", async () => {
      const loaded = await load(
        `${directory}/nginx.conf`,
        at({
          "nginx.conf":
            "http { include sites-enabled/*; include /etc/nginx/vhosts/*/site.conf; include snippets/a.conf; }",
          "sites-enabled/shop": link("/etc/nginx/sites-enabled/second"),
          "sites-enabled/second": link("/etc/nginx/sites-available/shop"),
          "sites-available/shop": site,
          "vhosts/blog": link("/etc/nginx/blog"),
          "blog/site.conf": site,
          snippets: link("/etc/nginx/common"),
          "common/a.conf": "",
        }),
        options,
      );
      // The file of both links is read once, under the name that comes first.
      assert.deepEqual(below(loaded), ["sites-enabled/second", "vhosts/blog/site.conf", "snippets/a.conf"]);
      assert.deepEqual([...loaded.problems, ...loaded.notes, ...loaded.strayed], []);
    });

    test("relative links and chains of .. are followed as on the machine, through a linked directory too", async () => {
      const loaded = await load(
        `${directory}/nginx.conf`,
        at({
          "nginx.conf": "http { include sites-enabled/*; }",
          "sites-enabled/a": link("../sites-available/shop"),
          "sites-enabled/b": link("../../../../../../etc/nginx/sites-available/b"),
          "sites-enabled/c": link("deep/../c"),
          "sites-enabled/deep": link("/etc/nginx/sites-available/deep"),
          "sites-available/shop": site,
          "sites-available/b": site,
          "sites-available/c": site,
          "sites-available/deep/x": site,
        }),
        options,
      );
      assert.deepEqual(below(loaded), ["sites-enabled/a", "sites-enabled/b", "sites-enabled/c"]);
      assert.deepEqual(loaded.problems, [`pread() "${directory}/sites-enabled/deep" failed (21: Is a directory)`]);
      assert.deepEqual([...loaded.notes, ...loaded.strayed], []);
    });

    test("a link to a file that the configuration's directory lacks is missing for nginx too", async () => {
      const loaded = await load(
        `${directory}/nginx.conf`,
        at({ "nginx.conf": "http { include sites-enabled/*; }", "sites-enabled/gone": link("/etc/nginx/gone") }),
        options,
      );
      assert.deepEqual(loaded.problems, [
        `open() "${directory}/sites-enabled/gone" failed (2: No such file or directory)`,
      ]);
      assert.deepEqual(loaded.strayed, []);
    });

    test("a link out of the copy is not followed, and said", async () => {
      const loaded = await load(
        `${directory}/nginx.conf`,
        at({
          "nginx.conf": "http { include tls.conf; include team/*.conf; server { location / { fastcgi_pass php; } } }",
          "tls.conf": link("/srv/shared/tls.conf"),
          team: link("/srv/team"),
        }),
        options,
      );
      assert.deepEqual(loaded.problems, []);
      assert.equal(loaded.notes.length, 2);
      assert.match(loaded.notes[0] ?? "", /it is a link to "\/srv\/shared\/tls\.conf", which/);
      assert.match(loaded.notes[1] ?? "", /it is a link to "\/srv\/team", which/);
      assert.deepEqual([...loaded.files, ...loaded.strayed], []);
    });

    test("a loop is one for nginx too", async () => {
      const loaded = await load(
        `${directory}/nginx.conf`,
        at({
          "nginx.conf": "http { include a; include loop/*.conf; }",
          a: link("/etc/nginx/b"),
          b: link("a"),
          loop: link("/etc/nginx/loop"),
        }),
        options,
      );
      assert.deepEqual(loaded.problems, [`open() "${directory}/a" failed (40: Too many levels of symbolic links)`]);
      assert.deepEqual(loaded.strayed, []);
    });

    test("the main file of a linked site is found, from the link and from what it leads to", async () => {
      const files = at({
        "nginx.conf": "http { include sites-enabled/*; }",
        "sites-enabled/shop": link("/etc/nginx/sites-available/shop"),
        "sites-available/shop": site,
      });
      for (const name of ["sites-enabled/shop", "sites-available/shop"]) {
        const host = recordingHost(createMemoryHost({ ...ofThisMachine, ...files }));
        const workspace = createWorkspace(host);
        const reader = workspace.reader({
          limit: 2 ** 20,
          total: 2 ** 30,
          within: null,
          cancellation: { aborted: false },
        });
        const main = await findMainFile(`${directory}/${name}`, reader, { load: options });
        assert.equal(main, `${directory}/nginx.conf`);
        assert.ok(!host.touched.some((path) => path.startsWith("/etc")), host.touched.join(" "));
      }
    });
  });
}

test("with the root of a copy links lead anywhere in it, and what it lacks may be on the machine", async () => {
  const loaded = await load(
    "/repo/etc/nginx/nginx.conf",
    {
      "/repo/etc/nginx": link("/opt/web"),
      "/repo/opt/web/nginx.conf": "http { include tls.conf; include gone.conf; }",
      "/repo/opt/web/tls.conf": link("../../srv/shared/tls.conf"),
      "/repo/opt/web/gone.conf": link("/srv/shared/gone.conf"),
      "/repo/srv/shared/tls.conf": "",
    },
    { root: "/repo" },
  );
  assert.deepEqual(loaded.files, ["/repo/etc/nginx/tls.conf"]);
  assert.deepEqual(loaded.problems, []);
  assert.deepEqual(loaded.notes, [
    'not followed: "/repo/etc/nginx/gone.conf": it is a link to "/srv/shared/gone.conf", which this copy does not have',
  ]);
  assert.deepEqual(loaded.strayed, []);
});

test("a relative link of a repository may lead to what it shares, not out of the two directories above", async () => {
  const loaded = await load("/repo/team/web/nginx.conf", {
    "/repo/team/web/nginx.conf": "http { include a.conf; include b.conf; include ../shared/c.conf; }",
    "/repo/team/web/a.conf": link("../shared/a.conf"),
    "/repo/team/web/b.conf": link("../../../../srv/shared/tls.conf"),
    "/repo/team/shared/a.conf": "",
    "/repo/team/shared/c.conf": "",
  });
  assert.deepEqual(loaded.files, ["/repo/team/web/a.conf", "/repo/team/shared/c.conf"]);
  assert.deepEqual(loaded.problems, []);
  assert.match(loaded.notes.join(), /"\/srv\/shared\/tls\.conf", which this copy does not have$/);
  assert.deepEqual(loaded.strayed, []);
});

test("beside a copy right below the root directory this machine's files are not meant", async () => {
  const loaded = await load("/repo/nginx.conf", {
    "/repo/nginx.conf": "http { include a.conf; include ../../srv/shared/*.conf; }",
    "/repo/a.conf": link("../../srv/shared/tls.conf"),
  });
  assert.deepEqual(loaded.problems, []);
  assert.equal(loaded.notes.length, 2);
  assert.deepEqual(loaded.strayed, []);
});

test("on its own machine a configuration's links are the system's", async () => {
  const loaded = await load("/etc/nginx/nginx.conf", {
    "/etc/nginx/nginx.conf": "http { include sites-enabled/*; }",
    "/etc/nginx/sites-enabled/shop": link("/etc/nginx/sites-available/shop"),
    "/etc/nginx/sites-available/shop": site,
  });
  assert.deepEqual(loaded.files, ["/etc/nginx/sites-enabled/shop"]);
  assert.deepEqual(loaded.problems, []);
});
