/** Which documents are served, and the read-only ones that the extension writes itself. */
import * as vscode from "vscode";
import { languageIds } from "../../server/src/shared/protocol.ts";

/** Names that are nginx's whatever language another extension gave them. */
const pathPatterns = [
  "**/nginx.conf",
  "**/nginx/**/*.conf",
  "**/nginx/sites-available/*",
  "**/nginx/sites-enabled/*",
] as const;

/** Folders that nginx shares with other programs: theirs only when an nginx.conf lies beside the folder. */
const sharedFolder = /\/(?:conf\.d\/[^/]+\.conf|sites-(?:available|enabled)\/[^/]+)$/;

/** What VS Code calls such a file when no extension has claimed it. */
const unclaimed: ReadonlySet<string> = new Set(["plaintext", "properties", "ini"]);

/** True for a document whose language no extension has claimed. */
export function isUnclaimed(document: vscode.TextDocument): boolean {
  return unclaimed.has(document.languageId);
}

/** Language and path filters for the schemes in use. Never `git:` or `output:`: each file would be reported twice. */
export function documentSelector(): { scheme: string; language?: string; pattern?: string }[] {
  const schemes = new Set(["file", ...(vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.scheme)]);
  return [
    ...["untitled", ...schemes].flatMap((scheme) => languageIds.map((language) => ({ scheme, language }))),
    ...[...schemes].flatMap((scheme) => pathPatterns.map((pattern) => ({ scheme, pattern }))),
  ];
}

/** True for a document that the server answers for. */
export function isServed(document: vscode.TextDocument): boolean {
  return vscode.languages.match(documentSelector(), document) > 0;
}

/** URI of the served document in front, else `last`, as from the walkthrough; where there is none the user is told, and it is null. */
export function meantDocument(last: string | null): string | null {
  const active = vscode.window.activeTextEditor?.document;
  const uri = active !== undefined && isServed(active) ? active.uri.toString() : last;
  if (uri === null)
    void vscode.window.showInformationMessage(
      "Open a file of an nginx configuration first: this is about one of them.",
    );
  return uri;
}

/**
 * Gives the language `nginx` to files in `conf.d` and the like. `conf.d` alone is no sign, Apache has one too; an
 * nginx.conf beside it is.
 */
export function claimSharedFolders(): vscode.Disposable {
  for (const document of vscode.workspace.textDocuments) void claim(document);
  return vscode.workspace.onDidOpenTextDocument(claim);
}

async function claim(document: vscode.TextDocument): Promise<void> {
  if (!unclaimed.has(document.languageId) || !sharedFolder.test(document.uri.path)) return;
  if (document.uri.scheme !== "file" && vscode.workspace.getWorkspaceFolder(document.uri) === undefined) return;
  const main = vscode.Uri.joinPath(document.uri, "..", "..", "nginx.conf");
  const found = await vscode.workspace.fs.stat(main).then(
    (stat) => (stat.type & vscode.FileType.File) !== 0,
    () => false,
  );
  if (found && !document.isClosed) await vscode.languages.setTextDocumentLanguage(document, languageIds[0]);
}

/** Markdown texts by title, shown as previews. Only the last few are kept. */
export class DetailDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  static readonly scheme = "nginx-selinux";
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(DetailDocuments.scheme, this);

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? "";
  }

  /** Opens a rendered preview, or the text itself where previews do not exist. */
  async show(title: string, markdown: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: DetailDocuments.scheme, path: `/${title.replaceAll("/", "∕")}.md` });
    this.#texts.delete(uri.path);
    this.#texts.set(uri.path, markdown);
    for (const path of [...this.#texts.keys()].slice(0, -20)) this.#texts.delete(path);
    this.#changed.fire(uri);
    try {
      await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
    } catch {
      await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preview: true });
    }
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
