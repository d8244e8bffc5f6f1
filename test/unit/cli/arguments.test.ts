import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { commands, parseArguments } from "../../../server/src/cli/arguments.ts";
import { helpText, optionRows, optionUsage } from "../../../server/src/cli/help.ts";
import { UsageError } from "../../../server/src/cli/usageError.ts";
import { formats } from "../../../server/src/report/formats.ts";

const complaint = (...args: readonly string[]): string => {
  try {
    parseArguments(args);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error.message;
  }
  return "none";
};

suite("the arguments of the command line", () => {
  test("values stand behind an option or an equals sign, and the last one counts", () => {
    const command = parseArguments(["check", "--policy=rhel7", "a.conf", "--policy", "rhel9", "--fail-on", "hint"]);
    assert.ok(command.command === "check");
    assert.deepEqual(
      [command.policies, command.files, command.failOn, command.format.name, command.all],
      [["rhel7", "rhel9"], ["a.conf"], "hint", "text", false],
    );
  });

  test("a repeated what-if counts for each name", () => {
    const command = parseArguments(["check", "--boolean", "a=on", "--boolean=b=off", "--boolean", "a=0"]);
    assert.ok(command.command === "check");
    assert.deepEqual(
      [...command.booleans],
      [
        ["a", false],
        ["b", false],
      ],
    );
  });

  test("operands may look like options behind two dashes, and a single dash is one", () => {
    for (const [args, file] of [
      [["parse", "--", "--odd"], "--odd"],
      [["parse", "-"], "-"],
      [["parse", "--encoding", "latin1", "x"], "x"],
    ] as const) {
      const command = parseArguments(args);
      assert.ok(command.command === "parse");
      assert.equal(command.file, file);
    }
  });

  test("one letter stands for an option with and without a blank", () => {
    for (const args of [["-o", "f.json"], ["-of.json"], ["--output=f.json"]]) {
      const command = parseArguments(["snapshot", ...args]);
      assert.ok(command.command === "snapshot");
      assert.deepEqual([command.output, command.policies], ["f.json", ["live"]]);
    }
  });

  test("mistakes are named, with the nearest name", () => {
    assert.match(complaint("chekc"), /no command "chekc".*Did you mean check/s);
    assert.match(complaint("check", "--polcy", "x"), /check has no option "--polcy".*--policy/s);
    assert.match(complaint("parse", "x", "--policy", "rhel9"), /parse has no option "--policy"/);
    assert.match(complaint("check", "-x"), /check has no option "-x"/);
    assert.match(complaint("check", "--policy"), /--policy needs a value/);
    assert.match(complaint("check", "--all=yes"), /--all takes no value/);
    assert.match(complaint("check", "--format", "jsno"), /--format needs one of text, json, .*Did you mean json/s);
    assert.match(complaint("check", "--boolean", "x"), /NAME=on/);
    assert.match(complaint("check", "--max-file-size", "0"), /above zero/);
    assert.match(complaint("parse", "a", "b"), /one FILE/);
    assert.match(complaint("explain"), /one target/);
    assert.match(complaint("lsp", "x"), /no operands/);
  });

  test("help has every command and every option once, in lines that fit, and every format", () => {
    const text = helpText();
    const count = (part: string): number => text.split("\n").filter((line) => line.startsWith(part)).length;
    for (const { name } of commands) assert.equal(count(`nginx-selinux ${name}`), 1, name);
    for (const { option } of optionRows()) {
      const usage = `  ${optionUsage(option)}`;
      assert.equal(text.split("\n").filter((line) => line === usage || line.startsWith(`${usage} `)).length, 1, usage);
    }
    for (const { name, help } of formats) {
      assert.ok(text.replace(/\s+/g, " ").includes(`${name}: ${help}`), name);
    }
    assert.ok(text.split("\n").every((line) => line.length <= 120));
  });
});
