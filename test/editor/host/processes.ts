/** Starting and ending processes so that nothing is left behind. */
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";

/** A process and everything that it started, ended together. */
export interface ProcessGroup {
  readonly child: ChildProcess;
  /** Ends the whole group, by force after `patience` milliseconds; resolves when it is gone. May be called twice. */
  stop(patience?: number): Promise<void>;
}

/** Starts a program as the leader of a process group of its own. */
export function startGroup(command: string, args: readonly string[], options: SpawnOptions): ProcessGroup {
  const child = spawn(command, args, { ...options, detached: true });
  let stopping: Promise<void> | null = null;
  return { child, stop: (patience = 10_000) => (stopping ??= endGroup(child, patience)) };
}

async function endGroup(child: ChildProcess, patience: number): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!signalGroup(pid, signal)) return;
    const until = performance.now() + patience;
    while (performance.now() < until) {
      await pause(50);
      if (!signalGroup(pid, 0)) return;
    }
  }
}

/** False when no process of the group is left. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Resolves after so many milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Runs a program to its end. Rejects when its exit code is not 0; the message holds what it printed. */
export async function runToEnd(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const printed: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => printed.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => printed.push(chunk));
  const [code, signal]: unknown[] = await once(child, "close");
  const output = Buffer.concat(printed).toString("utf8");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${String(code ?? signal)}\n${output}`);
  return output;
}

/**
 * Calls `stop` once, on Ctrl-C, SIGTERM, SIGHUP, or when the process that started this one is gone; then the process
 * ends with `exitCode`. Returns a function that resolves when `stop` has run, for the ordinary way out.
 */
export function stopOnSignal(stop: () => Promise<void>, exitCode: number): () => Promise<void> {
  let stopped: Promise<void> | null = null;
  const once = (): Promise<void> => (stopped ??= stop());
  const end = (): void => {
    void once().finally(() => process.exit(exitCode));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  if (process.connected) {
    process.on("disconnect", end);
    process.channel?.unref();
  }
  return once;
}
