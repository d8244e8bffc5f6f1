/** A running guest: started under QEMU's software emulation, spoken to over ssh, ended by its own process id. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { GuestFiles } from "./buildGuest.ts";

/** What it takes to reach a guest that runs. */
export interface GuestAddress {
  readonly port: number;
  readonly key: string;
  /** A directory of this run, with a short path: for the sockets of shared connections. */
  readonly directory: string;
}

export type GuestUser = "root" | "visitor";

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Guest {
  /** Runs a script of the shell with `-e`. Gives what it printed; throws, with what it said, where it fails. */
  run(script: string, user?: GuestUser): string;
  /** Runs a script whose exit code is an answer. */
  attempt(script: string, user?: GuestUser): Output;
  /** Writes a file of root's, with the label that its place gives. */
  write(path: string, content: string | Uint8Array): void;
}

/** Emulation is slow: two minutes for a policy module are usual, and many more on a busy machine. */
const LONGEST_MS = 1_800_000;
const BOOT_MS = 1_200_000;

/** A guest that runs at this address. */
export function guestAt({ port, key, directory }: GuestAddress): Guest {
  const ssh = (user: GuestUser): readonly string[] => [
    ...["-q", "-i", key, "-p", String(port), "-F", "none"],
    ...["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
    // A login costs a second; one is shared by all commands of a user.
    ...["-o", "ControlMaster=auto", "-o", "ControlPersist=600", "-o", `ControlPath=${directory}/${user}`],
    ...["-o", "ConnectTimeout=120", "-o", "LogLevel=ERROR", `${user}@127.0.0.1`],
  ];
  const attempt = (script: string, user: GuestUser = "root", input: string | Uint8Array = ""): Output => {
    const { status, stdout, stderr } = spawnSync("/usr/bin/ssh", [...ssh(user), `set -e\n${script}`], {
      encoding: "utf8",
      input,
      maxBuffer: 64 << 20,
      timeout: LONGEST_MS,
    });
    return { code: status ?? -1, stdout, stderr };
  };
  const run = (script: string, user: GuestUser = "root", input: string | Uint8Array = ""): string => {
    const { code, stdout, stderr } = attempt(script, user, input);
    if (code !== 0) throw new Error(`exit code ${code} in the guest:\n${script}\n${stdout}\n${stderr}`);
    return stdout;
  };
  return {
    run: (script, user) => run(script, user),
    attempt: (script, user) => attempt(script, user),
    write: (path, content) =>
      void run(`mkdir -p "$(dirname '${path}')"; rm -f '${path}'; cat >'${path}'`, "root", content),
  };
}

export interface RunningGuest {
  readonly address: GuestAddress;
  /** Takes a second; the image stays as it was built. */
  end(): Promise<void>;
}

/** Boots the guest, and waits until it can be spoken to. `directory`: for its log and its sockets. */
export async function boot(files: GuestFiles, directory: string): Promise<RunningGuest> {
  const port = await freePort();
  const log = openSync(join(directory, "qemu.log"), "w");
  const qemu = spawn("/usr/bin/qemu-system-x86_64", qemuArguments(files, directory, port), {
    stdio: ["ignore", log, log],
  });
  const address = { port, key: files.key, directory };
  const running = { address, end: () => endGuest(qemu, address) };
  process.once("exit", () => qemu.kill("SIGKILL"));
  const guest = guestAt(address);
  const endOf = (name: string): string => {
    const path = join(directory, name);
    return existsSync(path) ? readFileSync(path, "utf8").slice(-3000) : "";
  };
  if (await answers(guest, () => qemu.exitCode !== null)) return running;
  await running.end();
  throw new Error(`the guest does not answer:\n${["qemu.log", "console.log"].map(endOf).join("\n")}`);
}

/** Waits until the guest has started its services: false where it does not in time, or `isOver` says that it cannot. */
async function answers(guest: Guest, isOver: () => boolean): Promise<boolean> {
  const until = performance.now() + BOOT_MS;
  while (guest.attempt("systemctl is-active nginx auditd").code !== 0) {
    if (isOver() || performance.now() > until) return false;
    await delay(1000);
  }
  return true;
}

/** Boots the running guest anew; its disk stays as it is. nginx must be able to start. */
export async function reboot(address: GuestAddress): Promise<void> {
  const guest = guestAt(address);
  const bootId = (): string => guest.attempt("cat /proc/sys/kernel/random/boot_id").stdout;
  const before = bootId();
  guest.attempt("systemctl reboot");
  closeConnections(address);
  while (bootId() === before) await delay(1000);
  if (!(await answers(guest, () => false))) throw new Error("the guest does not come back after a reboot");
}

function qemuArguments(files: GuestFiles, directory: string, port: number): readonly string[] {
  const kernelArguments =
    "root=/dev/vda rw console=ttyS0 security=selinux selinux=1 enforcing=1 mitigations=off panic=-1";
  return [
    ...["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "Nehalem", "-smp", "2", "-m", "1536"],
    ...["-nodefaults", "-display", "none", "-serial", `file:${join(directory, "console.log")}`],
    ...["-kernel", files.kernel, "-initrd", files.initrd, "-append", kernelArguments],
    // Every run starts with the image as it was built.
    ...["-drive", `file=${files.image},if=none,id=d0,format=raw,snapshot=on,cache=unsafe`],
    ...["-device", "virtio-blk-pci,drive=d0"],
    // No network but this one port.
    ...["-netdev", `user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`],
    ...["-device", "virtio-net-pci,netdev=n0,romfile=", "-device", "virtio-rng-pci"],
  ];
}

function closeConnections({ directory }: GuestAddress): void {
  for (const user of ["root", "visitor"]) {
    const close = ["-q", "-O", "exit", "-o", `ControlPath=${directory}/${user}`, `${user}@127.0.0.1`];
    spawnSync("/usr/bin/ssh", close, { stdio: "ignore" });
  }
}

async function endGuest(qemu: ChildProcess, address: GuestAddress): Promise<void> {
  closeConnections(address);
  if (qemu.exitCode !== null || qemu.signalCode !== null) return;
  const ended = new Promise((resolve) => qemu.once("exit", resolve));
  qemu.kill("SIGKILL");
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
