/** `--define`: templates with their placeholders filled in, and places in the text as it was written. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lineIndexOf } from "../../../server/src/nginx/tree/lineIndexes.ts";
import { filledIn } from "../../../server/src/nginx/tree/filledTree.ts";
import { parse } from "../../../server/src/nginx/tree/parse.ts";
import { runCli, type Ran } from "../../support/commandLine.ts";

const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-define-"));
after(() => rmSync(directory, { recursive: true }));

const template = [
  "events {}",
  "http { server {",
  "  location /a { proxy_pass http://${HOST}:${APP_PORT}; } location /b { proxy_pass http://127.0.0.1:4000; }",
  "  location /c { proxy_pass http://unix:{{ app.run }}/web.sock; }",
  "  location /d { proxy_pass http://127.0.0.1:{PORT}; }",
  "} }\n",
].join("\n");
writeFileSync(join(directory, "site.conf.j2"), template);
const values = ["HOST=127.0.0.1", "APP_PORT=3000", "app.run=/srv/app/run", "PORT=3001"];

interface Json {
  readonly findings: readonly {
    readonly severity: string;
    readonly range: { readonly start: Place; readonly end: Place };
    readonly access: { readonly port: number | null; readonly path: string | null };
    readonly fixes: readonly { readonly edits?: readonly { readonly range: unknown; readonly newText: string }[] }[];
  }[];
}
interface Place {
  readonly line: number;
  readonly character: number;
}

const check = (define: readonly string[], ...more: readonly string[]): Promise<Ran> =>
  runCli(directory, [
    "check",
    "--policy",
    "rhel9",
    "--container",
    "no",
    ...define.flatMap((each) => ["--define", each]),
    ...more,
    "site.conf.j2",
  ]);

/** What is refused, and the text that is underlined. */
function refused({ out }: Ran): readonly (readonly [target: string | number | null, text: string])[] {
  const { findings }: Json = JSON.parse(out);
  const lines = template.split("\n");
  return findings
    .filter(({ severity }) => severity === "error" || severity === "warning")
    .map(({ access, range: { start, end } }) => [
      access.port ?? access.path,
      (lines[start.line] ?? "").slice(start.character, end.character),
    ]);
}

test("with every value, a template is checked as the configuration that it makes", async () => {
  assert.deepEqual(refused(await check(values, "--format", "json")), [
    [3000, "${HOST}:${APP_PORT}"],
    [4000, "127.0.0.1:4000"],
    ["/srv/app/run/web.sock", "unix:{{ app.run }}/web.sock"],
    [3001, "127.0.0.1:{PORT}"],
  ]);
});

test("a project file gives values too, and the command line wins", async () => {
  const project = join(directory, ".nginx-selinux.json");
  writeFileSync(
    project,
    JSON.stringify({ define: { HOST: "127.0.0.1", APP_PORT: 8008, "app.run": "/srv/x", PORT: 80 } }),
  );
  const targets = refused(await check(["PORT=3001"], "--format", "json")).map(([target]) => target);
  rmSync(project);
  assert.deepEqual(targets, [8008, 4000, "/srv/x/web.sock", 3001]);
});

test("a placeholder without a value stays unknown", async () => {
  const targets = refused(await check(["HOST=127.0.0.1"], "--format", "json")).map(([target]) => target);
  assert.ok(!targets.includes(3000) && !targets.includes(3001), targets.join());
});

test("a name or a value that is none is a mistake", async () => {
  for (const given of ["PORT", "=1", "a b=1", "A=1\n2"]) {
    const { code, err } = await check([given]);
    assert.equal(code, 2, given);
    assert.match(err, /--define needs NAME=VALUE/);
  }
});

test("offsets and positions translate both ways around values of every length", () => {
  const written = "a ${X}b;\n\u00e9 ${X}${X} c;\n";
  for (const value of ["", "1", "a-long-value", "\u{1f600}"]) {
    const tree = filledIn(parse(new TextEncoder().encode(written)), new Map([["X", value]]));
    const index = lineIndexOf(tree);
    const text = new TextDecoder().decode(tree.bytes);
    assert.equal(text, written.replaceAll("${X}", value));
    for (const word of ["a", "b", "\u00e9", " c"]) {
      const start = new TextEncoder().encode(text.slice(0, text.lastIndexOf(word))).length;
      const end = start + new TextEncoder().encode(word).length;
      if (word === "a" && value.includes("a")) continue;
      const lines = written.split("\n");
      const { start: from, end: to } = index.rangeOf({ start, end });
      assert.equal((lines[from.line] ?? "").slice(from.character, to.character), word, value);
      assert.equal(index.offsetAt(from), start, `${word} with ${value}`);
    }
  }
});
