/**
 * From a boolean that flips on the host to the diagnostics of all files, in a server's process that holds what it knows
 * of the host. Run it alone with `node test/bench/flip.ts [SERVERS]`.
 */
import { fileURLToPath } from "node:url";
import { createLanguageService } from "../../server/src/languageService.ts";
import { liveTree, statusPage } from "../support/liveTree.ts";
import { createMemoryHost } from "../support/memoryHost.ts";
import { webPolicy } from "../support/policies/webPolicy.ts";
import { generateConfiguration } from "./generate.ts";
import { table, type Row } from "./table.ts";

/** In the small policy it opens the ports 8000 to 8100, which some of the servers name. */
const BOOLEAN = "connect_db";

/** The fastest of so many flips, with a configuration of that many servers. Rejects where a flip changes no finding. */
export async function benchFlip(servers: number, flips: number): Promise<Row[]> {
  const path = "/etc/nginx/nginx.conf";
  const host = createMemoryHost(liveTree({ policy: webPolicy(33) }));
  const service = createLanguageService(host);
  service.openDocument(`file://${path}`, 1, new TextDecoder().decode(generateConfiguration(servers)));
  const countFindings = async (): Promise<number> => (await service.analyzeFile(path)).analysis.findings.length;
  service.hosts.hold(true);
  await service.diagnostics();
  let before = await countFindings();
  let milliseconds = Infinity;
  for (let flip = 0; flip < flips; flip++) {
    host.write(`/sys/fs/selinux/booleans/${BOOLEAN}`, flip % 2 === 0 ? "0 0" : "1 1");
    host.write("/sys/fs/selinux/status", statusPage({ policyLoad: 2 + flip }));
    const began = performance.now();
    await service.hosts.refresh(false);
    await service.diagnostics();
    milliseconds = Math.min(milliseconds, performance.now() - began);
    const after = await countFindings();
    if (after === before) throw new Error(`${BOOLEAN} was flipped, and there are ${after} findings as before`);
    before = after;
  }
  return [
    {
      what: `boolean flip, ${servers.toLocaleString("en")} servers`,
      milliseconds,
      note: `to the diagnostics, fastest of ${flips}, ${before.toLocaleString("en")} findings`,
    },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(table(await benchFlip(Number(process.argv[2] ?? 10_000), 15)));
