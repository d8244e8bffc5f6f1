/** not-confined: SELinux refuses nothing to this nginx, or not as httpd_t; said once per configuration. */
import { cut, shortened } from "./message.ts";
import { releaseName, sentences } from "./phrases.ts";
import type { RuleContext } from "./context.ts";
import type { HostRule, HostVerdict } from "./rule.ts";

export const notConfined: HostRule = {
  judges: "host",
  id: "not-confined",
  title: "nginx that SELinux does not confine",
  severity: "information",

  judge(context: RuleContext): readonly HostVerdict[] {
    const message = whyNotConfined(context);
    if (message === null) return [];
    const { severity } = notConfined;
    const because = context.container === null ? [] : [context.container, UNSEEN, FOR_A_HOST];
    const verdict = { decision: null, severity, message: cut(message), oncePerUpstream: false, because, fixes: [] };
    return [{ place: null, verdict }];
  },
};

/** Null where nginx is confined as a web server. */
function whyNotConfined(context: RuleContext): string | null {
  const { policy, host, source, container } = context;
  const { mode } = policy.facts.info;
  const where = releaseName(policy.facts.info);
  if (mode === "disabled") return sentences(`SELinux is disabled on ${where}: nothing is refused there.`);
  if (container !== null) {
    return sentences(
      `This configuration is for nginx in a container: ${shortened(container, MOST_WHY)}.`,
      "SELinux's answers are not known there, so only its mounts are checked.",
    );
  }
  const nginx = host?.nginx;
  if (mode === "permissive") {
    return sentences(`SELinux is permissive on ${where}: what it would refuse is logged, and nothing is refused.`);
  }
  if (policy.facts.isPermissive(source)) {
    return sentences(`${source} is a permissive domain on ${where}: refusals are logged only.`);
  }
  if (nginx !== undefined && nginx.domain !== null && nginx.domain !== policy.facts.domain) {
    return sentences(
      `nginx runs in ${nginx.domain}, not in ${policy.facts.domain} (${shortened(nginx.how, MOST_WHY)}).`,
      `${nginx.domain} is the domain that is checked here.`,
    );
  }
  return null;
}

/** Characters of a reason in a message. */
const MOST_WHY = 110;

const UNSEEN = "the domain and the files of a container cannot be seen from the host";
const FOR_A_HOST = "--container no, or nginxSelinux.container set to no, checks it as one for a host";
