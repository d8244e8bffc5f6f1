/** Manual page and completions of the installed RPM, in the programs that read them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { packages } from "../../scripts/packages/product.ts";

const folder = mkdtempSync(join(tmpdir(), "nginx-selinux-shells-"));
after(() => rmSync(folder, { recursive: true }));
before(() => execFileSync("rpm", ["-i", "--nodeps", "--root", folder, packages.rpm]));

const env = { PATH: process.env["PATH"], HOME: folder, TERM: "dumb", LANG: "C.UTF-8", MANWIDTH: "80" };

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, [...args], { encoding: "utf8", env, cwd: folder });
}

test("man shows every option, and groff has no complaint", () => {
  const page = join(folder, "usr/share/man/man1/nginx-selinux.1.gz");
  const text = run("man", ["-l", "-P", "cat", page]);
  for (const word of ["--policy", "--fail-on", "--format", "EXIT STATUS", "nginx-selinux snapshot"])
    assert.ok(text.includes(word), word);
  assert.equal(run("sh", ["-c", `zcat '${page}' | groff -man -Tutf8 -ww -z 2>&1`]), "");
});

test("bash completes commands, options and their values", () => {
  const script = join(folder, "usr/share/bash-completion/completions/nginx-selinux");
  const complete = (...words: readonly string[]): readonly string[] =>
    run("bash", [
      "-c",
      'script=$1; shift; . "$script"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _nginx_selinux; printf "%s\\n" "${COMPREPLY[@]}"',
      "bash",
      script,
      ...words,
    ])
      .trim()
      .split("\n");
  assert.deepEqual(complete("nginx-selinux", "ch"), ["check"]);
  assert.deepEqual(complete("nginx-selinux", "check", "--policy", "rhel1"), ["rhel10.0", "rhel10"]);
  assert.deepEqual(complete("nginx-selinux", "check", "--policy", "=", "fed"), ["fedora"]);
  assert.deepEqual(complete("nginx-selinux", "check", "--fail"), ["--fail-on"]);
  assert.deepEqual(complete("nginx-selinux", "check", "us"), ["usr"]);
  assert.ok(!complete("nginx-selinux", "explain", "--f").includes("--fail-on"));
});

test("fish completes commands, options and their values", () => {
  const script = join(folder, "usr/share/fish/vendor_completions.d/nginx-selinux.fish");
  const complete = (line: string): string =>
    run("fish", ["--no-config", "-c", `source '${script}'; complete -C '${line}'`]);
  assert.match(complete("nginx-selinux che"), /^check\t/m);
  assert.match(complete("nginx-selinux check --policy rhel1"), /^rhel10\t/m);
  assert.match(complete("nginx-selinux check --fail"), /^--fail-on\t/m);
  assert.doesNotMatch(complete("nginx-selinux explain --fail"), /--fail-on/);
});

test("zsh completes commands, options and their values", () => {
  const functions = join(folder, "usr/share/zsh/site-functions");
  const lines = ["nginx-selinux che", "nginx-selinux check --policy fed", "nginx-selinux check --fail"];
  // Types each line and Tab into one interactive zsh: it takes seconds to start.
  const typed = [
    "zmodload zsh/zpty",
    "zpty -b shell zsh -f -i",
    // Enter prints the line between marks instead of running it.
    `zpty -w shell 'fpath=(${functions} $fpath); autoload -Uz compinit; compinit -u -D; PS1=; stty cols 400; show() { print -r -- "<<$BUFFER>>"; BUFFER=; zle accept-line }; zle -N show; bindkey "^M" show; bindkey "^I" complete-word; print ready'`,
    "zpty -r shell said '*ready*ready*'",
    ...lines.flatMap((line) => [
      `zpty -w -n shell '${line}'$'\\t\\r'`,
      "zpty -r shell said '*<<*>>*'",
      'print -r -- "$said"',
    ]),
    "zpty -d shell",
  ].join("\n");
  const said = execFileSync("zsh", ["-f", "-c", typed], { encoding: "utf8", env, timeout: 30_000 });
  assert.deepEqual(
    [...said.matchAll(/<<(.*?)>>/g)].map(([, line]) => line?.trim()),
    ["nginx-selinux check", "nginx-selinux check --policy fedora", "nginx-selinux check --fail-on="],
  );
});
