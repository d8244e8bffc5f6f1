/** A line of nginx's alone: what the policy says of the access, and what else gives the same error. */
import type { NginxLine } from "../denials/denial.ts";
import type { Refusal } from "../denials/gather.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Access, FileAccess } from "../nginx/access.ts";
import { releaseName } from "../rules/phrases.ts";
import type { RuleContext } from "../rules/context.ts";
import type { Verdict } from "../rules/rule.ts";
import { booleansOf } from "../selinux/conditions.ts";
import type { Decision } from "../selinux/query.ts";
import { foreignLabelFixes, useOf } from "./deniedFixes.ts";
import { withoutBooleans } from "./deniedState.ts";
import { actWords, objectWords, otherCauses, otherError } from "./deniedWords.ts";
import { unlogged } from "./deniedSilence.ts";
import type { Evaluator } from "./evaluator.ts";
import type { Explanation } from "./explanation.ts";

/** Judges a line of nginx's. `place`: the access that it was; null where none explains it. */
export function judgeLine(
  refusal: Refusal,
  line: NginxLine,
  place: Access | null,
  evaluator: Evaluator,
  unprivileged: boolean,
): Explanation {
  const { context } = evaluator;
  const object = objectWords(refusal, null);
  const error = otherError(line.errno);
  if (error !== null) return notSelinux(`${object}: not SELinux: error ${line.errno} means that ${error}.`, []);
  if (!line.refused) return notSelinux(`Not SELinux: ${shortMessage(line)}.`, notRefused(line));
  if (unprivileged)
    return notSelinux(
      `${object}: not SELinux: nginx was not started by root.`,
      otherCauses(line, refusal.subject.path, true),
    );
  if (line.pid === 1)
    return {
      cause: "unknown",
      verdict: "unknown",
      message: `${object}: permission was denied inside a container (nginx is process 1 there), which this policy does not describe.`,
      because: [
        "a bind mount needs :Z (or :z where several containers use it): without it SELinux refuses what lies on the host",
        ...otherCauses(line, null, false).slice(1),
      ],
      fixes: [],
    };
  if (line.errno === 1) return operationNotPermitted(refusal, line, context);
  if (refusal.subject.protocol === "udp" && line.call === "connect")
    return notSelinux(
      `${object}: not SELinux: it has no check for a connection over UDP.`,
      otherCauses(line, null, false),
    );
  const accesses = accessesOf(refusal, line, place);
  if (accesses.length === 0)
    return {
      cause: "unknown",
      verdict: "unknown",
      message: `${object}: permission was denied, and the line does not say to what.`,
      because: otherCauses(line, refusal.subject.path, false),
      fixes: [],
    };
  const decided = accesses.map((access) => ({ access, decision: evaluator.ask(access).decision }));
  const denied = decided.find(({ decision }) => decision.verdict === "denied");
  if (denied !== undefined) return refused(refusal, denied.access, denied.decision, evaluator);
  return allowed(refusal, line, decided, evaluator);
}

function notSelinux(message: string, because: readonly string[]): Explanation {
  return { cause: "not-selinux", verdict: "never-refused", message, because, fixes: [] };
}

function shortMessage({ message }: NginxLine): string {
  return message.split(", client:")[0]?.slice(0, 160) ?? "";
}

function notRefused({ message }: NginxLine): readonly string[] {
  return /access forbidden by rule/u.test(message)
    ? ["a deny of the configuration answers 403, as it is meant to"]
    : [];
}

/** EPERM: SELinux gives it only where it refuses a capability. */
function operationNotPermitted(refusal: Refusal, line: NginxLine, { policy, source }: RuleContext): Explanation {
  const object = objectWords(refusal, null);
  if (line.call === "setrlimit") {
    const check = policy.check(source, source, "capability", "sys_resource");
    return {
      cause: check.verdict === "denied" ? "selinux" : "unknown",
      verdict: check.verdict === "denied" ? "refused" : "unknown",
      message: `${object}: the worker has no CAP_SYS_RESOURCE for its hard limit (a container, LimitNOFILE= of the unit); SELinux's own refusal would be 13.`,
      because: [
        "LimitNOFILE= in a drop-in for nginx.service sets the limit before nginx starts",
        "on a host with SELinux httpd_setrlimit is needed too, for the change itself: sudo setsebool -P httpd_setrlimit on",
      ],
      fixes: [],
    };
  }
  if (line.call?.startsWith("send") === true || line.call === "connect")
    return notSelinux(
      `${object}: not SELinux: a packet filter dropped it (1: Operation not permitted is what nftables and conntrack give).`,
      ["sudo nft list ruleset shows the rules"],
    );
  return {
    cause: "unknown",
    verdict: "unknown",
    message: `${object}: ${line.call ?? "the call"}() needs a capability or the file's owner: SELinux gives 1 only where it refuses a capability.`,
    because: otherCauses(line, refusal.subject.path, false),
    fixes: [],
  };
}

/** The accesses that a line tells of; a `bind` does not name its protocol. */
function accessesOf({ subject }: Refusal, line: NginxLine, place: Access | null): readonly Access[] {
  const { port, path, host } = subject;
  const at = {
    file: place?.file ?? 0,
    span: place?.span ?? { start: 0, end: 0 },
    directive: place?.directive ?? "",
    via: place?.via ?? [],
    certainty: "certain",
  } as const;
  if (line.call === "connect") {
    if (subject.protocol === "unix" && path !== null)
      return [{ ...at, kind: "connect", protocol: "unix", path, socket: "stream" }];
    return port === null ? [] : [{ ...at, kind: "connect", protocol: "tcp", host, port }];
  }
  if (line.call === "bind") {
    if (subject.protocol === "unix" && path !== null) return [{ ...at, kind: "bind", protocol: "unix", path }];
    if (port === null) return [];
    const protocols =
      place?.protocol === "udp" || place?.protocol === "tcp" ? [place.protocol] : (["tcp", "udp"] as const);
    const isRange = place?.kind === "bind" && place.protocol !== "unix" && place.lastPort !== place.port;
    if (isRange) return [{ ...place, certainty: "certain" }];
    return protocols.map((protocol) => ({ ...at, kind: "bind", protocol, host, port, lastPort: port }));
  }
  if (line.call === "setrlimit")
    return [
      {
        ...at,
        kind: "limit",
        protocol: "process",
        resource: line.resource === "RLIMIT_CORE" ? "core" : "nofile",
        amount: line.value,
      },
    ];
  if (place?.protocol === "file") return [{ ...place, certainty: "certain" }];
  return path === null || !path.startsWith("/") ? [] : [{ ...at, ...fileAccess(path, line) }];
}

function fileAccess(
  path: string,
  { call, level }: NginxLine,
): Pick<FileAccess, "kind" | "protocol" | "path" | "below" | "object" | "use" | "by"> {
  const isDirectory = call === "opendir" || call === "mkdir";
  const use =
    call === "dlopen"
      ? "module"
      : call === "fopen"
        ? "certificate"
        : call === "opendir"
          ? "listing"
          : useOf(path, null, [call ?? ""]);
  const writes = use === "cache" || use === "temp" || use === "store" || use === "pid" || use === "dav";
  return {
    kind: use === "log" ? "append" : writes ? "write" : "read",
    protocol: "file",
    path,
    below: null,
    object: isDirectory ? "dir" : "file",
    use,
    by: level === "emerg" ? "master" : "worker",
  };
}

function refused(refusal: Refusal, access: Access, decision: Decision, evaluator: Evaluator): Explanation {
  const { context } = evaluator;
  const release = releaseName(context.policy.facts.info);
  const verdict = verdictOf(access, decision, evaluator);
  const { target, cls, permission } = decision;
  const silent =
    target === null || cls === null || permission === null
      ? []
      : unlogged([{ source: context.source, target, cls, permission }], context.policy);
  const sure = decision.exact ? "refuses it" : "refuses it where it has its default label";
  return {
    cause: "selinux",
    verdict: "refused",
    message: `${objectWords(withProtocol(refusal, access), decision.target)}: SELinux refuses nginx's ${actWords(refusal)} (${decision.cls} ${decision.permission}). ${release} ${sure}.`,
    because: [...silent, ...(verdict?.because ?? decision.because)],
    fixes: verdict?.fixes ?? [],
    ...(target === null || cls === null || permission === null
      ? {}
      : { refused: { source: context.source, target, cls, permissions: [permission] } }),
  };
}

/** A `bind` names no protocol: that of the access which is refused. */
function withProtocol(refusal: Refusal, access: Access): Refusal {
  const { protocol } = access;
  return protocol === "tcp" || protocol === "udp" ? { ...refusal, subject: { ...refusal.subject, protocol } } : refusal;
}

/** What the rules say of the refusal that decided. */
function verdictOf(access: Access, decision: Decision, evaluator: Evaluator): Verdict | null {
  const verdicts = evaluator
    .judge(access)
    .said.map(({ verdict }) => verdict)
    .filter(({ fixes }) => fixes.length > 0);
  return (
    verdicts.find((each) => each.decision?.cls === decision.cls && each.decision?.target === decision.target) ??
    verdicts[0] ??
    null
  );
}

interface Decided {
  readonly access: Access;
  readonly decision: Decision;
}

/** The policy lets it pass: SELinux is not the cause, as far as that is certain. */
function allowed(refusal: Refusal, line: NginxLine, decided: readonly Decided[], evaluator: Evaluator): Explanation {
  const { context } = evaluator;
  const { subject } = refusal;
  const { policy } = context;
  const release = releaseName(policy.facts.info);
  const object = objectWords(refusal, decided[0]?.decision.target ?? null);
  const others = otherCauses(line, subject.path, false);
  const because = decided.flatMap(({ decision }) => decision.because);
  const booleans = policy.facts.info.source === "live" ? [] : booleansBehind(decided);
  if (booleans.length > 0) {
    const off = withoutBooleans(
      policy,
      decided.flatMap(({ decision }) =>
        decision.evidence.flatMap(({ result }) => (result.verdict === "allowed" ? result.by : [])),
      ),
    );
    const first = decided[0];
    const before = evaluator.under(off);
    const decision = first === undefined ? null : before.ask(first.access).decision;
    const fixes =
      first === undefined || decision === null ? [] : (verdictOf(first.access, decision, before)?.fixes ?? []);
    return {
      cause: "unknown",
      verdict: "allowed",
      message: `${object}: ${release} allows it while ${booleans.join(" and ")} is on. If that was turned off, SELinux is the cause; else it is not.`,
      because: [...because, ...others],
      fixes,
    };
  }
  const unsure = decided.some(({ decision }) => decision.verdict === "unknown" || !decision.exact);
  if (unsure || (context.host === null && subject.path !== null)) {
    return {
      cause: "unknown",
      verdict: "unknown",
      message: `${object}: ${release} allows nginx's ${actWords(refusal)} by the default label. Another label on disk is the cause (ls -Z), or it is not SELinux.`,
      because: [...because, ...others],
      fixes: restoring(subject.path, decided, context),
    };
  }
  return {
    cause: "not-selinux",
    verdict: "never-refused",
    message: `${object}: SELinux is not the cause: ${release} allows nginx's ${actWords(refusal)}.`,
    because: [...because, ...others],
    fixes: [],
  };
}

/** Booleans that an access rests on: without them it would be refused. */
function booleansBehind(decided: readonly Decided[]): readonly string[] {
  return [
    ...new Set(
      decided.flatMap(({ decision }) =>
        decision.evidence.flatMap(({ result }) =>
          result.verdict === "allowed" && !result.by.some((condition) => condition.op === "true")
            ? result.by.flatMap(booleansOf)
            : [],
        ),
      ),
    ),
  ];
}

/** A label that was brought along by mv: the usual cause where the default label would do. */
function restoring(path: string | null, decided: readonly Decided[], context: RuleContext): readonly Fix[] {
  const access = decided[0]?.access;
  if (path === null || !path.startsWith("/") || access?.protocol !== "file") return [];
  return foreignLabelFixes(path, access.use, access, context);
}
