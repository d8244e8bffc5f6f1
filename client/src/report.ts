/** The report of a configuration as a page beside the editor, whose places open their lines. */
import * as vscode from "vscode";
import type { ReportDocument } from "../../server/src/shared/protocol.ts";
import { meantDocument } from "./documents.ts";
import { tellNotChecked } from "./notices.ts";
import type { Server } from "./server.ts";

/** One panel, which the next report takes. */
export class ReportPanel implements vscode.Disposable {
  static readonly viewType = "nginxSelinux.report";
  readonly #server: Server;
  readonly #version: string;
  #panel: vscode.WebviewPanel | null = null;
  #files: readonly ReportDocument[] = [];

  constructor(server: Server, version: string) {
    this.#server = server;
    this.#version = version;
  }

  /** Shows the report of the configuration that the active document, or else `last`, belongs to; or says why there is none. */
  async show(last: string | null): Promise<void> {
    const uri = meantDocument(last);
    if (uri === null) return;
    const report = await this.#server.report({ uri, version: this.#version });
    if (report === null) return tellNotChecked();
    this.#files = report.files;
    const panel = (this.#panel ??= this.#create());
    panel.title = `SELinux: ${report.title}`;
    panel.webview.html = report.html;
    panel.reveal(undefined, true);
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #create(): vscode.WebviewPanel {
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    // The page has a content security policy of its own, and needs no file and no address.
    const options = { enableScripts: true, localResourceRoots: [], enableFindWidget: true };
    const panel = vscode.window.createWebviewPanel(ReportPanel.viewType, "SELinux for nginx", column, options);
    panel.onDidDispose(() => (this.#panel = null));
    panel.webview.onDidReceiveMessage((message: unknown) => this.#open(message));
    return panel;
  }

  /** Opens a place of the report, in the files of its configuration only. */
  async #open(message: unknown): Promise<void> {
    const place = readPlace(message);
    const found = this.#files.find(({ path }) => path === place?.file);
    if (place === null || found === undefined) return;
    const at = new vscode.Position(found.firstLine + place.line, place.character);
    await vscode.window.showTextDocument(vscode.Uri.parse(found.uri), {
      viewColumn: vscode.ViewColumn.One,
      selection: new vscode.Range(at, at),
    });
  }
}

interface ReportPlace {
  readonly file: string;
  readonly line: number;
  readonly character: number;
}

function readPlace(value: unknown): ReportPlace | null {
  if (typeof value !== "object" || value === null) return null;
  if (!("file" in value && "line" in value && "character" in value)) return null;
  const { file, line, character } = value;
  return typeof file === "string" && isCount(line) && isCount(character) ? { file, line, character } : null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
