/** The text report: ten situations whose blocks lie as fixtures, and servers of 20 to 40 sites that it must not bury. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { hasLinks, styleFor } from "../../../server/src/report/terminal.ts";
import { reportText } from "../../support/reportText.ts";
import { serverTrees } from "../../support/serverTrees.ts";

const blocks = new URL("../../fixtures/blocks/", import.meta.url);
const examples = new URL("../../fixtures/examples/", import.meta.url);

/** The lines of a fixture that say what its host knows. */
function hostOf(source: string): readonly string[] {
  return [...source.matchAll(/^# host: (.*)$/gmu)].map(([, line = ""]) => line);
}

/** Lines of a block without its commands beyond three. */
const MOST_LINES = 8;

suite("a block", () => {
  for (const name of readdirSync(blocks)) {
    test(`${name}: what is refused, why, what to run`, async () => {
      const [source = "", expected = ""] = readFileSync(new URL(name, blocks), "utf8").split("----\n");
      const { text } = await reportText(new Map([["nginx.conf", source]]), { host: hostOf(source) });
      const [block = "", ...more] = text.split("\n\n");
      assert.equal(more.length, 1, "one cause and the lines that count");
      assert.equal(`${block}\n`, expected);
      const commands = block.split("\n").filter((line) => /^ {4}(?:fix {2}| {5})(?:sudo|printf) /u.test(line)).length;
      assert.ok(block.split("\n").length <= MOST_LINES + Math.max(0, commands - 3), block);
    });
  }

  test("there is one for each of the ten", () => assert.equal(readdirSync(blocks).length, 10));
});

suite("an example of a rule's page", () => {
  for (const name of readdirSync(examples)) {
    test(name, async () => {
      const [source = "", expected = ""] = readFileSync(new URL(name, examples), "utf8").split("----\n");
      const { text } = await reportText(new Map([["nginx.conf", source]]), { host: hostOf(source) });
      const block = text.split("\n\n").find((each) => each.includes(`[${name.replace(".txt", "")}]`));
      assert.equal(`${block}\n`, expected);
    });
  }
});

suite("the report of a server", () => {
  for (const { name, files } of serverTrees) {
    test(`${name}: at most five lines a finding, under 200 in all, the first fix within twelve`, async () => {
      const { text, findings } = await reportText(files);
      const lines = text.trimEnd().split("\n");
      assert.ok(files.size >= 22 && findings > 40, `${files.size} files, ${findings} findings`);
      assert.ok(lines.length / findings <= 5, `${lines.length} lines for ${findings} findings`);
      assert.ok(lines.length < 200, `${lines.length} lines`);
      const fix = lines.findIndex((line) => /^ {4}fix {2}sudo /u.test(line));
      assert.ok(fix >= 0 && fix < 12, `the first fix is in line ${fix + 1}`);
      assert.match(
        lines.at(-2) ?? "",
        /^\d+ causes at \d+ places \(.*\) in \d+ files, \d+ accesses checked against RHEL 9/u,
      );
      assert.equal(
        lines.at(-1),
        "Every fix in one script: nginx-selinux check --format script --policy rhel9 nginx.conf",
      );
      const heads = lines.filter((line) => /^\S+:\d+:\d+: /u.test(line));
      const ranks = heads.map(
        (line) => (line.includes(": error: ") ? 0 : 2) + (line.includes("does not start") ? 0 : 1),
      );
      assert.deepEqual(ranks, ranks.toSorted(), "what keeps nginx from starting comes first");
    });
  }

  test("shows a command that a block above has as a comment: run twice, it would fail", async () => {
    const source = `events {}
http {
  server { listen 5071; location / { proxy_pass http://127.0.0.1:5071; } }
}
`;
    const { text } = await reportText(new Map([["nginx.conf", source]]));
    const label = "sudo semanage port -a -t http_port_t -p tcp 5071";
    const lines = text.split("\n").filter((line) => line.includes(label));
    assert.deepEqual(lines, [`    fix  ${label}`, `    fix  # above already: ${label}`]);
  });

  test("names every place and every fix with --verbose, and evidence", async () => {
    const [tree] = serverTrees;
    assert.ok(tree !== undefined);
    const { text } = await reportText(tree.files, { verbose: true });
    for (const file of tree.files.keys()) if (file.startsWith("conf.d/")) assert.ok(text.includes(file), file);
    assert.match(text, /^ {4}why {2}/mu);
    assert.match(text, /^ {4}undo /mu);
    assert.doesNotMatch(text, /^ {4}like /mu);
  });
});

suite("the terminal", () => {
  const one = new Map([["nginx.conf", "events {}\nhttp { server { listen 8888; } }\n"]]);

  test("gets colours and links where it has them, and lines of its width", async () => {
    const { text } = await reportText(one, { style: styleFor(true, { columns: 60, links: true }), verbose: true });
    assert.ok(text.includes("\u001b]8;;file:///etc/nginx/nginx.conf\u001b\\"));
    const plain = text.replace(/\u001b\[\d+m|\u001b\]8;;.*?\u001b\\/gu, "");
    for (const line of plain.split("\n")) if (/^ {4}(?:why|or|fix) /u.test(line)) assert.ok(line.length <= 60, line);
    const piped = await reportText(one, { style: styleFor(false) });
    assert.ok(!piped.text.includes("\u001b"));
  });

  test("has hyperlinks where it is known to", () => {
    assert.ok(hasLinks({ TERM_PROGRAM: "vscode" }));
    assert.ok(hasLinks({ VTE_VERSION: "6003" }));
    assert.ok(!hasLinks({ TERM: "xterm-256color" }));
    assert.ok(!hasLinks({ VTE_VERSION: "4205" }));
  });

  test("draws nothing that a screen reader would read out", async () => {
    for (const verbose of [true, false]) {
      const { text } = await reportText(one, { verbose });
      assert.doesNotMatch(text, /[\u2500-\u257f^|~]{2,}|^\s*\|/mu);
    }
  });
});
