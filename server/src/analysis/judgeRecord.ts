/** A record of the kernel, or a rule or alert made from one: what the policy says of it now, and what helps. */
import type { Refusal } from "../denials/gather.ts";
import type { Subject } from "../denials/subject.ts";
import { nameOf, parentOf } from "../base/paths.ts";
import type { Fix } from "../fixes/fix.ts";
import { bestLasting } from "../fixes/rank.ts";
import { whyNoModule } from "../fixes/permissions.ts";
import { isNeverOffered } from "../fixes/purpose.ts";
import type { Access } from "../nginx/access.ts";
import { list, releaseName } from "../rules/phrases.ts";
import type { RuleContext } from "../rules/context.ts";
import { booleansOf } from "../selinux/conditions.ts";
import type { CheckResult, Condition, Policy } from "../selinux/policy.ts";
import { fixesFor, foreignLabelFixes, pathAt, useOf } from "./deniedFixes.ts";
import { labelsIn, withoutBooleans } from "./deniedState.ts";
import { actWords, objectWords, whoWords } from "./deniedWords.ts";
import { unlogged } from "./deniedSilence.ts";
import type { Explanation } from "./explanation.ts";
import { adviceFor } from "./deniedAdvice.ts";

/** Judges a record. `place`: the access that it was; null where none explains it. */
export function judgeRecord(refusal: Refusal, place: Access | null, context: RuleContext): Explanation {
  const { subject } = refusal;
  const { policy } = context;
  const release = releaseName(policy.facts.info);
  const then = policy.with(labelsIn(refusal, policy, place));
  const target = subject.target ?? likelyTarget(refusal, policy, subject.source ?? context.source);
  const head = `${objectWords(refusal, target)}: SELinux refused ${whoWords(refusal)} ${actWords(refusal)}.`;
  const advice = adviceFor(refusal, place, context);
  const source = subject.source ?? context.source;
  const early = notAsked(refusal, target, source, context, { head, advice });
  if (early !== null) return early;
  const cls = subject.cls ?? (subject.path !== null ? "file" : null);
  if (subject.target === null && subject.path !== null && (cls === "file" || cls === "dir"))
    return unknownLabel(refusal, subject.path, cls, place, context, { head, advice });
  if (target === null || cls === null) {
    const message = `${head} The line does not say its label.`;
    return { cause: "selinux", verdict: "unknown", message, because: advice, fixes: [] };
  }
  const known: Refusal = { ...refusal, subject: { ...subject, source, target, cls } };
  const now = nowTarget(known, place, target, context);
  const checks = subject.permissions.map((permission) => policy.check(source, now, cls, permission));
  const state = stateOf(checks);
  const asked = subject.permissions.map((permission) => ({ source, target: now, cls, permission }));
  const evidence = [...logged(refusal), ...otherProgram(refusal), ...reasons(checks, release)];
  const because = [...new Set([...evidence, ...unlogged(asked, policy), ...advice])];
  const inThen = { ...context, policy: then };
  switch (state.verdict) {
    case "denied": {
      const fixes = fixesFor(known, place, inThen);
      return {
        cause: "selinux",
        verdict: "refused",
        message: `${head} ${refusedStill(refusal, release)}`,
        because: [...because, ...noModule(known), ...keepsLabel(known, fixes)],
        fixes,
      };
    }
    case "unknown":
      return {
        cause: "selinux",
        verdict: "unknown",
        message: `${head} Whether ${release} refuses it is not in its table.`,
        because: [...because, ...noModule(known)],
        fixes: fixesFor(known, place, inThen),
      };
    default:
      return allowedNow(known, place, inThen, { head, because, by: state.by, moved: now === target ? null : now });
  }
}

/** The answer for a record about which the policy is not asked; null for any other. */
function notAsked(
  refusal: Refusal,
  target: string | null,
  source: string,
  context: RuleContext,
  { head, advice }: { readonly head: string; readonly advice: readonly string[] },
): Explanation | null {
  const { subject, denial } = refusal;
  const { policy } = context;
  if (denial.kind === "avc" && denial.granted) {
    const words = `${objectWords(refusal, target)}: nothing was refused. An auditallow rule logged ${whoWords(refusal)} ${actWords(refusal)}, which is allowed.`;
    return { cause: "not-selinux", verdict: "allowed", message: words, because: [], fixes: [] };
  }
  if (denial.kind === "avc" && denial.impossible !== null)
    return {
      cause: "unknown",
      verdict: "unknown",
      message: `No kernel writes this line: ${denial.impossible}.`,
      because: advice,
      fixes: [],
    };
  if (!policy.facts.domains.includes(source)) {
    const why =
      source === "init_t" && subject.nginx === true ? "" : ` The policy here answers for ${context.source} alone.`;
    return { cause: "selinux", verdict: "unknown", message: head + why, because: advice, fixes: [] };
  }
  return null;
}

/** A line that was cut or never had the label: what the default one would do, and what helps whatever the present one is. */
function unknownLabel(
  refusal: Refusal,
  path: string,
  cls: "file" | "dir",
  place: Access | null,
  context: RuleContext,
  { head, advice }: { readonly head: string; readonly advice: readonly string[] },
): Explanation {
  const { policy, source } = context;
  const { permissions } = refusal.subject;
  const usual = policy.label(path, cls).type;
  const checks = usual === null ? [] : permissions.map((permission) => policy.check(source, usual, cls, permission));
  if (usual !== null && stateOf(checks).verdict !== "allowed") {
    const known: Refusal = { ...refusal, subject: { ...refusal.subject, source, target: usual, cls } };
    return {
      cause: "selinux",
      verdict: stateOf(checks).verdict === "denied" ? "refused" : "unknown",
      message: `${head} ${releaseName(policy.facts.info)} refuses it where it has its default label, ${usual}.`,
      because: advice,
      fixes: fixesFor(known, place, context),
    };
  }
  const use = place?.protocol === "file" ? place.use : useOf(path, cls, permissions);
  return {
    cause: "selinux",
    verdict: "unknown",
    message: `${head} Its default label${usual === null ? "" : `, ${usual},`} would be allowed: it has another one, which the line does not say.`,
    because: [
      ...advice,
      "nginx -t in a root shell makes files with labels of that shell; a file that was moved keeps its label",
    ],
    fixes: foreignLabelFixes(path, use, place, context),
  };
}

interface Allowed {
  readonly head: string;
  readonly because: readonly string[];
  readonly by: readonly Condition[];
  /** The label that the object has now, where it is another than the line says. */
  readonly moved: string | null;
}

/** The policy allows it at present: since when, and what to do where the host that wrote the line is another. */
function allowedNow(
  refusal: Refusal,
  place: Access | null,
  context: RuleContext,
  { head, because, by, moved }: Allowed,
): Explanation {
  const { policy } = context;
  const release = releaseName(policy.facts.info);
  if (moved !== null)
    return {
      cause: "selinux",
      verdict: "allowed",
      message: `${head} It is allowed now: its label has become ${moved}.`,
      because,
      fixes: [],
    };
  const booleans = [...new Set(by.flatMap(booleansOf))];
  if (booleans.length === 0) {
    if (policy.facts.info.source === "live")
      return {
        cause: "selinux",
        verdict: "allowed",
        message: `${head} This host's policy allows it now: since a module or an update, or the line is another host's.`,
        because,
        fixes: [],
      };
    return {
      cause: "selinux",
      verdict: "never-refused",
      message: `${head} ${release} allows it by default: the line is of another release or host, or it was fixed since.`,
      because,
      fixes: [],
    };
  }
  const off = withoutBooleans(policy, by);
  const fixes = policy.facts.info.source === "live" ? [] : fixesFor(refusal, place, { ...context, policy: off });
  return {
    cause: "selinux",
    verdict: "allowed",
    message: `${head} ${release} allows it while ${list(booleans)} is ${policy.booleans.get(booleans[0] ?? "") === true ? "on" : "off"}: where it is refused, that was changed.`,
    because,
    fixes,
  };
}

/** The label that a line does not say, from its port. */
function likelyTarget({ subject }: Refusal, policy: Policy, source: string): string | null {
  const { port, protocol, path, cls } = subject;
  if (cls === "process" || cls === "capability") return source;
  if (port !== null && (protocol === "tcp" || protocol === "udp")) return policy.portType(protocol, port);
  return path === null || cls === null
    ? null
    : policy.label(path, cls === "dir" ? "dir" : cls === "sock_file" ? "sock" : "file").type;
}

/**
 * The label that the object has now, or what is made in its place would get: a live host says it; without one the line
 * knows best. `place`: the access that it was, which knows the path of an object that the line only names.
 */
function nowTarget(
  { subject }: Refusal,
  place: Access | null,
  target: string,
  { policy, host, source: domain }: RuleContext,
): string {
  const { port, protocol, cls, permissions } = subject;
  if (host === null) return target;
  if (port !== null && (protocol === "tcp" || protocol === "udp")) return policy.portType(protocol, port);
  const path = subject.path ?? pathNamed(subject, place);
  if (path === null || cls === "unix_stream_socket" || cls === "unix_dgram_socket") return target;
  const label = host.label(path);
  if (label.state === "present") return label.type;
  const isMade = permissions.includes("create") && (cls === "file" || cls === "dir" || cls === "sock_file");
  const above = isMade ? host.label(parentOf(path)) : label;
  if (!isMade || above.state !== "present") return target;
  return policy.facts.fileTransition(subject.source ?? domain, above.type, cls) ?? above.type;
}

/** The path that a place gives to the name in a line; null where it is about another object on the way. */
function pathNamed(subject: Subject, place: Access | null): string | null {
  const path = pathAt(place, subject);
  return path !== null && subject.name !== null && nameOf(path) === subject.name ? path : null;
}

function stateOf(checks: readonly CheckResult[]): {
  readonly verdict: CheckResult["verdict"];
  readonly by: readonly Condition[];
} {
  if (checks.some((check) => check.verdict === "denied")) return { verdict: "denied", by: [] };
  if (checks.some((check) => check.verdict === "unknown")) return { verdict: "unknown", by: [] };
  // An unconditional rule outweighs the conditional ones beside it.
  const conditional = checks.flatMap((check) =>
    check.verdict === "allowed" && !check.by.some((condition) => condition.op === "true") ? check.by : [],
  );
  return { verdict: "allowed", by: conditional };
}

function refusedStill({ subject }: Refusal, release: string): string {
  return subject.permissive === true
    ? `It was only logged (permissive); ${release} refuses it when it enforces.`
    : `${release} refuses it.`;
}

function logged({ subject }: Refusal): readonly string[] {
  return subject.permissive === true ? ["permissive=1 or success=yes: it was logged, and nothing was blocked"] : [];
}

/** nginx shares its domain: the name of the program tells whose the refusal was. */
function otherProgram({ subject }: Refusal): readonly string[] {
  return subject.nginx === false && subject.source !== null && subject.process !== null
    ? [`the program is ${subject.process}, which shares ${subject.source} with nginx: nginx did not do this`]
    : [];
}

function reasons(checks: readonly CheckResult[], release: string): readonly string[] {
  return checks.flatMap((check) => {
    if (check.verdict === "unknown") return [check.reason];
    if (check.verdict !== "denied") return [];
    const names = [...new Set(check.conditions.flatMap(booleansOf))];
    const meant = names.filter((name) => !isNeverOffered(name));
    if (meant.length > 0) return [`${release} has booleans that would allow it: ${list(meant)}`];
    return names.length === 0
      ? [`no boolean of ${release} allows it`]
      : [`${list(names)} would allow it only as a side effect of something else: not meant for this`];
  });
}

/** The popular advice labels the port: not where a boolean is meant for the label that it has. */
function keepsLabel({ subject }: Refusal, fixes: readonly Fix[]): readonly string[] {
  if (bestLasting(fixes)?.id !== "boolean" || subject.port === null) return [];
  return [
    `port ${subject.port} needs no other label: the boolean is meant for ${subject.target}, the one that it has, and semanage port would change nothing for the better`,
  ];
}

function noModule({ subject }: Refusal): readonly string[] {
  const { target, cls, permissions } = subject;
  if (target === null || cls === null) return [];
  const reason = whyNoModule({ target, cls, permissions });
  return reason === null ? [] : [`no policy module: ${reason}`];
}
