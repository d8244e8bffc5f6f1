/** From an edit to the diagnostics of all files, in a server's process. Run it alone with `node test/bench/edit.ts`. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createNodeHost } from "../../server/src/host/hostNode.ts";
import { createLanguageService } from "../../server/src/languageService.ts";
import { plainSurroundings } from "../../server/src/workspace/surroundings.ts";
import { defaultSettings } from "../../server/src/shared/settings.ts";
import { generateConfiguration } from "./generate.ts";
import { table, type Row } from "./table.ts";

const policies = join(import.meta.dirname, "../../server/policies");

/** `edits` edits of a file with so many lines, each to another port; the median, and the slowest of 95 in 100. */
export async function benchEdit(lines: number, edits: number): Promise<Row[]> {
  const settings = { ...defaultSettings, policy: "rhel9" };
  const service = createLanguageService(
    createNodeHost(policies, () => undefined),
    { ...plainSurroundings, settingsFor: () => settings },
  );
  const uri = "file:///srv/nginx-selinux-bench/nginx.conf";
  const text = textOfLines(lines);
  const times: number[] = [];
  let found = 0;
  for (let i = 0; i < edits; i++) {
    const edited = text.replace(/server 127\.0\.0\.1:\d+/, `server 127.0.0.1:${10_000 + i}`);
    const began = performance.now();
    service.changeDocument(uri, i, edited);
    const { files } = await service.diagnostics();
    times.push(performance.now() - began);
    found = files.get(uri)?.length ?? 0;
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? 0;
  const what = `edit to diagnostics, ${lines} lines`;
  return [
    { what, milliseconds: at(0.5), note: `median of ${edits} edits, ${found} diagnostics` },
    { what: `${what}, 95th percentile`, milliseconds: at(0.95) },
  ];
}

/** A valid configuration of about that many lines. */
function textOfLines(lines: number): string {
  const decoder = new TextDecoder();
  for (let servers = 1; ; servers++) {
    const text = decoder.decode(generateConfiguration(servers));
    if (text.split("\n").length >= lines) return text;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(table(await benchEdit(500, 300)));
