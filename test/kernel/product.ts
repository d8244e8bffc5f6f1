/** What is tested, inside of the guest: the command line as it is packaged, started by the guest's Node. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DenialReport } from "../../server/src/report/denialReport.ts";
import type { Report } from "../../server/src/report/report.ts";
import { guestAt, type Guest, type GuestAddress, type GuestUser } from "./guest.ts";

const ENTRY = "/opt/nginx-selinux/dist/cli.cjs";
export const PROGRAM = `node ${ENTRY}`;

/** Copies the bundles of `project`, small backends and a certificate into the guest. */
export function installProduct(guest: Guest, project: string): void {
  const bundles = ["dist", "package.json"];
  const archive = execFileSync("tar", ["-C", project, "-cf", "-", ...bundles], { maxBuffer: 256 << 20 });
  guest.write("/opt/product.tar", archive);
  guest.run(`mkdir -p /opt/nginx-selinux
    tar -C /opt/nginx-selinux --no-same-owner -xf /opt/product.tar
    rm /opt/product.tar`);
  for (const name of ["backends.py", "ask.py", "askEach.cjs"])
    guest.write(`/opt/${name}`, readFileSync(join(import.meta.dirname, name)));
  // systemd lets a unit start five times in ten seconds; the audit log is not to begin anew in the middle of a trial.
  guest.write("/etc/systemd/system/nginx.service.d/often.conf", "[Unit]\nStartLimitIntervalSec=0\n");
  guest.run(`systemctl daemon-reload
    sed -i 's/^max_log_file_action.*/max_log_file_action = IGNORE/' /etc/audit/auditd.conf
    kill -HUP "$(cat /run/auditd.pid)"`);
  for (const [name, content] of Object.entries(certificate())) guest.write(`/opt/tls.${name}`, content);
}

/** A certificate for this run, and its key. */
function certificate(): { readonly crt: Uint8Array; readonly key: Uint8Array } {
  const directory = mkdtempSync(join(tmpdir(), "tls-"));
  try {
    const names = ["-keyout", join(directory, "key"), "-out", join(directory, "crt")];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"];
    execFileSync("/usr/bin/openssl", ["req", "-x509", "-subj", "/CN=localhost", ...kind, ...names], { stdio: "pipe" });
    return { crt: readFileSync(join(directory, "crt")), key: readFileSync(join(directory, "key")) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The address that run.ts prints and hands on. */
export function addressOf(text: string): GuestAddress {
  return JSON.parse(text) as GuestAddress;
}

/** Where the guest is that run.ts started. */
export function addressOfRun(): GuestAddress {
  const address = process.env["KERNEL_TEST_GUEST"];
  if (address === undefined) throw new Error("start these tests with: npm run test:kernel");
  return addressOf(address);
}

export function guestOfRun(): Guest {
  return guestAt(addressOfRun());
}

export interface Checked {
  readonly report: Report;
  /** What it said on standard error: the policy, and where the kernel disagrees. */
  readonly said: string;
  readonly seconds: number;
}

/** `nginx-selinux check --all` of the guest's configuration, in live mode. */
export function check(guest: Guest, user: GuestUser = "root"): Checked {
  const { output, ...rest } = checkFiles(guest, user, []);
  return { report: output as Report, ...rest };
}

/** The same of several configurations, by one process: a report for each, in their order. */
export function checkEach(
  guest: Guest,
  user: GuestUser,
  files: readonly string[],
): Omit<Checked, "report"> & { readonly reports: readonly Report[] } {
  const { output, ...rest } = checkFiles(guest, user, files);
  // One configuration alone is a report, not a list of one.
  const reports = files.length === 1 ? [output as Report] : (output as { readonly reports: readonly Report[] }).reports;
  return { reports, ...rest };
}

function checkFiles(
  guest: Guest,
  user: GuestUser,
  files: readonly string[],
): Omit<Checked, "report"> & { readonly output: unknown } {
  const began = performance.now();
  const command = [PROGRAM, "check --policy live --all --format json", ...files].join(" ");
  const { code, stdout, stderr } = guest.attempt(command, user);
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0 && code !== 1) throw new Error(`nginx-selinux check: exit code ${code}\n${stderr}`);
  return { output: JSON.parse(stdout) as unknown, said: stderr, seconds };
}

interface DenialsOptions {
  readonly user?: GuestUser;
  /** A time for `--since`. */
  readonly since?: string;
  readonly options?: string;
}

/** `nginx-selinux denials` of the guest's logs and configuration, in live mode. */
export function denials(
  guest: Guest,
  { user = "root", since = "1h", options = "" }: DenialsOptions = {},
): { readonly report: DenialReport; readonly code: number } {
  const command = `${PROGRAM} denials --policy live --since '${since}' --format json ${options}`;
  const { code, stdout, stderr } = guest.attempt(command, user);
  // With 2 it says which logs it could not read.
  if (![0, 1, 2].includes(code) || stdout === "")
    throw new Error(`nginx-selinux denials: exit code ${code}\n${stderr}`);
  return { report: JSON.parse(stdout) as DenialReport, code };
}

/** `nginx-selinux denials` of several logs, each with its configuration, by one process: a report for each, in their order. */
export function explainEach(
  guest: Guest,
  some: readonly { readonly config: string; readonly log: string }[],
): readonly DenialReport[] {
  const words = ["denials", "--policy", "live", "--format", "json"];
  const questions = some.map(({ config, log }) => [...words, "--config", config, log]);
  guest.write("/opt/questions.json", JSON.stringify(questions));
  const answers = JSON.parse(guest.run(`node /opt/askEach.cjs ${ENTRY} </opt/questions.json`)) as readonly {
    readonly code: number;
    readonly text: string;
  }[];
  return answers.map(({ code, text }) => {
    if (code !== 0 && code !== 1) throw new Error(`nginx-selinux denials: exit code ${code}`);
    return JSON.parse(text) as DenialReport;
  });
}

/** The plan of the guest's configuration, as a file in the guest. */
export function writePlan(guest: Guest, format: "script" | "cil", path: string): void {
  guest.run(`${PROGRAM} check --policy live --fail-on error --format ${format} >'${path}' || [ $? = 1 ]`);
}

/** The rules that found something, each once, in alphabetical order. */
export function rulesOf(report: Report): readonly string[] {
  return [...new Set(report.findings.map(({ rule }) => rule))].sort();
}

/** The findings in words. */
export function messages(report: Report): readonly string[] {
  return report.findings.map(({ rule, message }) => `${rule}: ${message}`);
}
