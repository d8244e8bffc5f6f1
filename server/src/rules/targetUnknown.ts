/** target-unknown: what nginx will reach, or what SELinux will say to it, cannot be known from the configuration. */
import type { Access, BindPort, ConnectPort, ConnectSocket } from "../nginx/access.ts";
import { undecided } from "../selinux/conclude.ts";
import { decide } from "../selinux/decide.ts";
import type { Decision, Query } from "../selinux/query.ts";
import { certaintyKey, evidence, isTemporary, sentences } from "./phrases.ts";
import { realPath } from "./realPath.ts";
import type { Rule, RuleContext, Verdict } from "./rule.ts";

export const targetUnknown: Rule = {
  id: "target-unknown",
  title: "Target that cannot be checked",
  severity: "hint",
  docs: {
    what: `The port or socket of this directive was not checked, because it is not known before a request comes, or because the policy's answer for it is not known. Nothing is wrong by that alone; it says where the check has a gap.`,
    why: `A value may come from a request (\`proxy_pass http://$arg_backend\`), from a program (\`js_set\`, \`set_by_lua_block\`), from an environment that is filled in later (a template), or from DNS (\`service=\`). The values of \`set\`, \`map\`, \`geo\` and \`split_clients\` that are written in the configuration are followed, and each of them is checked.

For a unix socket the label may be unknown. Some places have no default label (\`/tmp\`): what lies there has the label that its creator gave it. Moreover \`nginx.service\` has \`PrivateTmp=true\`: nginx does not see the \`/tmp\` of other services at all, so a socket there is not found, whatever its label is.`,
    evidence: `The reason is part of the message: the variable that has no known value, or the label or rule that the policy does not tell.`,
    verify: `Ask for one target by hand: \`nginx-selinux explain tcp/3000\` or \`nginx-selinux explain unix:/run/app/app.sock\`. On the host, send a request and look for denials: \`sudo ausearch -m avc -ts recent\`.`,
    wrongAdvice: `- **"The port is not known, so \`httpd_can_network_connect\` is needed."** Only if the backends really can be anything. When they come from a known list, label those ports or turn on the boolean that is meant for them.`,
  },

  appliesTo: isPortOrSocket,

  targetKey(access: Access): string {
    if (!isPortOrSocket(access)) return "";
    const target = access.protocol === "unix" ? access.path : access.port;
    return `${access.kind} ${access.protocol} ${target}${certaintyKey(access)}`;
  },

  judge(access: Access, context: RuleContext): Verdict | null {
    if (!isPortOrSocket(access)) return null;
    const query = queryOf(access, context);
    if (query === null) {
      return verdict(access, undecided(), access.reason ?? "it depends on what is only known at run time");
    }
    if (isAnswered(query, context)) return null;
    const decision = decide(context.policy, query, context);
    return decision.verdict === "unknown" ? verdict(access, withoutTarget(decision), reasonOf(query, decision)) : null;
  },
};

type PortOrSocketQuery = Extract<Query, { readonly kind: "connect-port" | "bind-port" | "connect-socket" }>;

type PortOrSocket = ConnectPort | ConnectSocket | BindPort;

/**
 * Files are left out: a path with variables is the rule, and a label that no bundled list has says nothing. UDP is
 * never checked on the way out, and what a listening socket is labelled is known where its directory is.
 */
function isPortOrSocket(access: Access): access is PortOrSocket {
  if (access.kind === "connect") return access.protocol !== "udp";
  return access.kind === "bind" && access.protocol !== "unix";
}

/** The question to the policy; null where the target is not known. */
function queryOf(access: PortOrSocket, context: RuleContext): PortOrSocketQuery | null {
  if (access.certainty === "unknown") return null;
  const { source } = context;
  if (access.protocol === "unix") {
    return access.path === null ? null : { kind: "connect-socket", source, path: realPath(access.path, context) };
  }
  if (access.port === null) return null;
  const kind = access.kind === "connect" ? "connect-port" : "bind-port";
  return { kind, source, protocol: access.protocol, port: access.port };
}

/** A quick look that spares most ports a whole decision: the rule on the port's type is known. */
function isAnswered(query: PortOrSocketQuery, { policy }: RuleContext): boolean {
  if (query.kind === "connect-socket") return false;
  const type = policy.portType(query.protocol, query.port);
  const permission = query.kind === "connect-port" ? "name_connect" : "name_bind";
  return policy.check(query.source, type, `${query.protocol}_socket`, permission).verdict !== "unknown";
}

/** What is not known has no deciding type. */
function withoutTarget(decision: Decision): Decision {
  return { ...decision, target: null, cls: null, permission: null };
}

/** For a socket in /tmp the label is the smaller question. */
function reasonOf(query: PortOrSocketQuery, decision: Decision): string {
  if (query.kind === "connect-socket" && isTemporary(query.path)) return PRIVATE_TMP;
  for (const { result } of decision.evidence) if (result.verdict === "unknown") return result.reason;
  return decision.because[0] ?? "the policy does not tell";
}

const PRIVATE_TMP =
  "nginx.service has PrivateTmp=true, so nginx sees another /tmp than the service that makes the socket; " +
  "move the socket to /run/<app>/ (RuntimeDirectory=<app> in the systemd unit)";

function verdict(access: Access, decision: Decision, reason: string): Verdict {
  return {
    decision,
    severity: targetUnknown.severity,
    message: sentences(`SELinux's answer is not known here: ${reason}.`),
    because: evidence(decision, access),
    fixes: [],
  };
}
