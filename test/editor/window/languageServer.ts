/** The process of the language server behind a window. */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pause } from "../host/processes.ts";
import { patience } from "./hands.ts";

/** Ends the language server of the extension in the window of this home, as a crash would. Rejects where it does not run. */
export async function crashLanguageServer(home: string): Promise<void> {
  const until = performance.now() + patience;
  while (performance.now() < until) {
    const pid = await languageServer(join(dirname(home), "extensions"));
    if (pid !== undefined) {
      process.kill(pid, "SIGKILL");
      while ((await commandLine(String(pid))) !== "") await pause(20);
      return;
    }
    await pause(50);
  }
  throw new Error("The language server does not run.");
}

async function languageServer(extensions: string): Promise<number | undefined> {
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const words = await commandLine(pid);
    if (words.includes(extensions) && words.includes("server.cjs")) return Number(pid);
  }
  return undefined;
}

/** Empty for a process that has ended. */
function commandLine(pid: string): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
}
