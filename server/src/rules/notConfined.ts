/** not-confined: SELinux refuses nothing to this nginx, or not as httpd_t; said once per configuration. */
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
    const verdict = { decision: null, severity, message, oncePerUpstream: false, because: [], fixes: [] };
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
      `This configuration is for nginx in a container: ${container}.`,
      "SELinux judges it by the container's domain and files, which cannot be seen from the host: nothing else is checked.",
      "If it is for a host after all, set nginxSelinux.container to no, or give --container no.",
    );
  }
  const nginx = host?.nginx;
  if (mode === "permissive") {
    return sentences(`SELinux is permissive on ${where}: what it would refuse is logged, and nothing is refused.`);
  }
  if (policy.facts.isPermissive(source)) {
    return sentences(`${source} is a permissive domain on ${where}: what is refused to it is logged only.`);
  }
  if (nginx !== undefined && nginx.domain !== null && nginx.domain !== policy.facts.domain) {
    return sentences(
      `nginx is not in ${policy.facts.domain}, the domain of web servers, but in ${nginx.domain} (${nginx.how}).`,
      "The rules for web servers do not hold for it; it is judged by what that domain may do.",
    );
  }
  return null;
}
