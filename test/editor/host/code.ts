#!/usr/bin/env node
/**
 * Takes the arguments of `code` and runs the embedded VS Code instead, so that `@vscode/test-electron` can run the same
 * suite in a desktop VS Code and in this one. Ends with the suite's exit code.
 */
import { format } from "node:util";
import { openBrowser } from "./browser.ts";
import { remoteUri, startCodeServer } from "./codeServer.ts";
import { ensureEditorHost } from "./install.ts";
import { stopOnSignal } from "./processes.ts";

/** Longer than any suite of ours: only a hung window gets here. */
const patience = 600_000;

/** Marks the suite's lines among the window's. */
const suitePrefix = "suite| ";

const args = process.argv.slice(2);
const option = (name: string): string | undefined =>
  args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);

async function main(): Promise<number> {
  const extension = option("extensionDevelopmentPath");
  const suite = option("extensionTestsPath");
  if (extension === undefined || suite === undefined) {
    console.error("usage: code.ts --extensionDevelopmentPath=PATH --extensionTestsPath=PATH [FOLDER]");
    return 2;
  }
  const host = await ensureEditorHost();
  const log = new SuiteLog();
  const stops: (() => Promise<void>)[] = [];
  const stopAll = stopOnSignal(async () => {
    for (const stop of stops.toReversed()) await stop();
  }, 1);
  try {
    const server = await startCodeServer(host, {
      testDriver: true,
      workspaceTrust: !args.includes("--disable-workspace-trust"),
      env: suiteEnvironment(),
    });
    stops.push(() => server.stop());
    const browser = await openBrowser(host);
    stops.push(() => browser.stop());
    // A busy machine needs longer than the thirty seconds that the browser gives a page.
    browser.page.setDefaultTimeout(120_000);
    await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const folder = args.find((arg) => !arg.startsWith("-"));
    const result = new Promise<number>((resolve, reject) => {
      setTimeout(() => reject(new Error("The window did not report a result in time.")), patience).unref();
      const wire = async (): Promise<void> => {
        await browser.page.exposeFunction("codeAutomationExit", (code: number) => resolve(code));
        await browser.page.exposeFunction("codeAutomationLog", (_type: string, values: unknown[]) =>
          log.add(format(...values)),
        );
        await browser.page.goto(
          server.pageUrl({
            ...(folder === undefined ? {} : { folder }),
            extra: [
              ["extensionDevelopmentPath", remoteUri(server.authority, extension)],
              ["extensionTestsPath", remoteUri(server.authority, suite)],
            ],
          }),
        );
      };
      wire().catch(reject);
    });
    const code = await result;
    if (code !== 0 && !log.suiteBegan) log.printRest();
    return code;
  } catch (error) {
    log.printRest();
    console.error(error);
    return 1;
  } finally {
    await stopAll();
  }
}

/** Prints what the suite says at once, and keeps what the window says for the case that it is needed. */
class SuiteLog {
  readonly #rest: string[] = [];
  suiteBegan = false;

  add(text: string): void {
    if (text.startsWith(suitePrefix)) {
      this.suiteBegan = true;
      console.log(text.slice(suitePrefix.length));
    } else this.#rest.push(text);
  }

  printRest(): void {
    for (const text of this.#rest.splice(0)) console.error(text);
  }
}

/** What the suite reads from its environment reaches the extension host through the server's. */
function suiteEnvironment(): Record<string, string> {
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith("SUITE_") && value !== undefined ? [[name, value]] : [],
  );
  return { ...Object.fromEntries(inherited), SUITE_PREFIX: suitePrefix };
}

// Whoever started this may be gone; there is still an editor to end.
process.stdout.on("error", () => undefined);
process.exitCode = await main();
