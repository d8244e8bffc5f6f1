/** The tools for the editor's assistants, where the editor has an API for them: VS Code 1.95 and newer. */
import * as vscode from "vscode";
import { assistantTools } from "../../server/src/shared/assistantTools.ts";
import type { Server } from "./server.ts";

/** The part of the API that is newer than `engines`. */
interface ToolApi {
  readonly lm: { registerTool(name: string, tool: EditorTool): vscode.Disposable };
  readonly LanguageModelToolResult: new (content: readonly unknown[]) => object;
  readonly LanguageModelTextPart: new (value: string) => object;
}

interface EditorTool {
  invoke(options: { readonly input: unknown }, token: vscode.CancellationToken): Promise<object>;
}

/** Registers the tools of package.json; does nothing in an editor without them. `start`: starts the server. */
export function registerAssistantTools(server: Server, start: () => Promise<void>): vscode.Disposable {
  const api: object = vscode;
  if (!hasTools(api)) return vscode.Disposable.from();
  return vscode.Disposable.from(
    ...assistantTools.map(({ name }) =>
      api.lm.registerTool(name, {
        invoke: async ({ input }, token) => {
          await start();
          const { text, isError } = await server.tool({ name, input }, token);
          // The model is told so, and may ask in another way.
          if (isError) throw new Error(text);
          return new api.LanguageModelToolResult([new api.LanguageModelTextPart(text)]);
        },
      }),
    ),
  );
}

function hasTools(api: object): api is ToolApi {
  if (!("lm" in api && "LanguageModelToolResult" in api && "LanguageModelTextPart" in api)) return false;
  const { lm } = api;
  return typeof lm === "object" && lm !== null && "registerTool" in lm && typeof lm.registerTool === "function";
}
