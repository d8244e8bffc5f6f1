/** The pages of the rules, made from server/src/rules/docs: those under docs/rules, and the module that holds their text. */
import { existsSync, readFileSync } from "node:fs";
import { format } from "prettier";
import { ruleInfos } from "../server/src/rules/index.ts";
import type { RuleInfo } from "../server/src/rules/rule.ts";

/** File names and their whole text, the index first. What is in docs/rules and not here does not belong there. */
export function ruleDocs(): ReadonlyMap<string, string> {
  return new Map([["README.md", index()], ...ruleInfos.map((rule): [string, string] => [`${rule.id}.md`, page(rule)])]);
}

/** The text of server/src/rules/pages.ts: every page as lines, so that it can be imported and its changes can be read. */
export async function pagesModule(): Promise<string> {
  const pages = ruleInfos.map((rule) => [rule.id, pageSource(rule).trimEnd().split("\n")] as const);
  const text = `/** Generated from docs/*.md by scripts/generate-rule-docs.ts. Edit those. */
const pages: Readonly<Record<string, readonly string[]>> = ${JSON.stringify(Object.fromEntries(pages))};

/** The page of the rule with this id as Markdown, from "What you see" on; null for an unknown id. */
export function pageOf(rule: string): string | null {
  return pages[rule]?.join("\\n") ?? null;
}
`;
  return format(text, { parser: "typescript", printWidth: 120 });
}

const notice =
  "<!-- Generated from server/src/rules/docs by scripts/generate-rule-docs.ts. Edit the page there, not here. -->";

function index(): string {
  const rows = ruleInfos.map((rule) => `| [\`${rule.id}\`](${rule.id}.md) | ${rule.severity} | ${rule.title} |`);
  return `${notice}

# Rules

| Rule | Default severity | Finds |
| --- | --- | --- |
${rows.join("\n")}

A finding is made less severe where it is less than certain: a warning where only one of several values is refused, or
where the label of a file is a default of a bundled release; information where SELinux does not enforce.

## By what you see

| What you see | Where to look |
| --- | --- |
| 502, and \`connect() to 127.0.0.1:3000 failed (13: Permission denied)\` | [\`connect-port\`](connect-port.md) |
| 502, and \`connect() to unix:/... failed (13: Permission denied)\` | [\`connect-socket\`](connect-socket.md), then [\`connect-peer\`](connect-peer.md) |
| nginx does not start: \`bind() to 0.0.0.0:8888 failed (13: Permission denied)\` | [\`listen-port\`](listen-port.md) |
| nginx does not start: \`bind() to unix:/... failed (13: Permission denied)\` | [\`listen-socket\`](listen-socket.md) |
| nginx does not start: a certificate, key or log: \`(13: Permission denied)\` | [\`read-path\`](read-path.md), [\`write-path\`](write-path.md) |
| 403, and \`open() "/..." failed (13: Permission denied)\` | [\`read-path\`](read-path.md), [\`unix-permissions\`](unix-permissions.md) |
| 500 on uploads, no cache, no log entries | [\`write-path\`](write-path.md) |
| \`setrlimit(RLIMIT_NOFILE, ...) failed (13: Permission denied)\` | [\`resource-limit\`](resource-limit.md) |
| 500, and \`setsockopt(IP_TRANSPARENT) failed (1: Operation not permitted)\` | [\`process-right\`](process-right.md) |
| It works after \`setenforce 0\` | SELinux is the cause: \`nginx-selinux check\` names the line |
| It works until the next reboot, or until a relabel | [\`boolean-not-persistent\`](boolean-not-persistent.md), [\`label-not-persistent\`](label-not-persistent.md) |
| A container does not see its files | [\`container-mount\`](container-mount.md) |

## Silencing a finding

A comment on the line or on the line above silences one rule there. The reason is required.

\`\`\`nginx
# selinux-ignore connect-port labelled by our deployment, see ops/selinux.sh
proxy_pass http://127.0.0.1:3000;
\`\`\`

## Tools for the commands

\`semanage\` is part of \`policycoreutils-python-utils\` (\`sudo dnf install policycoreutils-python-utils\`; on RHEL 7
\`sudo yum install policycoreutils-python\`). It takes about ten seconds per command, more on a small machine.
\`audit2why\` comes with it, \`ausearch\` with \`audit\`.

Reload nginx after the commands, send a request, and look for new denials: \`sudo ausearch -m avc -ts recent\`.
\`nginx -t\` from a root shell is no proof, for it is not confined. \`setenforce 0\` is no fix.
`;
}

function page(rule: RuleInfo): string {
  return `${notice}

# ${rule.title} (\`${rule.id}\`)

Default severity: ${rule.severity}.

${pageSource(rule)}`;
}

/** The page's text with the block of its example behind "What you see". */
export function pageSource({ id }: Pick<RuleInfo, "id">): string {
  const text = readFileSync(new URL(`../server/src/rules/docs/${id}.md`, import.meta.url), "utf8");
  const example = exampleOf(id);
  if (example === null) return text;
  const [, block = ""] = readFileSync(example, "utf8").split("----\n");
  return text.replace("## What to do\n", () => `\`check\` says:\n\n\`\`\`text\n${block}\`\`\`\n\n## What to do\n`);
}

/** Rules whose example is one of the ten situations. */
const situations: Readonly<Record<string, string>> = {
  "connect-port": "port",
  "connect-socket": "socket-in-run",
  "listen-port": "listen",
  "read-path": "home-root",
  "write-path": "log",
};

/** The fixture of a rule's example: a configuration, and the block that the report has for it. Null for a rule without one. */
export function exampleOf(id: string): URL | null {
  const situation = situations[id];
  const name = situation === undefined ? `examples/${id}` : `blocks/${situation}`;
  const fixture = new URL(`../test/fixtures/${name}.txt`, import.meta.url);
  return existsSync(fixture) ? fixture : null;
}
