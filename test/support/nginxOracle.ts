/**
 * nginx itself as the judge of configurations: `nginx -t` of Debian's package, in a network namespace without a way out
 * and as a user who owns nothing. What this machine lacks (certificates, names, files, modules) is taken out of a text
 * until nginx comes to a verdict on the rest.
 */
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { impliedContext, isMainTree } from "../../server/src/nginx/load/fragmentContext.ts";
import { parse } from "../../server/src/nginx/tree/parse.ts";
import type { Statement, Tree } from "../../server/src/nginx/tree/tree.ts";
import { ROOT } from "../../server/src/nginx/tree/tree.ts";

/** What nginx says of a text. */
export interface NginxVerdict {
  /** The text that nginx judged in the end, in Latin-1; null where no verdict came about. */
  readonly text: string | null;
  /** Null where nginx takes it: else its message without the place. Why there is no verdict, where there is none. */
  readonly error: string | null;
  /** Line of the message, from 1 on; 0 where it has none. */
  readonly line: number;
}

/** Where scripts/oracle-setup.mjs unpacks Debian's packages of nginx. */
const unpacked = resolve(import.meta.dirname, "../../.cache/oracle/nginx");

/** Texts around a fragment that give it the context that it implies; both on one line, so that lines stay. */
const around: Readonly<Record<string, readonly [string, string]>> = {
  http: ["events{}http{", "\n}"],
  server: ["events{}http{server{", "\n}}"],
  location: ["events{}http{server{location /{", "\n}}}"],
  upstream: ["events{}http{upstream oracle{", "\n}}"],
  stream: ["events{}stream{", "\n}"],
  "stream.server": ["events{}stream{server{listen 1;", "\n}}"],
  "stream.upstream": ["events{}stream{upstream oracle{", "\n}}"],
  mail: ["events{}mail{", "\n}"],
  "mail.server": ["events{}mail{server{", "\n}}"],
  events: ["events{", "\n}"],
  main: ["events{}", ""],
};

/** A whole configuration that holds a text where it belongs, with no line more before it. */
function wholeConfiguration(text: string): string {
  const tree = parse(Buffer.from(text, "latin1"));
  if (isMainTree(tree)) return text;
  const [before, after] = around[impliedContext(tree)] ?? ["", ""];
  return `${before}${text}${after}`;
}

/** Refusals that tell of this machine and this build, which is older than HTTP/3, not of the configuration. */
const ofThisMachine =
  /host not found|cannot load|open\(\)|BIO_new|getpwnam|getgrnam|mkdir\(\)|dlopen|unknown directive|bind\(\)|stat\(\)|PEM_|SSL_|X509|pread\(\)|chown|setrlimit|failed \(\d+:|is not (?:binary )?compatible|could not build|shared memory zone|GeoIP|library|perl_|js_|lua|no such file|"quic"/i;

/** Once nginx has read all of the text it makes directories, opens logs and its pid file, and listens. */
const afterReading = /^(?:mkdir|open|bind|chown|chmod|stat)\(\)|^still could not bind/;

/** Texts that need more statements than this taken out are given up. */
const MOST_ROUNDS = 25;

/** Ends the answer of the shell to one file. */
const END = "=end-of-nginx=";

/**
 * Reads names of files, and writes what `nginx -t` says of each. One process for all, in one namespace: to make one takes
 * longer than nginx does. `lo` is up, so that addresses of this machine can be listened on, and nothing else is.
 */
const JUDGE = String.raw`
ip link set lo up 2>/dev/null
exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all,+net_bind_service --ambient-caps=-all,+net_bind_service sh -c '
  while read -r file; do
    "$1" -t -q -p "$2/" -c "$file" -e stderr 2>&1 </dev/null
    echo "${END}"
  done' sh "$@"`;

/** nginx, ready to be asked. `close` it at the end. */
export class NginxOracle {
  readonly #directory: string;
  readonly #modules: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #key: string;
  readonly #certificate: string;
  #output = "";
  #heard: () => void = () => undefined;
  #asked = 0;

  private constructor() {
    const directory = mkdtempSync(join(tmpdir(), "nginx-oracle-"));
    chmodSync(directory, 0o777);
    this.#directory = directory;
    this.#certificate = join(directory, "certificate.pem");
    this.#key = join(directory, "key.pem");
    const request = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=oracle -keyout ${this.#key} -out ${this.#certificate}`;
    execFileSync("/usr/bin/openssl", request.split(" "), { stdio: "ignore" });
    chmodSync(this.#key, 0o644);
    // A copy: the user who asks it may not pass the directories above this project.
    this.#modules = join(directory, "usr/lib/nginx/modules");
    const program = join(directory, "usr/sbin/nginx");
    cpSync(unpacked, directory, { recursive: true });
    this.#process = spawn("/usr/bin/unshare", ["-n", "sh", "-c", JUDGE, "sh", program, directory], { cwd: "/" });
    this.#process.stdout.setEncoding("latin1").on("data", (text: string) => {
      this.#output += text;
      this.#heard();
    });
    this.#process.on("exit", () => this.#heard());
  }

  /** Null where nginx is not unpacked, or this user may make no network namespace. */
  static open(): NginxOracle | null {
    if (!existsSync(join(unpacked, "usr/sbin/nginx"))) return null;
    try {
      execFileSync("/usr/bin/unshare", ["-n", "true"], { stdio: "ignore" });
    } catch {
      return null;
    }
    return new NginxOracle();
  }

  close(): void {
    this.#process.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Asks about a text in Latin-1, a code unit per byte: a main file, or a fragment, which is put where it belongs. */
  async ask(asked: string): Promise<NginxVerdict> {
    let text = wholeConfiguration(asked);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const { message, line } = await this.#judge(text);
      if (message === null) return { text, error: null, line: 0 };
      if (message.startsWith('no "events" section')) {
        text += "\nevents{}";
        continue;
      }
      if (!ofThisMachine.test(message)) return { text, error: message, line };
      if (line === 0 && afterReading.test(message)) return { text, error: null, line };
      const next = this.#withCertificate(text, message) ?? (line === 0 ? null : without(text, line));
      if (next === null || next === text) return { text: null, error: message, line };
      text = next;
    }
    return { text: null, error: "too much is not here", line: 0 };
  }

  /** A text with the modules that Debian has apart, and a pid file that may be written; in front of its first line. */
  #prepared(text: string): string {
    const own = [
      ...["ngx_stream_module", "ngx_mail_module"].map((name) => `load_module ${join(this.#modules, `${name}.so`)};`),
      ...(/(?:^|[;{}\s])pid\s/.test(text) ? [] : [`pid ${this.#directory}/pid;`]),
    ];
    return `${own.join("")}${text}`;
  }

  /** Another certificate in the place of one that is not here; null where the message is not about one. */
  #withCertificate(text: string, message: string): string | null {
    const [, key, path] = /cannot load certificate (key )?"([^"]+)"/.exec(message) ?? [];
    if (path === undefined || path.startsWith(this.#directory)) return null;
    // In full where the text has it relative to the prefix.
    const written = text.includes(path) ? path : path.slice(this.#directory.length + 1);
    return text.replaceAll(written, key === undefined ? this.#certificate : this.#key);
  }

  async #judge(text: string): Promise<{ readonly message: string | null; readonly line: number }> {
    const file = join(this.#directory, `${++this.#asked}.conf`);
    writeFileSync(file, Buffer.from(this.#prepared(text), "latin1"));
    this.#output = "";
    this.#process.stdin.write(`${file}\n`);
    while (!this.#output.includes(END)) {
      if (this.#process.exitCode !== null) throw new Error(`nginx's judge has ended: ${this.#output}`);
      await new Promise<void>((heard) => {
        this.#heard = heard;
      });
    }
    rmSync(file);
    const said = /\[(?:emerg|crit)\] \d+#\d+: (.*)$/m.exec(this.#output)?.[1];
    if (said === undefined) return { message: null, line: 0 };
    const at = said.lastIndexOf(` in ${file}:`);
    if (at < 0) return { message: said, line: 0 };
    return { message: said.slice(0, at), line: Number(said.slice(at + file.length + 5)) };
  }
}

/** Blanks bytes, lines left as they are. */
function blanked(text: string, from: number, to: number): string {
  return text.slice(0, from) + text.slice(from, to).replace(/[^\n]/g, " ") + text.slice(to);
}

/** The innermost statement that nginx had read when it stopped in a line: the last one that ends its words there. */
function statementAt(tree: Tree, line: number, lineOf: (offset: number) => number): Statement {
  let found = ROOT;
  for (let s = 0; s < tree.size; s++) {
    const last = tree.wordCount(s) - 1;
    if (last < 0) continue;
    const end = tree.terminator(s) === "simple" ? tree.span(s).end - 1 : tree.wordSpan(s, last).end;
    if (lineOf(end) === line || (found < 0 && tree.line(s) === line)) found = s;
    else if (tree.line(s) > line) break;
  }
  return found;
}

/** The same text without the statement at which nginx stopped; null where none is found. */
function without(text: string, line: number): string | null {
  const tree = parse(Buffer.from(text, "latin1"));
  const starts: number[] = [0];
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  const lineOf = (offset: number): number => {
    const next = starts.findIndex((start) => start > offset);
    return next < 0 ? starts.length : next;
  };
  const statement = statementAt(tree, line, lineOf);
  if (statement < 0) return null;
  const { start, end } = tree.span(statement);
  return blanked(text, start, end);
}
