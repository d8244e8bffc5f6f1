/** connect-port: nginx connects to a TCP port whose type its domain may not connect to. */
import { connectPortFixes } from "../fixes/offer.ts";
import type { Fix } from "../fixes/fix.ts";
import { whyNotRelabel } from "../fixes/portLabel.ts";
import type { Access, ConnectPort } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import type { Policy } from "../selinux/policy.ts";
import { certaintyKey, confidence, evidence, releaseName, sentences } from "./phrases.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import type { Rule, RuleContext, Verdict } from "./rule.ts";

export const connectPort: Rule = {
  id: "connect-port",
  title: "Connection to a port that SELinux refuses",
  severity: "error",
  docs: {
    what: `nginx opens a TCP connection (\`proxy_pass\`, \`fastcgi_pass\`, \`uwsgi_pass\`, \`scgi_pass\`, \`grpc_pass\`, \`memcached_pass\`, a \`server\` of an \`upstream\`) to a port whose SELinux type nginx's domain, \`httpd_t\`, may not connect to. The configuration is valid and \`nginx -t\` passes. Every request that needs this backend fails: the client sees 502 Bad Gateway, and the error log says \`connect() to 127.0.0.1:3000 failed (13: Permission denied) while connecting to upstream\`.`,
    why: `SELinux labels every TCP port with a type (\`semanage port -l\`), and checks the permission \`tcp_socket name_connect\` on that type when a confined process connects. Only the port number counts: the address plays no part, and loopback is checked like any other. Connections over UDP are not checked.

On RHEL 7 \`httpd_t\` may connect to \`http_port_t\` (tcp 80, 81, 443, 488, 8008, 8009, 8443, 9000) by default. On RHEL 8, 9, 10 and Fedora it may connect to none of the ports that a proxy normally uses, 80 and 443 included, until a boolean is turned on.

Fixes are ordered by what they are meant for, then by how little they open:

1. A boolean that is meant for the port as it is labelled: \`httpd_can_network_relay\` for the caches on 8080, \`httpd_can_network_connect_db\` for databases, \`httpd_can_network_memcache\`, \`httpd_can_network_redis\`, \`httpd_can_connect_ldap\`, and so on. Nothing is relabelled.
2. For a port that is nobody's, the label \`http_port_t\`, together with \`httpd_graceful_shutdown\` on RHEL 8 and later. In spite of its name this boolean opens exactly one thing: connections to \`http_port_t\`.
3. The same with \`httpd_can_network_relay\`, which also opens caches, ftp and the ephemeral range (tcp 32768 and up; a port there needs no label with it).
4. For a port that the policy gives to another service (8081, 9090, 5000), the same with \`semanage port -m\`. That takes the port from the other service, which matters if it runs on this host.
5. For a backend on this host, another port: one that \`httpd_t\` may connect to already and that the configuration does not use yet, where there is one.
6. \`httpd_can_network_connect\`, last: it works, and opens every port on every host to everything that runs as \`httpd_t\`.

Where \`nis_enabled\` is on, it lets \`httpd_t\` connect to some 66 port types as a side effect. A configuration that works only because of it stops working when it is turned off.`,
    evidence: `The port's type from the policy's port records (the first record that contains the port decides), the allow rules for \`httpd_t <type>:tcp_socket name_connect\`, and the state of the booleans that they depend on. Each fix was applied to a copy of the policy and the question asked again; only those that are answered "allowed" are offered.`,
    verify: `\`\`\`sh
getenforce                                  # Enforcing
sudo semanage port -l | grep -w 3000        # the type of the port
getsebool httpd_graceful_shutdown           # on
curl -i http://localhost/                   # no 502
sudo ausearch -m avc -ts recent | grep name_connect
\`\`\`

\`sudo ausearch -m avc -ts recent | audit2why\` explains a denial that has happened.`,
    wrongAdvice: `- **"\`semanage port -a -t http_port_t -p tcp 3000\` is the fix."** On RHEL 7 it is. On RHEL 8 and later the label changes nothing until \`httpd_graceful_shutdown\` or \`httpd_can_network_relay\` is on too.
- **"A backend on 80 or 443 is allowed by default."** On RHEL 7 only.
- **"8080 is in \`http_port_t\`."** It is \`http_cache_port_t\`; \`semanage port -a\` for it fails with "already defined". Turn on \`httpd_can_network_relay\` instead.
- **"Run \`setsebool -P httpd_can_network_connect on\`."** It works, and opens every port. Use it when the backends are many and change often, not for one port.
- **"Turn on \`nis_enabled\`."** It opens ports by accident and much else on purpose.
- **"Relabel the port to a type that is connectable now"** (\`dns_port_t\`, \`kerberos_port_t\`, \`ocsp_port_t\`, as sealert may propose). It works and is wrong: the port then belongs to another service's rules.
- **"\`setenforce 0\`."** That turns SELinux off for the whole machine until the next boot. It shows that SELinux is the cause and fixes nothing.`,
  },

  appliesTo: isTcpConnect,

  targetKey(access: Access): string {
    return isTcpConnect(access) ? access.port + certaintyKey(access) : "";
  },

  judge(access: Access, context: RuleContext): Verdict | null {
    if (!isTcpConnect(access) || access.port === null || access.certainty === "unknown") return null;
    const { policy, source } = context;
    const { port, protocol } = access;
    const decision = decide(policy, { kind: "connect-port", source, protocol, port }, context);
    if (decision.verdict !== "denied") return null;
    const sure = confidence(context, access, connectPort.severity, decision.exact);
    return new LazyVerdict({
      decision,
      severity: sure.severity,
      message: sentences(
        `SELinux ${sure.verb} refuse this connection: ${protocol} port ${port} is labelled ${decision.target ?? "unknown"}` +
          ` and ${source} may not connect to it on ${releaseName(policy.facts.info)}` +
          ` (nginx logs "13: Permission denied", an HTTP client sees 502).`,
        sure.remark,
      ),
      fixes: () => connectPortFixes(context, protocol, port),
      because: (fixes) => evidence(decision, access, ...noFix(policy, port, fixes)),
    });
  },
};

function isTcpConnect(access: Access): access is ConnectPort {
  return access.kind === "connect" && access.protocol === "tcp";
}

/** Only the boolean for everything is left, or not even that: the reader should know that it is not an oversight. */
function noFix(policy: Policy, port: number, fixes: readonly Fix[]): readonly string[] {
  if (fixes.some((fix) => fix.id !== "broad-boolean")) return [];
  const reason = whyNotRelabel(policy, "tcp", { low: port, high: port }) ?? "its label would not help";
  return [`no boolean is meant for this port, and ${reason}; another port for the backend is better`];
}
