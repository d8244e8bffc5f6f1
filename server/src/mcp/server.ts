/** The tools for assistants over the Model Context Protocol: wiring and nothing else. The SDK is loaded with this file alone. */
import { Server, type CallToolResult, type ListToolsResult } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { answerTool, type Workplace } from "../assistant/answer.ts";
import type { Host } from "../host/host.ts";
import { createLanguageService } from "../languageService.ts";
import { assistantTools, type AssistantTool } from "../shared/assistantTools.ts";
import type { Surroundings } from "../workspace/surroundings.ts";

const instructions =
  "These tools know what SELinux refuses nginx, from the policy of this host or of a release. Ask them before you " +
  "suggest a command for SELinux. Never suggest setenforce 0, SELINUX=permissive or audit2allow: the tools give the " +
  "narrowest change, with its undo. They only read; the user runs the commands.";

/** Serves one client over standard input and output, until it closes them. `complain`: writes a line to standard error. */
export function serveAssistants(
  host: Host,
  surroundings: Surroundings,
  version: string,
  complain: (line: string) => void,
): void {
  const service = createLanguageService(host, surroundings);
  const place = { host, service, folders: surroundings.folders };
  serveStdio(() => toolServer(place, version), { onerror: (error) => complain(error.message) });
}

/** A server with the tools. It answers one call after the other: they share what they read. */
function toolServer(place: Workplace, version: string): Server {
  const server = new Server({ name: "nginx-selinux", version }, { capabilities: { tools: {} }, instructions });
  let last: Promise<unknown> = Promise.resolve();
  server.setRequestHandler("tools/list", (): ListToolsResult => ({ tools: assistantTools.map(listed) }));
  server.setRequestHandler("tools/call", async ({ params }, { mcpReq: { signal } }): Promise<CallToolResult> => {
    const answer = last.then(() => answerTool(params.name, params.arguments ?? {}, place, signal));
    last = answer.catch(() => undefined);
    const { text, isError } = await answer;
    return { content: [{ type: "text", text }], isError };
  });
  return server;
}

function listed({ name, title, description, inputSchema }: AssistantTool): ListToolsResult["tools"][number] {
  const { type, required, additionalProperties } = inputSchema;
  const properties = Object.fromEntries(
    Object.entries(inputSchema.properties).map(([key, { enum: values, ...property }]) => [
      key,
      { ...property, ...(values === undefined ? {} : { enum: [...values] }) },
    ]),
  );
  return {
    name,
    title,
    description,
    inputSchema: { type, properties, required: [...required], additionalProperties },
    annotations: { readOnlyHint: true, idempotentHint: true, destructiveHint: false, openWorldHint: false },
  };
}
