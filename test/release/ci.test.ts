/** The GitHub Action and the pre-commit hook, run against a small repository as their services run them. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { packages, root } from "../../scripts/packages/product.ts";
import { machinePath } from "./installed.ts";

const folder = mkdtempSync(join(tmpdir(), "nginx-selinux-ci-"));
after(() => rmSync(folder, { recursive: true }));

const site = join(folder, "site");
/** A refusal, one that is silenced, and one that the baseline knows. */
before(() => {
  mkdirSync(join(site, "nginx"), { recursive: true });
  writeFileSync(
    join(site, "nginx/nginx.conf"),
    [
      "events {}",
      "http {",
      "  server {",
      "    # selinux-ignore listen-port our role labels it",
      "    listen 25;",
      "    location /old { proxy_pass http://127.0.0.1:9090; }",
      "    location /new { proxy_pass http://127.0.0.1:3000; }",
      "  }",
      "}\n",
    ].join("\n"),
  );
  writeFileSync(
    join(site, "known.json"),
    JSON.stringify({
      format: "nginx-selinux-baseline",
      version: 1,
      findings: [{ rule: "connect-port", target: "connect tcp 9090", file: "nginx/nginx.conf" }],
    }),
  );
});

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}
interface Step {
  readonly name: string;
  readonly shell: string;
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The file as the runner reads it: by Python's YAML, which Debian's pre-commit brings. */
function action(): Action {
  const program = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
  const parsed: Action = JSON.parse(
    execFileSync("/usr/bin/python3", ["-c", program, join(root, "action.yml")], { encoding: "utf8" }),
  );
  return parsed;
}

interface Ran {
  readonly status: number | null;
  readonly log: string;
}

/** Runs the steps of the action one after the other, until one fails. */
function runAction(inputs: Readonly<Record<string, string>>): Ran {
  const { inputs: declared, runs } = action();
  for (const name of Object.keys(inputs)) assert.ok(name in declared, `the action has no input ${name}`);
  const valueOf = (expression: string): string => {
    const input = /^inputs\.([\w-]+)$/.exec(expression)?.[1];
    if (input !== undefined) return inputs[input] ?? declared[input]?.default ?? "";
    if (expression === "github.action_repository") return "owner/repository";
    throw new Error(`the action uses ${expression}`);
  };
  let log = "";
  for (const { shell, run, env } of runs.steps) {
    assert.equal(shell, "bash");
    assert.doesNotMatch(run, /\$\{\{/, "an expression in a script is a way in for whoever chooses the input");
    const values = Object.entries(env).map(([name, text]) => [
      name,
      text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => valueOf(expression)),
    ]);
    // As the runner calls it: bash --noprofile --norc -eo pipefail.
    const { status, stdout, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", run], {
      cwd: site,
      encoding: "utf8",
      env: {
        PATH: machinePath,
        HOME: folder,
        RUNNER_TEMP: join(folder, "temp"),
        GITHUB_ACTION_PATH: root,
        GITHUB_SERVER_URL: "https://github.example",
        npm_config_offline: "true",
        ...Object.fromEntries(values),
      },
    });
    log += stdout + stderr;
    if (status !== 0) return { status, log };
  }
  return { status: 0, log };
}

const usual = { package: packages.npm, files: "nginx/nginx.conf", policy: "rhel9" };

test("the action annotates what is new, fails for it, and writes a SARIF log with the rest", () => {
  const { status, log } = runAction({
    ...usual,
    baseline: "known.json",
    sarif: "log.sarif",
    arguments: "--container\nno",
  });
  assert.equal(status, 1, log);
  const annotations = log.split("\n").filter((line) => line.startsWith("::"));
  assert.equal(annotations.length, 1, log);
  assert.match(annotations[0] ?? "", /^::error file=nginx\/nginx\.conf,line=7,.*title=SELinux%3A connect-port::.*3000/);
  assert.match(log, /^nginx\/nginx\.conf:7:\d+: error: /m);
  const sarif = readFileSync(join(site, "log.sarif"), "utf8");
  assert.deepEqual(sarif.match(/"suppressions":\[\{"kind":"\w+"/g)?.toSorted(), [
    '"suppressions":[{"kind":"external"',
    '"suppressions":[{"kind":"inSource"',
  ]);
});

test("the action does as its inputs say", () => {
  assert.equal(runAction({ ...usual, "fail-on": "none" }).status, 0);
  const compared = runAction({ ...usual, policy: "rhel7\nrhel9\n" });
  assert.match(compared.log, /^rhel7 +rhel9 +finding$/m);
  const missing = runAction({ ...usual, files: "no such file.conf" });
  assert.equal(missing.status, 2);
  assert.match(missing.log, /no such file\.conf/);
});

test("the problem matcher takes file, line, column, message and rule from the text report", () => {
  const { log } = runAction(usual);
  const matchers: { readonly problemMatcher: readonly { readonly pattern: readonly { readonly regexp: string }[] }[] } =
    JSON.parse(readFileSync(join(root, ".github/nginx-selinux-matcher.json"), "utf8"));
  const [errors] = matchers.problemMatcher;
  const expression = new RegExp(errors?.pattern[0]?.regexp ?? "", "m");
  const [, file, line, column, message, code] = expression.exec(log) ?? [];
  assert.deepEqual([file, line, code], ["nginx/nginx.conf", "6", "connect-port"]);
  assert.ok(Number(column) > 1 && (message ?? "").includes("9090"), message);
});

test("the pre-commit hook is built from the repository, and checks a changed fragment with its main file", () => {
  const repository = join(folder, "repository");
  cpSync(root, repository, {
    recursive: true,
    filter: (path) =>
      !/^(?:node_modules|\.git|\.cache|dist|out|test\/fixtures|test-results)(?:\/|$)/.test(relative(root, path)),
  });
  const git = (directory: string, ...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=x", "-c", "user.email=x@example.com", ...args], {
      cwd: directory,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  for (const directory of [repository, site]) git(directory, "init", "-q");
  git(repository, "add", "-A");
  git(repository, "commit", "-qm", "hook");
  const configuration = (id: string): string =>
    `repos:\n  - repo: ${repository}\n    rev: ${git(repository, "rev-parse", "HEAD")}\n    hooks:\n      - id: ${id}\n        language_version: ${id === "nginx-selinux" ? "system" : "default"}\n        args: [--policy, rhel9, --container, "no", --baseline, known.json]\n`;
  const run = (id: string, path: string): Ran => {
    writeFileSync(join(site, ".pre-commit-config.yaml"), configuration(id));
    git(site, "add", "-A");
    const { status, stdout, stderr } = spawnSync("pre-commit", ["run", "--all-files", "--color", "never"], {
      cwd: site,
      encoding: "utf8",
      env: {
        PATH: path,
        HOME: process.env["HOME"],
        PRE_COMMIT_HOME: join(folder, "pre-commit"),
        npm_config_prefer_offline: "true",
      },
    });
    return { status, log: stdout + stderr };
  };
  const built = run("nginx-selinux", machinePath);
  assert.equal(built.status, 1, built.log);
  assert.match(built.log, /^nginx\/nginx\.conf:7:\d+: error: .*3000/m);
  assert.doesNotMatch(built.log, /9090/);
  const prefix = join(folder, "installed");
  execFileSync("npm", ["i", "-g", "--offline", "--no-audit", "--no-fund", "--prefix", prefix, packages.npm], {
    stdio: "ignore",
    env: { PATH: machinePath, HOME: folder },
  });
  const installed = run("nginx-selinux-system", `${join(prefix, "bin")}:${machinePath}`);
  assert.match(installed.log, /^nginx\/nginx\.conf:7:\d+: error: .*3000/m);
  assert.ok(existsSync(join(folder, "pre-commit")));
});
