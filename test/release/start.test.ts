/** `npm start` for people who have no Debian and no root, with stand-ins for what may be on their PATH. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { packages, root } from "../../scripts/packages/product.ts";

const folder = mkdtempSync(join(tmpdir(), "nginx-selinux-start-test-"));
after(() => rmSync(folder, { recursive: true }));

interface Started {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the stand-in was called with, a line each. */
  readonly opened: string;
}

/** Starts with nothing on the PATH but stand-ins of these names, which write down their arguments. */
function start(
  name: string,
  programs: readonly string[],
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): Started {
  const place = join(folder, name);
  const bin = join(place, "bin");
  const opened = join(place, "opened");
  mkdirSync(bin, { recursive: true });
  for (const program of programs) {
    const path = join(bin, program);
    writeFileSync(path, standIn(opened));
    chmodSync(path, 0o755);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "scripts/start.mjs"), ...args], {
    encoding: "utf8",
    env: { HOME: place, PATH: bin, EDITOR_HOST_CACHE: join(place, "editor-host"), ...env },
  });
  return { status, stdout, stderr, opened: existsSync(opened) ? readFileSync(opened, "utf8") : "" };
}

/** Writes down its arguments, and the settings in the user data that it is given. */
function standIn(opened: string): string {
  return `#!/bin/sh
for each; do
  echo "$each"
  case "$each" in --user-data-dir=*) read -r settings <"\${each#*=}/User/settings.json"; echo "$settings" ;; esac
done >>'${opened}'
`;
}

/** The check is printed whatever comes after it. */
function assertChecked({ stdout }: Started): void {
  assert.match(stdout, /^\$ nginx-selinux check .*sample\/nginx\/nginx\.conf --policy rhel9$/m);
  assert.match(stdout, /tcp.*3000/);
  assert.match(stdout, /^3 causes at 3 places \(2 errors, 1 warning\) in 6 files/m);
}

test("without an editor and without root's packages: the check, what is missing, and the two commands", () => {
  const started = start("nothing", [], {});
  assert.equal(started.status, 0, started.stderr);
  assertChecked(started);
  assert.match(started.stdout, /not installed: g\+\+, make, python3\.\nInstall them with: sudo apt-get install/);
  assert.ok(started.stdout.includes(`\n  code --install-extension ${packages.vsix}\n  code ${join(root, "sample")}\n`));
  assert.ok(existsSync(packages.vsix));
});

test("on Fedora and RHEL the packages have their names there", () => {
  const { status, stdout, opened } = start("fedora", ["dnf"], {});
  assert.equal(status, 0);
  assert.match(stdout, /Install them with: sudo dnf install -y gcc-c\+\+ make python3\n/);
  assert.equal(opened, "", "nothing is installed without being asked");
});

test("what is built already is not built again", () => {
  const { stdout } = start("again", [], {});
  assert.doesNotMatch(stdout, /Building|Packing/);
});

test("a desktop's code opens a window with the extension in it", () => {
  const started = start("desktop", ["code"], { DISPLAY: ":7" });
  assert.equal(started.status, 0, started.stderr);
  assertChecked(started);
  assert.match(started.stdout, /^Opening .*\/code with the extension in it/m);
  assert.match(started.opened, /^--new-window\n--wait\n/);
  assert.ok(started.opened.includes(`--extensionDevelopmentPath=${root}\n`));
  assert.match(started.opened, /^--user-data-dir=/m);
  assert.match(started.opened, /sample\/nginx\/conf\.d\/upstreams\.conf\n$/);
});

for (const name of ["code-insiders", "codium", "cursor"])
  test(`so does ${name}`, () => {
    const { status, stdout, opened } = start(name, [name], { WAYLAND_DISPLAY: "wayland-0" });
    assert.equal(status, 0);
    assert.ok(stdout.includes(`/${name} with the extension in it`));
    assert.match(opened, /--extensionDevelopmentPath=/);
  });

test("in WSL Windows' editor opens, without a display and without paths that Windows cannot read", () => {
  const { status, opened } = start("wsl", ["code"], { WSL_DISTRO_NAME: "Fedora", VSCODE_IPC_HOOK_CLI: "/tmp/x" });
  assert.equal(status, 0);
  assert.match(opened, /--extensionDevelopmentPath=/);
  assert.doesNotMatch(opened, /user-data-dir|extensions-dir|no-sandbox/);
});

test("without a screen, and in the terminal of a remote window, code is left alone", () => {
  for (const [name, env] of [
    ["no-screen", {}],
    ["remote", { DISPLAY: ":7", VSCODE_IPC_HOOK_CLI: "/tmp/x" }],
  ] as const) {
    const { status, stdout, opened } = start(name, ["code"], env);
    assert.deepEqual([status, opened], [0, ""], name);
    assert.match(stdout, /code --install-extension/);
  }
});

test("a file whose name says nothing is nginx's in the window, alone or as a part of the configuration beside its folder", () => {
  const site = join(folder, "odd [1]");
  mkdirSync(join(site, "sites"), { recursive: true });
  writeFileSync(join(site, "nginx.conf"), "events {}\nhttp { include sites/*; }\n");
  const server = "server { location / { proxy_pass http://127.0.0.1:3000; } }\n";
  for (const [name, checked] of [
    ["sites/shop", "nginx.conf"],
    ["web.cfg", "web.cfg"],
  ] as const) {
    writeFileSync(join(site, name), server);
    const started = start(`odd-${checked}`, ["code"], { DISPLAY: ":7" }, [join(site, name)]);
    assert.equal(started.status, 0, started.stderr);
    assert.ok(started.stdout.includes(`check ${join(site, checked)}`), started.stdout);
    assert.match(started.stdout, /tcp.*3000/);
    assert.ok(started.opened.includes(`/odd ?1?/${name}":"nginx"}}`), started.opened);
    assert.ok(started.opened.endsWith(`${join(site, name)}\n`));
  }
});

test("a path that does not exist is a mistake: exit code 2", () => {
  const { status, stderr } = start("mistake", [], {}, [join(folder, "no-such-place")]);
  assert.equal(status, 2);
  assert.match(stderr, /no such file or directory/);
});
