/** What the README shows of the product itself: a part of the check of the sample; what the pages show: commands, options, policies. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { format } from "prettier";
import { optionRows, optionUsage, synopsis } from "../server/src/cli/help.ts";
import { runCommandLine } from "../server/src/cli/run.ts";
import { styleFor } from "../server/src/report/terminal.ts";
import { createNodeHost } from "../server/src/host/hostNode.ts";
import { bundledReleases } from "../server/src/base/bundledReleases.ts";
import { assistantTools } from "../server/src/shared/assistantTools.ts";
import { snapshotFacts } from "../server/src/selinux/files/snapshot.ts";

const root = join(import.meta.dirname, "..");
const policies = join(root, "server/policies");

/** The README with the parts between its `<!-- NAME -->` and `<!-- /NAME -->` brought up to date. */
export async function withProduct(readme: string): Promise<string> {
  const shown = oneBlock(await sampleCheck(["--policy", "rhel9"]), "tcp port 3000");
  return format(between(readme, "sample:check", fenced(shown)), { filepath: "README.md", printWidth: 120 });
}

/** The page on migration with its report of the sample brought up to date. */
export async function withMigration(page: string): Promise<string> {
  const text = between(page, "sample:migrate", fenced(await sampleCheck(["--policy", "rhel7", "--policy", "rhel10"])));
  return format(text, { filepath: "docs/migrate.md", printWidth: 120 });
}

/** The page on policies with the table of the bundled ones. */
export async function withPolicies(page: string): Promise<string> {
  return format(between(page, "policies", policyTable()), { filepath: "policies.md", printWidth: 120 });
}

/** The page on the command line with its commands and the table of its options. */
export async function withOptions(page: string): Promise<string> {
  const text = between(between(page, "commands", fenced(synopsis())), "options", optionTable());
  return format(text, { filepath: "command-line.md", printWidth: 120 });
}

/** The page on assistants with the table of the tools. */
export async function withTools(page: string): Promise<string> {
  return format(between(page, "tools", toolTable()), { filepath: "assistants.md", printWidth: 120 });
}

/** Replaces what stands between two comments. Throws where the text lacks them. */
export function between(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start === -1 || end < start) throw new Error(`the README has no part between ${open} and ${close}`);
  return `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`;
}

/** What `check` prints of the sample. `args`: between the command and the file. */
async function sampleCheck(args: readonly string[]): Promise<string> {
  let printed = "";
  await runCommandLine(
    ["check", ...args, "nginx.conf"],
    {
      host: createNodeHost(policies, () => undefined),
      directory: join(root, "sample/nginx"),
      out: {
        closed: false,
        add: (text) => {
          printed += text;
          return false;
        },
        flush: () => Promise.resolve(),
      },
      style: styleFor(false),
      input: () => Promise.resolve(new Uint8Array()),
      interactive: false,
      inputText: async function* () {},
      complain: () => undefined,
      draw: () => undefined,
    },
    { version: "", serve: noServer, assist: noServer },
  );
  return printed.trimEnd();
}

/** The block of a report that names a target, and the lines that count; dots stand for the other blocks. */
function oneBlock(report: string, target: string): string {
  const blocks = report.split("\n\n");
  const shown = blocks.map((block, i) => (i === blocks.length - 1 || block.includes(target) ? block : "..."));
  return shown.filter((block, i) => block !== "..." || shown[i - 1] !== "...").join("\n\n");
}

function fenced(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}

async function noServer(): Promise<never> {
  throw new Error("no server here");
}

function optionTable(): string {
  const rows = optionRows().map(
    ({ option, commands }) =>
      `| \`${optionUsage(option).replaceAll("|", "\\|")}\` | ${commands.join(", ")} | ${option.help.replaceAll("|", "\\|")} |`,
  );
  return ["| option | of | meaning |", "|---|---|---|", ...rows].join("\n");
}

function toolTable(): string {
  const rows = assistantTools.map(({ name, reference, summary, inputSchema: { properties, required } }) => {
    const inputs = Object.keys(properties).map((key) => `\`${key}\`${required.includes(key) ? "" : " (optional)"}`);
    return `| \`${name}\`, in VS Code \`#${reference}\` | ${summary} | ${inputs.join(", ")} |`;
  });
  return ["| tool | what it does | asked with |", "|---|---|---|", ...rows].join("\n");
}

function policyTable(): string {
  const names = new Set(readdirSync(policies));
  const rows = bundledReleases.map(({ name, dated }) => {
    if (!names.has(`${name}.json.br`)) throw new Error(`there is no bundled policy ${name}`);
    const text = brotliDecompressSync(readFileSync(join(policies, `${name}.json.br`))).toString("utf8");
    const { title, provenance } = snapshotFacts(text, "bundled").info;
    return `| \`${name}\` | ${title} | ${provenance} | ${dated ?? "not recorded"} |`;
  });
  return ["| name | release | made from | its date |", "|---|---|---|---|", ...rows].join("\n");
}
