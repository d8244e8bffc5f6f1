/** listen-port: nginx binds to a port whose type its domain may not bind to. */
import { portRange } from "../fixes/commands.ts";
import type { Fix } from "../fixes/fix.ts";
import { bindPortFixes } from "../fixes/offer.ts";
import { whyNotRelabel, type PortRun } from "../fixes/portLabel.ts";
import type { Access, BindPort } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import type { Policy, Protocol } from "../selinux/policy.ts";
import type { Decision } from "../selinux/query.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import { certaintyKey, confidence, evidence, list, releaseName, sentences } from "./phrases.ts";
import type { Rule, RuleContext, Verdict } from "./rule.ts";

export const listenPort: Rule = {
  id: "listen-port",
  title: "Listening port that SELinux refuses",
  severity: "error",
  docs: {
    what: `nginx binds to a port (\`listen\`) whose SELinux type nginx's domain, \`httpd_t\`, may not bind to. The service does not start: \`nginx: [emerg] bind() to 0.0.0.0:8888 failed (13: Permission denied)\`. A reload with such a \`listen\` is refused as a whole, and the old configuration keeps running.`,
    why: `The kernel checks \`tcp_socket name_bind\` or \`udp_socket name_bind\` on the type of the port when a confined process binds. It does so only for ports below 1024 and for ports outside the local port range (\`net.ipv4.ip_local_port_range\`, 32768-60999 unless it was changed): \`listen 40000\` is never refused, \`listen 8888\` and \`listen 61000\` are.

TCP, open by default: \`http_port_t\` (80, 81, 443, 488, 8008, 8009, 8443, 9000), \`http_cache_port_t\` (8080, 8118, 8123, 10001-10010), \`ntop_port_t\` (3000-3001), \`jboss_management_port_t\` (among them 9990), \`jboss_messaging_port_t\`, \`puppet_port_t\` (8140).

UDP, open by default: \`http_port_t\` only, and on RHEL 7 to 10 no UDP port has that type. So HTTP/3, \`listen 443 quic\`, is refused there until udp 443 is labelled. Fedora labels it already.

The usual fix is a label. For a port that a named service owns alone, a policy module that allows the \`listen\` takes the port from nobody; and a port that is open already can be used instead. No network boolean helps a refused \`listen\`.`,
    evidence: `The port's type from the policy's port records, the allow rules for \`httpd_t <type>:{tcp_socket udp_socket} name_bind\`, and the local port range. The label was applied to a copy of the policy and every port asked again.`,
    verify: `\`\`\`sh
sudo semanage port -l | grep -w http_port_t
sudo systemctl restart nginx && ss -tulpn | grep nginx
sudo ausearch -m avc -ts recent | grep name_bind
\`\`\`

\`nginx -t\` from a root shell is no proof: it runs unconfined, so it may bind where the service may not.`,
    wrongAdvice: `- **"\`nginx -t\` is fine, so it cannot be SELinux."** A root shell is unconfined; the service is not.
- **"Turn on \`httpd_can_network_connect\`."** That is about outgoing connections. It changes nothing for \`listen\`.
- **"443 is in \`http_port_t\`, so QUIC works."** tcp 443 is; udp 443 is not on RHEL 7 to 10.
- **"\`semanage port -a\` always."** It fails with "already defined" for a port that the policy lists by itself (8081, 9090); \`-m\` is the verb there. Inside a wider record (9443 in 9443-9447) it is \`-a\`.
- **"Run nginx as root" or "\`setcap cap_net_bind_service\`."** Neither is asked: this check comes on top of both.`,
  },

  appliesTo: isBindPort,

  targetKey(access: Access): string {
    if (!isBindPort(access)) return "";
    const { protocol, port, lastPort } = access;
    return `${protocol} ${port} ${lastPort === port ? "" : lastPort}${certaintyKey(access)}`;
  },

  judge(access: Access, context: RuleContext): Verdict | null {
    if (!isBindPort(access) || access.port === null || access.certainty === "unknown") return null;
    const { protocol, port } = access;
    const last = Math.min(access.lastPort ?? port, LAST_PORT);
    const { runs, decision } = deniedRuns(context, protocol, port, last);
    if (decision === null) return null;
    const sure = confidence(context, access, listenPort.severity, decision.exact);
    return new LazyVerdict({
      decision,
      severity: sure.severity,
      message: sentences(
        `SELinux ${sure.verb} refuse this listen: ${what(context, protocol, runs, decision)} on ` +
          `${releaseName(context.policy.facts.info)} (bind() fails with "13: Permission denied" and nginx does not start;` +
          ` "nginx -t" as root passes all the same).`,
        sure.remark,
      ),
      fixes: () => bindPortFixes(context, protocol, runs),
      because: (fixes) => evidence(decision, access, ...noFix(context.policy, protocol, runs, fixes)),
    });
  },
};

/** A listen has no fix but the label, and some ports must keep theirs. */
function noFix(policy: Policy, protocol: Protocol, runs: readonly PortRun[], fixes: readonly Fix[]): readonly string[] {
  if (fixes.length > 0) return [];
  const reasons = runs.flatMap((run) => whyNotRelabel(policy, protocol, run) ?? []);
  return [...new Set(reasons)].map((reason) => `${reason}: listen on another port`);
}

const LAST_PORT = 65535;

function isBindPort(access: Access): access is BindPort {
  return access.kind === "bind" && access.protocol !== "unix";
}

/** The refused ports of a range as runs, in port order, and the decision of the first of them. */
function deniedRuns(
  context: RuleContext,
  protocol: Protocol,
  first: number,
  last: number,
): { readonly runs: readonly PortRun[]; readonly decision: Decision | null } {
  const { policy, source } = context;
  const runs: PortRun[] = [];
  let decision: Decision | null = null;
  for (let port = first; port <= last; port++) {
    const answer = decide(policy, { kind: "bind-port", source, protocol, port }, context);
    if (answer.verdict !== "denied") continue;
    decision ??= answer;
    const run = runs.at(-1);
    if (run?.high === port - 1) runs[runs.length - 1] = { low: run.low, high: port };
    else runs.push({ low: port, high: port });
  }
  return { runs, decision };
}

function what(context: RuleContext, protocol: Protocol, runs: readonly PortRun[], decision: Decision): string {
  const { policy, source } = context;
  const first = runs[0];
  if (runs.length === 1 && first !== undefined && first.low === first.high) {
    return `${protocol} port ${first.low} is labelled ${decision.target ?? "unknown"} and ${source} may not bind to it`;
  }
  const shown = runs
    .slice(0, MAX_RUNS)
    .map((run) => `${portRange(run.low, run.high)} (${typesOf(policy, protocol, run)})`);
  const more = runs.length > MAX_RUNS ? [`${runs.length - MAX_RUNS} more runs`] : [];
  return `${source} may not bind to ${protocol} ports ${list([...shown, ...more])}`;
}

const MAX_RUNS = 5;

function typesOf(policy: Policy, protocol: Protocol, run: PortRun): string {
  const types = new Set<string>();
  for (let port = run.low; port <= run.high; port++) types.add(policy.portType(protocol, port));
  const names = [...types];
  return names.length > MAX_TYPES ? `${names.slice(0, MAX_TYPES).join(", ")}, ...` : names.join(", ");
}

const MAX_TYPES = 3;
