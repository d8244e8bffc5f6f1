/** not-confined: SELinux refuses nothing to this nginx, or not as httpd_t; said once per configuration. */
import { releaseName, sentences } from "./phrases.ts";
import type { HostRule, RuleContext } from "./rule.ts";

export const notConfined: HostRule = {
  id: "not-confined",
  title: "nginx that SELinux does not confine",
  severity: "information",
  docs: {
    what: `Nothing of this configuration will be refused on this host at present, or not by the rules for web servers: SELinux is disabled or permissive, nginx's domain is permissive, nginx runs in another domain, or the configuration is for an nginx in a container.`,
    why: `SELinux decides by the domain of the process. \`/usr/sbin/nginx\` is labelled \`httpd_exec_t\`, and systemd starts it as \`httpd_t\`. An nginx in \`/usr/local\` or \`/opt\` is labelled \`bin_t\` or \`usr_t\` and runs as \`unconfined_service_t\`, to which nothing is refused. One in a container is \`container_t\`: it sees the container's files, and the host's port labels and booleans for web servers do not concern it.

In permissive mode, and for a permissive domain, refusals are logged and not enforced. What would be refused is then still reported, as information. For a container nothing else is reported: the host's labels say nothing of its files. Where that is wrong, \`nginxSelinux.container\` (\`--container\` on the command line) set to \`no\` checks the configuration as for a host, and \`yes\` says that it is for a container where nothing shows it.`,
    evidence: `\`/sys/fs/selinux/enforce\` for the mode; \`/proc/<pid>/attr/current\` of the running master process for the domain; where no nginx runs, the label of its program and the transition that the policy has for it. A container that runs is recognised by its domain or its control group. In a workspace a file near the configuration must name exactly this configuration: a Dockerfile or Containerfile that copies it, or a compose file or quadlet that mounts it, to where nginx reads it. An application's Dockerfile beside it is no sign.`,
    verify: `\`\`\`sh
getenforce
ps -eZ | grep 'nginx: master'
ls -Z "$(command -v nginx)"
\`\`\``,
    wrongAdvice: `- **"\`setenforce 0\` solved it."** It switched the protection off for everything, until the next boot. The findings here say what has to be done to switch it on again.
- **"\`semanage permissive -a httpd_t\`."** The same for the web server alone, and for good.
- **"Label \`/usr/local/nginx/sbin/nginx\` as \`bin_t\`."** That is how it escapes confinement. \`httpd_exec_t\` confines it, and \`restorecon\` needs a file context for that.`,
  },

  judgeHost(context: RuleContext): string | null {
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
  },
};
