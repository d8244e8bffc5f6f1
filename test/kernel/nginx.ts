/** The guest's nginx under one configuration, and what the kernel made of it. */
import type { Guest } from "./guest.ts";

/** The parts of a configuration that differ. */
export interface Site {
  /** Statements beside `http`. */
  readonly main?: string;
  /** Statements of blocks of their own, which are left out where there are none. */
  readonly stream?: string;
  readonly mail?: string;
  readonly http?: string;
  /** Statements of the one `server` of `http`. */
  readonly server?: string;
  /** The address on which it is asked; 80 where nothing else is said. */
  readonly listen?: string;
}

/** What was refused to nginx: the types and the class of a record of the audit log. */
interface Refusal {
  readonly source: string;
  readonly target: string;
  readonly class: string;
  readonly permissions: readonly string[];
}

export interface Outcome {
  readonly runs: boolean;
  /** Status of a request; 0 where nothing answers. */
  readonly status: number;
  /** Each once. */
  readonly refusals: readonly Refusal[];
  /** What nginx logged about permissions. */
  readonly complaints: readonly string[];
}

/** Where nginx reads its configuration. */
export const MAIN = "/etc/nginx/nginx.conf";
const ERRORS = "/var/log/nginx/error.log";
const AUDIT = "/var/log/audit/audit.log";

/** nginx's whole configuration. */
export function configurationOf(site: Site): string {
  const { main = "", stream, mail, http = "", server = "return 200;", listen = "80" } = site;
  const block = (name: string, text: string | undefined): string =>
    text === undefined ? "" : `${name} {\n    ${text}\n}\n`;
  return `user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log ${ERRORS};
include /etc/nginx/modules-enabled/*.conf;
${main}
events {
}
http {
    access_log /var/log/nginx/access.log;
    ${http}
    server {
        listen ${listen};
        ${server}
    }
}
${block("stream", stream)}${block("mail", mail)}`;
}

/** Writes nginx's whole configuration. */
export function configureNginx(guest: Guest, site: Site): void {
  guest.write(MAIN, configurationOf(site));
}

/** True where nginx runs and gives an answer that is none of a failure. */
export function works({ runs, status }: Outcome): boolean {
  return runs && status >= 200 && status < 300;
}

/** A command that prints the status of an answer. `what`: a URL, with options of curl before it. */
export function curl(what: string): string {
  return `curl -s -m 20 -o /dev/null -w '%{http_code}\\n' ${what}`;
}

/** A configuration that is tried, and the command that asks its nginx. */
export interface Trial {
  /** Path of the configuration in the guest. */
  readonly file: string;
  readonly asks: string;
}

/** Starts nginx anew as it is configured, asks it by a command, and reads what the kernel logged of its domain meanwhile. */
export function tryNginx(guest: Guest, asks = curl("http://127.0.0.1/")): Outcome {
  const [outcome] = outcomesIn(guest.run(`${TRY}\n${trialOf(asks, "")}`));
  if (outcome === undefined) throw new Error("nginx was not tried");
  return outcome;
}

/**
 * The same of several configurations, which take nginx's place one after another, in their order. What the logs got
 * meanwhile lies beside each, see `logOf`.
 */
export function tryEach(guest: Guest, trials: readonly Trial[]): readonly Outcome[] {
  if (trials.length === 0) return [];
  const text = guest.run([TRY, ...trials.map(({ file, asks }) => trialOf(asks, file))].join("\n"));
  const outcomes = outcomesIn(text);
  if (outcomes.length !== trials.length) throw new Error(`${outcomes.length} of ${trials.length} were tried:\n${text}`);
  return outcomes;
}

/** Path of the records and of nginx's lines that the last trial of a configuration made. */
export function logOf(file: string): string {
  return `${file}.log`;
}

function trialOf(asks: string, file: string): string {
  return `ask() {\n${asks}\n}\ntry ${file}`;
}

/** A function of the shell: tries the configuration that it is given, or nginx's own. */
const TRY = `try() {
    if [ -n "$1" ]; then cat "$1" >${MAIN}; fi
    truncate -s 0 ${ERRORS}
    from=$(stat -c %s ${AUDIT})
    echo ===
    if systemctl restart nginx 2>/dev/null; then echo runs; else echo stopped; fi
    ask || true
    # The audit daemon writes in order: when it has this, it has all that came before.
    mark="mark-$$-$(date +%s%N)"
    auditctl -m "$mark"
    for i in $(seq 300); do
      if tail -c +$((from + 1)) ${AUDIT} | grep -q "$mark"; then break; fi
      sleep 0.1
    done
    echo ---
    tail -c +$((from + 1)) ${AUDIT} | grep '^type=AVC' || true
    echo ---
    grep -E '\\(13: |\\(1: ' ${ERRORS} || true
    if [ -n "$1" ]; then
      tail -c +$((from + 1)) ${AUDIT} >"${logOf("$1")}"
      cat ${ERRORS} >>"${logOf("$1")}"
    fi
}`;

function outcomesIn(text: string): readonly Outcome[] {
  return text.split("===\n").slice(1).map(outcomeIn);
}

function outcomeIn(text: string): Outcome {
  const [answers = "", records = "", complaints = ""] = text.split("---\n");
  const [state, status] = answers.split("\n");
  return {
    runs: state === "runs",
    status: Number(status),
    refusals: refusalsIn(records),
    complaints: complaints.split("\n").filter((line) => line !== ""),
  };
}

/** The denials of processes named nginx. */
function refusalsIn(records: string): readonly Refusal[] {
  const found = new Map<string, Refusal>();
  for (const line of records.split("\n")) {
    const match =
      /avc: +denied +\{ ([^}]+) \}.* comm="nginx".* scontext=\S+?:\S+?:([^\s:]+)\S* tcontext=\S+?:\S+?:([^\s:]+)\S* tclass=(\S+)/.exec(
        line,
      );
    if (match === null) continue;
    const [key, permissions = "", source = "", target = "", cls = ""] = [match.slice(1).join(" "), ...match.slice(1)];
    found.set(key, { source, target, class: cls, permissions: permissions.trim().split(" ") });
  }
  return [...found.values()];
}
