/** What is tested, inside of the guest: the command line as it is packaged, started by the guest's Node. */
import { execFileSync } from "node:child_process";
import type { DenialReport } from "../../server/src/report/denialReport.ts";
import type { Report } from "../../server/src/report/report.ts";
import { guestAt, type Guest, type GuestAddress, type GuestUser } from "./guest.ts";

export const PROGRAM = "node /opt/nginx-selinux/dist/cli.cjs";

/** Serves 200 for every request on the TCP port or the unix socket that it is given. */
const BACKEND = `import http.server, os, socketserver, sys

class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
    def address_string(self):
        return "client"

class OnSocket(socketserver.ThreadingUnixStreamServer):
    def get_request(self):
        request, _ = super().get_request()
        return request, ("client", 0)

where = sys.argv[1]
if where.startswith("/"):
    if os.path.exists(where):
        os.unlink(where)
    server = OnSocket(where, Answer)
    os.chmod(where, 0o666)
else:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(where)), Answer)
server.serve_forever()
`;

/** Copies the bundles of `project` and a small backend into the guest. */
export function installProduct(guest: Guest, project: string): void {
  const bundles = ["dist", "package.json"];
  const archive = execFileSync("tar", ["-C", project, "-cf", "-", ...bundles], { maxBuffer: 256 << 20 });
  guest.write("/opt/product.tar", archive);
  guest.run(`mkdir -p /opt/nginx-selinux
    tar -C /opt/nginx-selinux --no-same-owner -xf /opt/product.tar
    rm /opt/product.tar`);
  guest.write("/opt/backend.py", BACKEND);
}

/** The guest that run.ts started. */
export function guestOfRun(): Guest {
  const address = process.env["KERNEL_TEST_GUEST"];
  if (address === undefined) throw new Error("start these tests with: npm run test:kernel");
  return guestAt(JSON.parse(address) as GuestAddress);
}

export interface Checked {
  readonly report: Report;
  /** What it said on standard error: the policy, and where the kernel disagrees. */
  readonly said: string;
  readonly seconds: number;
}

/** `nginx-selinux check --all` of the guest's configuration, in live mode. */
export function check(guest: Guest, user: GuestUser = "root"): Checked {
  const began = performance.now();
  const { code, stdout, stderr } = guest.attempt(`${PROGRAM} check --policy live --all --format json`, user);
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0 && code !== 1) throw new Error(`nginx-selinux check: exit code ${code}\n${stderr}`);
  return { report: JSON.parse(stdout) as Report, said: stderr, seconds };
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
