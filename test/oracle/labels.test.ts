/** Default labels against matchpathcon, on a distribution's file_contexts with local records of every awkward kind. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { hostLabels } from "../../server/src/selinux/hostLabels.ts";
import type { FileKind } from "../../server/src/selinux/fileContextLists.ts";
import { findOracle, runTool } from "../support/oracle.ts";
import { randomOf } from "../support/policies/damage.ts";

const found = findOracle();
const { skip } = found;
const scratch = mkdtempSync(join(tmpdir(), "policy-labels-"));
after(() => rmSync(scratch, { recursive: true }));

/** Kinds as matchpathcon -m names them. */
const kinds: readonly (readonly [FileKind, string])[] = [
  ["file", "file"],
  ["dir", "dir"],
  ["sock", "sock_file"],
  ["link", "lnk_file"],
  ["pipe", "pipe"],
  ["char", "chr_file"],
  ["block", "blk_file"],
];

/** What an administrator adds: literal, over a policy's record, `<<none>>`, kinds, dots, alternatives, subdirectories. */
const local = `# local records
/srv/app(/.*)?    system_u:object_r:httpd_sys_content_t:s0
/srv/app/cache    system_u:object_r:httpd_cache_t:s0
/srv/app/\\.git(/.*)?  <<none>>
/srv/app/run/[^/]+\\.sock  -s  system_u:object_r:httpd_runtime_t:s0
/srv/app/(logs|log)(/.*)?  system_u:object_r:httpd_log_t:s0
/srv/app/v[0-9]{1,3}/.*  --  system_u:object_r:httpd_sys_script_exec_t:s0
/var/www/html/upload  -d  system_u:object_r:httpd_sys_rw_content_t:s0
/var/www/html/upload  --  system_u:object_r:httpd_sys_content_t:s0
/etc/nginx/nginx\\.conf  --  system_u:object_r:etc_t:s0
/data.*  system_u:object_r:public_content_t:s0
/op[t]/x  system_u:object_r:usr_t:s0
/run/backend(/.*)?  system_u:object_r:httpd_runtime_t:s0
`;
const subs = "/web /var/www\n/srv/mirror /var/www/html\n";

interface Question {
  readonly path: string;
  readonly kind: FileKind;
}

/** A path that the spec's regex roughly describes. It need not match: the oracle says what matches. */
function pathLike(regex: string, random: () => number): string {
  const below = (limit: number): number => Math.floor(random() * limit);
  const name = (): string =>
    ["a", "x1", "nginx", "my.sock", "Web-App", "lib64", "index.html", "0", "café", "数据"][below(10)] ?? "a";
  let path = regex
    .replaceAll("(/.*)?", () => ["", `/${name()}`, `/${name()}/${name()}`][below(3)] ?? "")
    .replace(/\(([^()]*)\)\?/g, (_, inner: string) => (below(2) === 0 ? "" : inner))
    .replace(/\(([^()]*)\)/g, (_, inner: string) => inner.split("|")[below(inner.split("|").length)] ?? "")
    .replace(/\[\^\/\][*+]?/g, name)
    .replace(/\[([^\]^])[^\]]*\][*+?]?/g, "$1")
    .replace(/\.[*+]/g, () => (below(3) === 0 ? `${name()}/${name()}` : name()))
    .replace(/\\(.)/g, "$1")
    .replace(/(.)\?/g, (_, character: string) => (below(2) === 0 ? "" : character));
  switch (below(8)) {
    case 0:
      path += `/${name()}`;
      break;
    case 1:
      path = path.slice(0, path.lastIndexOf("/"));
      break;
    case 2:
      path = path.replace(/[a-z]/, "z");
      break;
    case 3:
      path = path.replace(".", "x");
      break;
    default:
  }
  const moved = path.replace(/^\/run\//, ["/run/", "/var/run/"][below(2)] ?? "").replace(/^\/usr\/lib\//, () => {
    return ["/usr/lib/", "/usr/lib64/", "/usr/local/lib/", "/lib/"][below(4)] ?? "";
  });
  return moved.startsWith("/") ? moved : `/${moved}`;
}

test("20,000 paths have the labels that matchpathcon gives them", { skip }, () => {
  assert.ok("oracle" in found);
  const source = join(found.oracle.root, "etc/selinux/default/contexts/files");
  // Without the .bin files: they hold the same, and a copy would have to be rebuilt for the local records.
  for (const name of ["file_contexts", "file_contexts.homedirs", "file_contexts.subs_dist"]) {
    copyFileSync(join(source, name), join(scratch, name));
  }
  writeFileSync(join(scratch, "file_contexts.local"), local);
  writeFileSync(join(scratch, "file_contexts.subs"), subs);
  const text = (name: string): string => readFileSync(join(scratch, name), "utf8");
  const labels = hostLabels({
    base: text("file_contexts"),
    homedirs: text("file_contexts.homedirs"),
    local,
    subs,
    subsDist: text("file_contexts.subs_dist"),
  });

  const random = randomOf(11);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    assert.ok(item !== undefined);
    return item;
  };
  const regexOf = (line: string): string[] => (/^[/.]/.test(line) ? [line.split(/\s+/)[0] ?? ""] : []);
  const base = text("file_contexts").split("\n").flatMap(regexOf);
  const ours = local.split("\n").flatMap(regexOf);
  const homes = text("file_contexts.homedirs").split("\n").flatMap(regexOf);
  const questions: Question[] = Array.from({ length: 20_000 }, (_, index) => {
    const [kind] = kinds[index % kinds.length] ?? assert.fail();
    const regex = pick(index % 10 === 0 ? ours : index % 10 === 1 ? homes : base);
    const prefix = index % 40 === 5 ? pick(["/web", "/srv/mirror", "/webx"]) : "";
    return { path: prefix + pathLike(regex, random), kind };
  });

  const types = new Set<string>();
  for (const [kind, mode] of kinds) {
    const asked = questions.filter((question) => question.kind === kind);
    const output = runTool("/usr/sbin/matchpathcon", [
      "-n",
      "-f",
      join(scratch, "file_contexts"),
      "-m",
      mode,
      ...asked.map(({ path }) => path),
    ]);
    const answers = output.split("\n").slice(0, -1);
    assert.equal(answers.length, asked.length);
    asked.forEach(({ path }, index) => {
      const answer = answers[index] ?? "";
      const expected = answer === "<<none>>" ? null : answer.split(":")[2];
      const actual = labels.label(path, kind);
      assert.equal(actual.type, expected, `${path} (${kind}): decided by ${actual.spec}`);
      assert.equal(actual.exact, true, path);
      types.add(String(expected));
    });
  }
  assert.ok(types.size > 500, `only ${types.size} different types`);
});
