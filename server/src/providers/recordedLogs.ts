/**
 * Refusals in the logs of this host, kept while the logs are as they were. Reads as an ordinary user; as root only where
 * the user has asked for `sudo -n`, which never asks for a password.
 */
import { createGatherer, type Refusal } from "../denials/gather.ts";
import { createDenialReader } from "../denials/readDenials.ts";
import { HostError, type Host } from "../host/host.ts";
import { stampOf } from "../host/readHost.ts";
import type { DenialsSetting } from "../shared/settings.ts";

const AUDIT_LOG = "/var/log/audit/audit.log";
const ERROR_LOG = "/var/log/nginx/error.log";
/** Bytes at the end of a log: what is older is no news. */
const MOST_BYTES = 8 * 2 ** 20;
const LIMITS = { timeoutMs: 20_000, maxBytes: MOST_BYTES + 4096 };
/** Refusals older than this are history. */
const MOST_AGE_MS = 7 * 86_400_000;
/** Milliseconds between two questions as root. */
const SUDO_PAUSE = 10_000;

interface Known {
  readonly setting: DenialsSetting;
  readonly paths: readonly string[];
  readonly stamps: string;
  readonly asked: number;
  readonly print: string;
  readonly refusals: readonly Refusal[];
  readonly unread: readonly string[];
}

export class RecordedLogs {
  readonly #host: Host;
  #known: Known | null = null;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The refusals of nginx in the audit log and in these error logs. The same array while nothing new has come. */
  async refusals(setting: DenialsSetting, errorLogs: readonly string[]): Promise<readonly Refusal[]> {
    if (setting === "off") return none;
    const paths = [AUDIT_LOG, ...(errorLogs.length === 0 ? [ERROR_LOG] : errorLogs)];
    const known = this.#known;
    if (known?.setting === setting && known.paths.join("\n") === paths.join("\n")) return known.refusals;
    return this.#read(setting, paths);
  }

  /** Looks again; true where something new has come. */
  async refresh(): Promise<boolean> {
    const known = this.#known;
    if (known === null) return false;
    const isDue = known.setting === "sudo" && this.#host.now() - known.asked >= SUDO_PAUSE;
    if (!isDue && (await this.#stamps(known.paths)) === known.stamps) return false;
    return (await this.#read(known.setting, known.paths)) !== known.refusals;
  }

  /** Paths of the logs that this user may not read. */
  get unread(): readonly string[] {
    return this.#known?.unread ?? [];
  }

  forget(): void {
    this.#known = null;
  }

  async #stamps(paths: readonly string[]): Promise<string> {
    return JSON.stringify(await Promise.all(paths.map((path) => stampOf(this.#host, path))));
  }

  async #read(setting: DenialsSetting, paths: readonly string[]): Promise<readonly Refusal[]> {
    const stamps = await this.#stamps(paths);
    const gatherer = createGatherer();
    const unread: string[] = [];
    const since = this.#host.date() - MOST_AGE_MS;
    for (const path of paths) {
      const reader = createDenialReader(
        {
          denial: (denial) => {
            if (denial.instant === null || denial.instant >= since) gatherer.sink(path).denial(denial);
          },
          notUnderstood: () => undefined,
        },
        { lookAlikes: false },
      );
      const text = await this.#textOf(path, setting);
      if (text === null) unread.push(path);
      reader.push(text ?? "");
      reader.end();
    }
    const refusals = gatherer.gathered().refusals.filter(({ subject }) => subject.nginx === true);
    const print = JSON.stringify(refusals.map(({ subject, count, last }) => [subject, count, last.time]));
    const kept = this.#known?.print === print ? this.#known.refusals : refusals;
    this.#known = { setting, paths, stamps, asked: this.#host.now(), print, refusals: kept, unread };
    return kept;
  }

  /** The end of a log; "" for one that is not there, null for one that this user may not read. */
  async #textOf(path: string, setting: DenialsSetting): Promise<string | null> {
    if (path === AUDIT_LOG && setting === "sudo") return this.#output("/usr/bin/sudo", AUSEARCH);
    try {
      return utf8.decode(await this.#host.readFile(path, MOST_BYTES));
    } catch (error) {
      const isLarge = error instanceof HostError && error.code === "ETOOLARGE";
      if (isLarge) return this.#output("/usr/bin/tail", ["-c", String(MOST_BYTES), "--", path]);
      return error instanceof HostError && error.code === "ENOENT" ? "" : null;
    }
  }

  #output(file: string, args: readonly string[]): Promise<string | null> {
    return this.#host.run(file, args, LIMITS).then(
      // ausearch ends with 1 and says so where it finds nothing.
      ({ code, stdout, stderr }) => (code === 0 || stderr.includes("no matches") ? stdout : null),
      () => null,
    );
  }
}

const AUSEARCH = ["-n", "/usr/sbin/ausearch", "--input-logs", "--raw", "-m", "AVC", "-ts", "week-ago", "-c", "nginx"];
const utf8 = new TextDecoder("utf-8");
const none: readonly Refusal[] = [];
