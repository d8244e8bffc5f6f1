/** A language server and a client in which one configuration is open, on a host in memory with the policy of RHEL 9. */
import { bundledText } from "./bundledPolicies.ts";
import { startPair, type LspPairOptions } from "./lspPair.ts";
import { createMemoryHost, type MemoryEntry } from "./memoryHost.ts";

/** The document that is open. */
export const main = "file:///etc/nginx/nginx.conf";
/** A configuration with one finding. */
export const simple = "events {}\nhttp {\n\tserver {\n\t\tlocation / { proxy_pass http://127.0.0.1:3000; }\n\t}\n}\n";

/** `text`: of the document; `files`: those beside it. */
export const start = async (
  files: Readonly<Record<string, MemoryEntry>>,
  text: string,
  options: LspPairOptions = {},
) => {
  const host = createMemoryHost({ "/etc/nginx/nginx.conf": text, ...files }, (name) =>
    name === "rhel9" ? bundledText(name) : undefined,
  );
  const pair = await startPair(host, options);
  await pair.open(main, text);
  return { host, pair };
};
