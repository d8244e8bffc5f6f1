/** nginx-syntax: nginx itself refuses the configuration. Its findings are made from the problems that parsing met. */
import type { RuleInfo } from "./rule.ts";

export const nginxSyntax: RuleInfo = {
  id: "nginx-syntax",
  title: "Configuration that nginx refuses",
  severity: "error",
  docs: {
    what: `nginx cannot load this configuration, so there is nothing for SELinux to refuse yet. The message is nginx's own, with the line that nginx would report: where it read the end of the statement, which for a missing \`;\` is a line or more below the mistake.`,
    why: `Reported are mistakes of the language itself (an unexpected \`}\`, a quote that is not closed, a word or comment that is too long), includes that are missing or cannot be read, and addresses that nginx rejects (\`no port in upstream\`, \`invalid port\`, an \`upstream\` that is named with a port). Unknown directives and wrong numbers of arguments are not reported: they depend on the modules that are built in.

nginx stops at the first such mistake. The rest of the file is still read here as well as it can be, so that its findings do not go away while you type.`,
    evidence: `The bytes of the file, read as nginx reads them (\`ngx_conf_read_token\`, \`ngx_parse_url\`).`,
    verify: `\`\`\`sh
sudo nginx -t
\`\`\``,
    wrongAdvice: `- **"\`nginx -t\` passes, so the service will start."** It proves the syntax. It runs unconfined, so it proves nothing about SELinux.`,
  },
};
