/** write-path: nginx makes or changes a file in a place whose label its domain may not write to. */
import type { Access } from "../nginx/access.ts";
import { fileKey, isFileAccess, judgeFile } from "./fileAccess.ts";
import type { Rule, RuleContext, Verdict } from "./rule.ts";

export const writePath: Rule = {
  id: "write-path",
  title: "File or directory that SELinux does not let nginx write",
  severity: "error",
  docs: {
    what: `nginx writes to a place whose SELinux label its domain, \`httpd_t\`, may not write to: logs (\`access_log\`, \`error_log\`), caches (\`proxy_cache_path\`), temporary files (\`client_body_temp_path\`, \`proxy_temp_path\`), stored responses (\`proxy_store\`), uploads (\`dav_methods\`), the pid file. What is opened at the start keeps nginx from starting: \`open() "/data/logs/access.log" failed (13: Permission denied)\`. What is written for a request ends in 500, a cut response or a lost log entry.`,
    why: `Each use is a set of permissions, and every one of them is asked:

- **Logs** are opened for appending: \`open\` and \`append\`, never \`write\`; and \`create\`, with \`write\` and \`add_name\` on the directory, when the file is not there yet. \`httpd_log_t\` allows that; \`var_log_t\` allows to append but not to open, so a log that root made in \`/var/log\` is refused, while one that nginx makes there itself is not.
- **Caches and temporary files** are made, written, renamed and removed, which needs the permissions on the directory too: \`httpd_cache_t\`, \`httpd_var_lib_t\`, \`httpd_tmp_t\`.
- **Uploads and stored responses** the same, in a place that is served as well: \`httpd_sys_rw_content_t\`. \`httpd_sys_content_t\` is read-only.

A new file gets the type of its directory, unless the policy has a transition: what \`httpd_t\` makes in \`var_log_t\` is \`httpd_log_t\`, in \`var_lib_t\` \`httpd_var_lib_t\`, in \`var_t\` \`httpd_cache_t\`, in \`tmp_t\` \`httpd_tmp_t\`. So a cache in \`/srv/cache\` works if nginx makes it, although \`/srv\` is for nobody.`,
    evidence: `The label of the path (on a live host the one on disk, otherwise the default label), the file transitions of the policy, and the allow rules for each permission. Where it is not known whether the file exists, it is reported only if both an existing and a new one are refused. Each fix was applied to a copy of the policy and the question asked again.`,
    verify: `\`\`\`sh
ls -dZ /data/cache                          # httpd_cache_t
sudo systemctl restart nginx                # a start by systemd, not "nginx -t": that runs unconfined
sudo ausearch -m avc -ts recent
\`\`\``,
    wrongAdvice: `- **"\`chmod 777\` the cache."** The mode is not what refuses.
- **"\`httpd_sys_rw_content_t\` for everything."** It works for a cache and for logs; it also lets every web application change its own logs. \`httpd_log_t\` can be appended to and not rewritten.
- **"\`setsebool -P httpd_unified on\`."** It lets \`httpd_t\` write to every web page of the host.
- **"\`chcon\` is enough."** Until the next relabel.`,
  },

  appliesTo: (access: Access) => isFileAccess(access) && access.kind !== "read",
  targetKey: (access: Access) => (isFileAccess(access) ? fileKey(access) : ""),
  judge(access: Access, context: RuleContext): Verdict | null {
    return isFileAccess(access) ? judgeFile(access, context, writePath.severity) : null;
  },
};
