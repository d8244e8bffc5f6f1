/** target-unknown: what nginx will reach, or what SELinux will say to it, cannot be known from the configuration. */
import type { Access, BindPort, ConnectPort, ConnectSocket } from "../nginx/access.ts";
import { decisionWith, undecided } from "../selinux/conclude.ts";
import { decide } from "../selinux/decide.ts";
import type { Decision } from "../selinux/query.ts";
import { accessName, cut, OWN_DIRECTORY, withAdvice } from "./message.ts";
import { evidence, isTemporary, sentences } from "./phrases.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import { hiddenPhp } from "./socketPeer.ts";
import { isSocketConnect } from "./sockets.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const targetUnknown: AccessRule = {
  judges: "access",
  id: "target-unknown",
  title: "Target that cannot be checked",
  severity: "hint",
  needsHost: false,

  judge(asked: Asked, context: RuleContext): Verdict | null {
    const { access } = asked;
    if (access.unchecked === true) return verdict(access, undecided(), access.reason ?? NOT_CHECKED);
    // Without its JIT PCRE works as before: where that is not known there is nothing to tell.
    if (access.kind === "capability" && access.right !== "execmem" && asked.answer.verdict === "unknown")
      return verdict(access, undecided(), reasonOf(asked.answer));
    if (!isPortOrSocket(access)) return null;
    const [query] = asked.queries;
    if (query === undefined) {
      return verdict(access, undecided(), access.reason ?? "it depends on values that are known at run time only");
    }
    if (query.kind !== "connect-port" && query.kind !== "bind-port" && query.kind !== "connect-socket") return null;
    // Of several ports the first stands for all.
    const decision =
      query.kind !== "bind-port" || query.last === undefined
        ? asked.answer
        : decide(context.policy, { ...query, last: query.port }, context);
    if (decision.verdict === "unknown") {
      if (query.kind === "connect-socket" && isHiddenTmp(query.path, context))
        return { ...verdict(access, withoutTarget(decision), PRIVATE_TMP), message: hiddenTmp(access) };
      return verdict(access, withoutTarget(decision), reasonOf(decision));
    }
    const hidden = decision.verdict === "allowed" && isSocketConnect(access) ? hiddenPhp(access, context) : null;
    return hidden === null ? null : verdict(access, undecided(), hidden);
  },
};

type PortOrSocket = ConnectPort | ConnectSocket | BindPort;

/**
 * Files are left out: a path with variables is the rule, and a label that no bundled list has says nothing. UDP is
 * never checked on the way out, and what a listening socket is labelled is known where its directory is.
 */
function isPortOrSocket(access: Access): access is PortOrSocket {
  if (access.kind === "connect") return access.protocol !== "udp";
  return access.kind === "bind" && access.protocol !== "unix";
}

/** What is not known has no deciding type. */
function withoutTarget(decision: Decision): Decision {
  return decisionWith(decision, { target: null, cls: null, permission: null });
}

/** True for a socket in a /tmp that nginx does not see: for one there the label is the smaller question. */
function isHiddenTmp(path: string, { host }: RuleContext): boolean {
  return isTemporary(path) && host?.unit?.privateTmp !== false;
}

function hiddenTmp(access: Access): string {
  return withAdvice(`${unknownName(access)}: nginx cannot see this socket, because ${PRIVATE_TMP}.`, [OWN_DIRECTORY]);
}

function reasonOf(decision: Decision): string {
  for (const { result } of decision.evidence) if (result.verdict === "unknown") return result.reason;
  return decision.because[0] ?? "the policy does not tell";
}

const NOT_CHECKED = "what this directive does was not checked";

const PRIVATE_TMP = "its /tmp is private (PrivateTmp=true in nginx.service)";

function verdict(access: Access, decision: Decision, reason: string): Verdict {
  return {
    decision,
    severity: targetUnknown.severity,
    oncePerUpstream: false,
    message: cut(sentences(`${unknownName(access)}: SELinux's answer is not known, because ${reason}.`)),
    because: evidence(decision, access, reason),
    fixes: [],
  };
}

/** The target where it is known; else the directive whose target is not. */
function unknownName(access: Access): string {
  return accessName(access, null) ?? `The target of ${access.directive}`;
}
