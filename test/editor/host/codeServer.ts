/** Starts the embedded VS Code's server on a free loopback port, with nothing of the user's in it. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { EditorHost } from "./install.ts";
import { runToEnd, startGroup, type ProcessGroup } from "./processes.ts";

export interface CodeServerOptions {
  /** A packaged extension to install before the start. */
  readonly vsix?: string;
  /** User settings, added to the ones that keep the window quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Lets a page ask for an extension in development and for a test suite in the extension host. */
  readonly testDriver?: boolean;
  /** Whether the question "do you trust the authors?" exists. */
  readonly workspaceTrust?: boolean;
  /** Added to the environment of the server, hence of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface CodeServer {
  /** `127.0.0.1:PORT`; also the authority of `vscode-remote:` URIs. */
  readonly authority: string;
  /** The home directory of whoever works in it. */
  readonly home: string;
  /**
   * Address of a page. `folder` and `file`: absolute paths to open. `extra`: more payload, as the workbench reads it.
   */
  pageUrl(target: { folder?: string; file?: string; extra?: readonly (readonly [string, string])[] }): string;
  /** Ends the server and everything below it, and removes its files. */
  stop(): Promise<void>;
}

const quietSettings = {
  "files.autoSave": "off",
  "chat.disableAIFeatures": true,
  "git.openRepositoryInParentFolders": "never",
  "extensions.ignoreRecommendations": true,
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "security.workspace.trust.untrustedFiles": "open",
  "telemetry.telemetryLevel": "off",
  "terminal.integrated.gpuAcceleration": "off",
  "update.mode": "none",
  "window.restoreWindows": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/** Starts a server. Rejects, with what it printed, when it ends before it listens. */
export async function startCodeServer(host: EditorHost, options: CodeServerOptions): Promise<CodeServer> {
  const folder = await mkdtemp(join(tmpdir(), "nginx-selinux-editor-"));
  try {
    const { args, env } = await prepare(folder, options);
    if (options.vsix !== undefined) {
      await runToEnd(host.node, [host.codeServer, ...args, "--install-extension", options.vsix], { env });
    }
    const group = startGroup(host.node, [host.codeServer, ...serverArguments(options), ...args], {
      cwd: folder,
      env: { ...env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stop = async (): Promise<void> => {
      await group.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    };
    const authority = await listening(group).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    return { authority, home: join(folder, "home"), stop, pageUrl: (target) => pageUrl(authority, target) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function prepare(
  folder: string,
  options: CodeServerOptions,
): Promise<{ readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv }> {
  const home = join(folder, "home");
  const userData = join(folder, "user-data");
  const config = join(folder, "config.yaml");
  const temporary = join(folder, "tmp");
  await mkdir(home);
  await mkdir(temporary);
  await mkdir(join(userData, "User"), { recursive: true });
  await writeFile(join(userData, "User", "settings.json"), JSON.stringify({ ...quietSettings, ...options.settings }));
  await writeFile(config, "cert: false\n");
  return {
    args: ["--config", config, "--user-data-dir", userData, "--extensions-dir", join(folder, "extensions")],
    env: {
      PATH: process.env["PATH"],
      LANG: process.env["LANG"] ?? "C.UTF-8",
      SHELL: "/bin/bash",
      HOME: home,
      // Sockets and caches of the editor go with the folder.
      TMPDIR: temporary,
      // No marketplace: nothing but the loopback is contacted.
      EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    },
  };
}

function serverArguments(options: CodeServerOptions): readonly string[] {
  const always =
    "--bind-addr 127.0.0.1:0 --auth none --disable-telemetry --disable-update-check " +
    "--disable-getting-started-override --disable-proxy --ignore-last-opened";
  return [
    ...always.split(" "),
    ...(options.testDriver === true ? ["--vscode-option", "enable-smoke-test-driver"] : []),
    ...(options.workspaceTrust === true ? [] : ["--disable-workspace-trust"]),
  ];
}

/** Resolves to `127.0.0.1:PORT` when the server says that it listens. */
function listening(group: ProcessGroup): Promise<string> {
  const { child } = group;
  const printed: string[] = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        // Kept short: the server may log for hours, and only its start is of interest.
        if (printed.length < 100) printed.push(line);
        const match = /HTTP server listening on http:\/\/(127\.0\.0\.1:\d+)/.exec(line);
        if (match?.[1] !== undefined) resolve(match[1]);
      });
    }
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`code-server ended with ${code}\n${printed.join("\n")}`)));
  });
}

function pageUrl(authority: string, target: Parameters<CodeServer["pageUrl"]>[0]): string {
  const url = new URL(`http://${authority}/`);
  if (target.folder !== undefined) url.searchParams.set("folder", target.folder);
  const open = target.file === undefined ? [] : [["openFile", remoteUri(authority, target.file)] as const];
  const payload = [...open, ...(target.extra ?? [])];
  if (payload.length > 0) url.searchParams.set("payload", JSON.stringify(payload));
  return url.href;
}

/** The `vscode-remote:` URI of an absolute path on the server's side. */
export function remoteUri(authority: string, path: string): string {
  return `vscode-remote://${authority}${encodeURI(path)}`;
}
