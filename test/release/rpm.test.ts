/** The RPM, installed below a root of its own by Debian's rpm. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { packages } from "../../scripts/packages/product.ts";
import { assertChecks } from "./installed.ts";

const folder = mkdtempSync(join(tmpdir(), "nginx-selinux-rpm-test-"));
after(() => rmSync(folder, { recursive: true }));

test("the RPM installs below a root, asks for Node 20, and its command works", () => {
  const place = join(folder, "rpm");
  const requires = execFileSync("rpm", ["-qp", "--requires", packages.rpm], { encoding: "utf8" });
  assert.match(requires, /^nodejs >= 1:20$/m);
  execFileSync("rpm", ["-i", "--nodeps", "--root", place, packages.rpm]);
  const program = join(place, "usr/bin/nginx-selinux");
  assert.equal(statSync(program).mode & 0o777, 0o755);
  // The program has the path that it will have on the host.
  const script = readFileSync(program, "utf8").replace("program='", `program='${place}`);
  const moved = join(dirname(program), "moved");
  writeFileSync(moved, script);
  chmodSync(moved, 0o755);
  assertChecks(moved, folder);
  const licences = readFileSync(join(place, "usr/share/licenses/nginx-selinux/THIRD-PARTY-NOTICES.txt"), "utf8");
  assert.match(licences, /vscode-jsonrpc/);
});
