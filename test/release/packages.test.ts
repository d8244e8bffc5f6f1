/** The packages of out, installed as their users do. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { packages, root, version } from "../../scripts/packages/product.ts";
import { assertChecks, machinePath } from "./installed.ts";

const folder = mkdtempSync(join(tmpdir(), "nginx-selinux-packages-"));
after(() => rmSync(folder, { recursive: true }));

test("npm i -g of the npm package gives a command line that works, without another package", () => {
  const prefix = join(folder, "npm");
  const said = execFileSync(
    "npm",
    ["i", "-g", "--offline", "--no-audit", "--no-fund", "--prefix", prefix, packages.npm],
    {
      encoding: "utf8",
      cwd: folder,
      env: { PATH: machinePath, HOME: folder },
    },
  );
  assert.match(said, /added 1 package/);
  assertChecks(join(prefix, "bin", "nginx-selinux"), folder);
  const installed = join(prefix, "lib/node_modules/nginx-selinux");
  assert.ok(existsSync(join(installed, "dist/THIRD-PARTY-NOTICES.txt")));
  assert.ok(!existsSync(join(installed, "node_modules")) && !existsSync(join(installed, "server")));
  const size = Number(execFileSync("du", ["-sb", installed], { encoding: "utf8" }).split("\t")[0]);
  assert.ok(size < 2e6, `${size} bytes`);
});

test("the language server of the npm package answers", () => {
  const request = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { processId: null, rootUri: null, capabilities: {} },
  });
  const { stdout } = spawnSync(join(folder, "npm/bin/nginx-selinux"), ["lsp", "--stdio"], {
    input: `Content-Length: ${request.length}\r\n\r\n${request}`,
    encoding: "utf8",
    env: { PATH: machinePath },
  });
  assert.match(stdout, /"capabilities":\{/);
});

test("the SDK of the tools for assistants is a file of its own, which mcp alone loads", () => {
  const dist = join(folder, "npm/lib/node_modules/nginx-selinux/dist");
  const files = readdirSync(dist).filter((name) => name.endsWith(".cjs"));
  const texts = new Map(files.map((name) => [name, readFileSync(join(dist, name), "utf8")]));
  const holding = files.filter((name) => texts.get(name)?.includes("modelcontextprotocol") === true);
  assert.equal(holding.length, 1, holding.join());
  const [sdk = ""] = holding;
  const loading = files.filter((name) => texts.get(name)?.includes(sdk) === true);
  assert.equal(loading.length, 1, loading.join());
  assert.match(texts.get(loading[0] ?? "") ?? "", new RegExp(`then\\(\\(\\)=>[\\w$(]*require\\("\\./${sdk}"\\)`));
  const request = { jsonrpc: "2.0", id: 1, method: "initialize" };
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  const { stdout } = spawnSync(join(folder, "npm/bin/nginx-selinux"), ["mcp", "--stdio"], {
    input: `${JSON.stringify({ ...request, params })}\n`,
    encoding: "utf8",
    env: { PATH: machinePath },
  });
  assert.match(stdout, /"protocolVersion":"2025-06-18"/);
});

test("the .vsix has the command line in it, the licences, and no manifest entry of npm's", () => {
  const place = join(folder, "vsix");
  execFileSync("python3", ["-m", "zipfile", "-e", packages.vsix, place]);
  const manifest = readFileSync(join(place, "extension/package.json"), "utf8");
  assert.doesNotMatch(manifest, /"(files|bin|devDependencies)"/);
  assert.match(manifest, /"url": "git\+https:\/\/github\.com\/nginx-selinux\/nginx-selinux\.git"/);
  assert.ok(existsSync(join(place, "extension/dist/THIRD-PARTY-NOTICES.txt")));
  const { stdout, status } = spawnSync(
    "node",
    [join(place, "extension/dist/cli.cjs"), "check", "--policy", "rhel9", join(root, "sample/nginx/nginx.conf")],
    { encoding: "utf8", env: { PATH: machinePath } },
  );
  assert.equal(status, 1);
  assert.match(stdout, /tcp.*3000/);
});

test("the .vsix is packed without a warning (of files to bundle, or others), and stays below its size", () => {
  const path = join(folder, "again.vsix");
  const module = join(root, "scripts/packages/vsix.ts");
  const pack = `import { writeVsix } from ${JSON.stringify(module)}; await writeVsix(${JSON.stringify(path)});`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", pack], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /DONE/);
  assert.doesNotMatch(stdout + stderr, /warn|bundle/i);
  const { size } = statSync(packages.vsix);
  assert.ok(size < 1_000_000, `${size} bytes`);
});

test("the checksums are those of the packages", () => {
  const said = execFileSync("sha256sum", ["-c", "SHA256SUMS"], { cwd: dirname(packages.vsix), encoding: "utf8" });
  assert.ok(said.split("\n").includes("nginx-selinux-" + version + ".vsix: OK"), said);
});
