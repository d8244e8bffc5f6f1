/** A language server in this process with a small site, for the targets that speak to one. */
import { bundledText } from "../support/bundledPolicies.ts";
import { pullCapabilities, startPair, type LspPair } from "../support/lspPair.ts";
import { createMemoryHost } from "../support/memoryHost.ts";

export const MAIN = "file:///etc/nginx/nginx.conf";
export const SITE = "file:///etc/nginx/conf.d/site.conf";

/** The texts on the disk, by URI. */
export const onDisk: Readonly<Record<string, string>> = {
  [MAIN]: "events {}\nhttp {\n  upstream app {\n    server 127.0.0.1:3000;\n  }\n  include conf.d/*.conf;\n}\n",
  [SITE]:
    "server {\n  listen 8081; # é \u{1f600}\n  root /srv/www;\n  location / {\n    proxy_pass http://app;\n  }\r\n" +
    '  location /s {\r\n    proxy_pass "http://unix:/run/my app/a.sock:/";\n  }\n}\n',
};

const policy = bundledText("rhel9");

/** A server whose client pulls, and counts columns in an encoding. */
export function startSession(encoding: "utf-8" | "utf-16" = "utf-16"): Promise<LspPair> {
  const files = Object.entries(onDisk).map(([uri, text]): [string, string] => [uri.slice("file://".length), text]);
  const host = createMemoryHost(Object.fromEntries(files), (name) => (name === "rhel9" ? policy : undefined));
  return startPair(host, { capabilities: { ...pullCapabilities, general: { positionEncodings: [encoding] } } });
}

/** What a client would show of a document, and of other files, as JSON: the same for the same texts. */
export async function pulled(pair: LspPair, uri: string): Promise<string> {
  const report: unknown = await pair.client.sendRequest("textDocument/diagnostic", { textDocument: { uri } });
  return JSON.stringify(report, (key, value: unknown) => {
    if (key === "resultId") return undefined;
    // A file whose findings are gone is told so once.
    return key === "relatedDocuments" ? withoutEmpty(value) : value;
  });
}

function withoutEmpty(related: unknown): unknown {
  const reports = Object.entries(Object(related)).filter(([, report]) => Object(report).items?.length !== 0);
  return Object.fromEntries(reports);
}
