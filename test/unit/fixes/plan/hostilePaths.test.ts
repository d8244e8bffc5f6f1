/** Paths made to break out of a script: what is printed passes exactly the intended words to the tools, or is refused. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import type { Fix } from "../../../../server/src/fixes/fix.ts";
import { connectSocketFixes } from "../../../../server/src/fixes/offer.ts";
import { ansibleText } from "../../../../server/src/fixes/plan/ansible.ts";
import { cilText } from "../../../../server/src/fixes/plan/cil.ts";
import { ownTypePlan } from "../../../../server/src/fixes/plan/ownType.ts";
import type { EditedPlace, Plan, PlanRequest } from "../../../../server/src/fixes/plan/plan.ts";
import { partsFor, planOfParts } from "../../../../server/src/fixes/plan/planFor.ts";
import { scriptText } from "../../../../server/src/fixes/plan/script.ts";
import { decide } from "../../../../server/src/selinux/decide.ts";
import type { Policy } from "../../../../server/src/selinux/policy.ts";
import type { Decision } from "../../../../server/src/selinux/query.ts";
import { tinyPolicy } from "../../../support/tinyPolicy.ts";

const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-hostile-"));
after(() => rmSync(directory, { recursive: true }));

/** Every directory below /run may get the label of sockets. */
const policy = tinyPolicy({
  allow: {
    "dir search": { always: ["root_t", "var_run_t", "httpd_var_run_t"] },
    "sock_file write": { always: ["httpd_var_run_t"] },
    "unix_stream_socket connectto": { always: ["unconfined_service_t", "httpd_t"] },
    "tcp_socket name_bind": { always: ["port_t"] },
  },
  labels: ["/ root_t", "/run(/.*)? var_run_t"],
});

const nasty = [
  ..."'\"\\$`!*?[](){}|&;<>#~-=%^@,:. \t\n\r\u0001\u001b\u007f\u0085\u00a0\u00e9\u202e\u200b\u2028\u3000\ufeff\ufffd🙂".split(
    /(?:)/u,
  ),
  "$(touch pwned)",
  "`touch pwned`",
  "; touch pwned;",
  "'; touch pwned; '",
  "\nEND_OF_TABLE\ntouch pwned\n",
  "{{ lookup('pipe', 'touch pwned') }}",
  "{% raw %}",
  "{# #}",
  "--undo",
  "-rf",
  "%s",
  "\\x27",
  "(/.*)?",
  " httpd_t ",
];
const name = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.constantFrom("app", "web", "1")), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(""))
  .filter((text) => !/^\.{1,2}$/.test(text) && !text.includes("/."));
const directories = [...new Set(fc.sample(name, { numRuns: 8000, seed: 5 }))]
  .slice(0, 5000)
  .map((each) => `/run/${each}`);

const context = { policy, source: "httpd_t", localPorts: [32768, 60999] as const };

/** Asked without nginx in between, which cannot write every one of these paths: a dollar is a variable to it. */
function requestFor(paths: readonly string[]): PlanRequest {
  const targets = paths.map((directory) => {
    const path = `${directory}/a.sock`;
    const query = { kind: "connect-socket", source: "httpd_t", path } as const;
    const ask = (after: Policy): Decision | null => {
      const decision = decide(after, query, context);
      return decision.verdict === "allowed" ? null : decision;
    };
    return {
      title: `connect to unix socket ${path}`,
      fixes: connectSocketFixes(context, query),
      ports: null,
      ask,
      clears: (after: Policy) => ask(after) === null,
      places: () => [],
      advice: "",
    };
  });
  return { context, targets, kept: () => [] };
}

const requests = Array.from({ length: 20 }, (_, index) =>
  requestFor(directories.slice(index * 250, (index + 1) * 250)),
);
const parts = requests.map(partsFor);
const plans = parts.map((each) => planOfParts(context, each));
const about = {
  configuration: "/etc/nginx/a'b\"c\n$(touch pwned)\u2028`touch pwned`.conf",
  policy: "Tiny\ntouch pwned",
  source: "httpd_t",
  probe: "http://127.0.0.1:80/",
};

/** Stand-ins that write their words, each ended by a zero byte, and what they are given, to files of their own. */
function standIns(): string {
  const bin = join(directory, "bin");
  mkdirSync(bin, { recursive: true });
  const write = (tool: string, body: string): void => {
    writeFileSync(join(bin, tool), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, tool), 0o755);
  };
  const record = `printf '%s\\0' "\${0##*/}" "$@" >>"$LOG/words"; printf '\\0\\n' >>"$LOG/words"`;
  write("semanage", `${record}\nif [ "$1" = import ]; then cat >>"$LOG/import"; fi`);
  for (const tool of ["restorecon", "chcon", "semodule", "setsebool", "systemctl", "curl", "ausearch"])
    write(tool, record);
  write("getenforce", "echo Enforcing");
  write("id", "echo 0");
  write("sudo", 'exec "$@"');
  return bin;
}
const bin = standIns();

interface Ran {
  /** The words of each call of a stand-in. */
  readonly calls: readonly (readonly string[])[];
  /** The lines that `semanage import` was given. */
  readonly lines: readonly string[];
}

function run(shell: string, script: string, ...args: readonly string[]): Ran {
  const log = mkdtempSync(join(directory, "log-"));
  const work = join(log, "work");
  mkdirSync(work);
  writeFileSync(join(log, "script"), script);
  const ran = spawnSync(shell, [join(log, "script"), ...args], {
    cwd: work,
    encoding: "utf8",
    env: { PATH: `${bin}:/usr/bin:/bin`, LOG: log, TMPDIR: log },
  });
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(readdirSync(work), [], "the script made a file of its own");
  assert.deepEqual(
    readdirSync(log).filter((each) => each.startsWith("tmp.")),
    [],
    "the script left its files",
  );
  const read = (file: string): string => (readdirSync(log).includes(file) ? readFileSync(join(log, file), "utf8") : "");
  const calls = read("words").split("\0\0\n").slice(0, -1);
  return { calls: calls.map((call) => call.split("\0")), lines: read("import").split("\n").slice(0, -1) };
}

/** What a plan is to reach: the specs of its file contexts. */
function specsOf(plan: Plan): readonly string[] {
  return plan.steps.flatMap(({ change }) => (change.kind === "fileContext" ? [change.spec] : []));
}

test("each of 5,000 paths is planned, or refused with the reason", () => {
  assert.equal(directories.length, 5000);
  const planned = plans.reduce((sum, plan) => sum + plan.steps.length, 0);
  const uncleared = plans.flatMap((plan) => plan.uncleared);
  assert.ok(planned > 1500, `${planned} paths are planned`);
  assert.ok(uncleared.length > 500, `${uncleared.length} paths are refused`);
  assert.ok(planned + uncleared.length <= 5000);
});

test("a path is refused only for what no command line can show, or for a place that must not be labelled", () => {
  // Labels of paths with characters beyond U+00FF are not known: nothing is said of them, so nothing is planned.
  for (const { title } of plans.flatMap((plan) => plan.uncleared))
    assert.match(title, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\ufffd]|[^\u0000-\u00ff]|\/\.\.?\/|\/run\/+\.?\/*a\.sock$/u);
});

test("a spec that is planned stands for its path and no other of 5,000", () => {
  for (const plan of plans) {
    const specs = specsOf(plan);
    assert.equal(specs.length, plan.restore.length);
    for (const spec of specs) {
      // File contexts are about bytes.
      const regex = new RegExp(`^${spec}$`);
      const found = plan.restore.filter((path) => regex.test(Buffer.from(path).toString("latin1")));
      assert.equal(found.length, 1, `${spec}: ${found.join(", ")}`);
    }
  }
});

test("bash and the plain shell accept every script", () => {
  for (const plan of plans) {
    const script = scriptText(plan, about, policy);
    for (const shell of ["bash", "sh"]) {
      const { status, stderr } = spawnSync(shell, ["-n"], { input: script, encoding: "utf8" });
      assert.equal(stderr, "");
      assert.equal(status, 0);
    }
  }
});

test("a script passes exactly the planned words to semanage and restorecon, and does nothing else", () => {
  for (const [index, plan] of plans.entries()) {
    const specs = specsOf(plan);
    const { calls, lines } = run(index % 2 === 0 ? "bash" : "sh", scriptText(plan, about, policy));
    assert.deepEqual(
      lines,
      specs.map((spec) => `fcontext -a -f a -t httpd_var_run_t ${spec}`),
    );
    for (const line of lines) assert.deepEqual(semanageWords(line), line.split(" "));
    assert.deepEqual(
      calls.filter(([tool]) => tool === "restorecon"),
      plan.restore.map((path) => ["restorecon", "-i", "-R", "-v", path]),
    );
    assert.deepEqual(
      calls.filter(([tool]) => tool === "semanage").map((words) => words.slice(1).join(" ")),
      ["fcontext -l -n", "fcontext -l -C -n", "import"],
    );
    assert.deepEqual(
      calls.filter(([tool = ""]) => !["semanage", "restorecon"].includes(tool)).map(([tool]) => tool),
      ["systemctl", "curl", "ausearch"],
    );
  }
});

test("the commands of single fixes pass exactly their words", () => {
  const fixes = requests.flatMap(({ targets }) => targets.flatMap((target) => target.fixes));
  assert.ok(fixes.length > 3000);
  const some = fixes.filter((_, index) => index % 10 === 0);
  const { calls } = run("bash", `set -e\n${some.flatMap(({ commands }) => commands).join("\n")}\n`);
  assert.deepEqual(calls, some.flatMap(wordsOf));
});

function wordsOf({ changes, restore }: Fix): readonly (readonly string[])[] {
  const words = changes.map((change) =>
    change.kind === "fileContext"
      ? ["semanage", "fcontext", "-a", "-t", change.type, change.spec]
      : change.kind === "label"
        ? ["chcon", "-t", change.type, change.path]
        : [],
  );
  return restore === null ? words : [...words, ["restorecon", "-Rv", restore]];
}

/** How `semanage import` splits a line (its `mkargv`), for a line without quotes: at what Python's `str.split` splits at. */
function semanageWords(line: string): readonly string[] {
  assert.doesNotMatch(line, /["']/);
  return line.split(/[\s\u001c-\u001f\u0085]+/u).filter((word) => word !== "");
}

test("a playbook holds each path and spec as one text, and no expression from a configuration", () => {
  for (const plan of plans) {
    const specs = specsOf(plan);
    const lines = ansibleText(plan, about, policy).split("\n");
    const targets = lines.flatMap((line) => /^ {8}target: (?<text>.*)$/u.exec(line)?.groups?.["text"] ?? []);
    assert.deepEqual(targets.map(textOfYaml), specs);
    const start = lines.indexOf("      loop:");
    assert.deepEqual(
      lines
        .slice(start + 1, start + 1 + plan.restore.length)
        .map((line) => textOfYaml(line.trim().replace(/^- /u, ""))),
      plan.restore,
    );
    for (const line of lines.slice(lines.indexOf("---"))) {
      assert.match(line, /^[ -~]*$/u);
      if (/\{[{%#]/u.test(line) && line.includes("pwned")) assert.match(line, /^[^"]*!unsafe "/u);
    }
  }
});

/** A double-quoted scalar with the escapes that are used. */
function textOfYaml(scalar: string): string {
  const text = /^(?:!unsafe )?"(?<text>.*)"$/u.exec(scalar)?.groups?.["text"];
  assert.ok(text !== undefined, scalar);
  return text.replaceAll(
    /\\(?:x(..)|u(.{4})|U(.{8})|(["\\]))/gu,
    (_, x?: string, u?: string, U?: string, plain?: string) =>
      plain ?? String.fromCodePoint(parseInt(x ?? u ?? U ?? "", 16)),
  );
}

test("a module is comments and statements of ours, whatever the paths", () => {
  for (const [index, request] of requests.entries()) {
    for (const line of cilText(ownTypePlan(request, parts[index]?.parts ?? []), about, policy).split("\n")) {
      assert.match(line, /^(?:;.*|\([a-z_0-9() -]*\)|)$/u);
      assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}]/u);
    }
  }
});

test("a script copies a key once, waits with the reload until the configuration names the copy, and removes no copy in use", () => {
  const host = mkdtempSync(join(directory, "host-"));
  const at = (name: string): string => join(host, name);
  const names = [at("it's $HOME"), at("ssl/site.key")];
  const [from = "", to = ""] = names;
  const files = [at("nginx.conf"), at("a\nb.conf"), "/etc/$(touch pwned)\u00a0.conf"];
  const place = (file: string): EditedPlace => ({ file, line: 3, before: from, after: to });
  const script = (places: readonly EditedPlace[]): string =>
    scriptText(
      {
        copies: [{ copy: { from, to, isSecret: true }, places, reasons: [] }],
        steps: [],
        restore: [],
        permissions: [],
        uncleared: [],
      },
      about,
      tinyPolicy({}),
    );
  const reloads = (places: readonly EditedPlace[]): boolean =>
    run("sh", script(places)).calls.some(([tool]) => tool === "systemctl");
  writeFileSync(from, "key");
  writeFileSync(at("nginx.conf"), `# ${from};\n ssl_certificate_key ${from};\n`);
  const own = [place(at("nginx.conf"))];
  assert.equal(reloads(own), false, "the configuration names the file itself");
  assert.equal(readFileSync(to, "utf8"), "key");
  assert.equal(statSync(to).mode & 0o777, 0o600);
  assert.equal(reloads(files.map(place)), false, "what cannot be read may name it");
  writeFileSync(at("nginx.conf"), `# ${from};\n ssl_certificate_key ${to};\n ssl_certificate ${from}.pem;\n`);
  assert.equal(reloads(own), true);
  run("sh", script(own), "--undo");
  assert.equal(existsSync(to), true, "a copy that the configuration names stays");
  writeFileSync(at("nginx.conf"), "");
  run("sh", script(own), "--undo");
  assert.equal(existsSync(to), false);
  writeFileSync(to, "another key");
  run("sh", script(own), "--undo");
  assert.equal(readFileSync(to, "utf8"), "another key");
  run("sh", script(own));
  assert.deepEqual([readFileSync(to, "utf8"), readFileSync(`${to}~`, "utf8")], ["key", "another key"]);
});
