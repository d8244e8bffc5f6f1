/** read-path: nginx reads a file, or what is in a directory, whose label its domain may not read. */
import type { Access } from "../nginx/access.ts";
import { fileKey, isFileAccess, judgeFile } from "./fileAccess.ts";
import type { Rule, RuleContext, Verdict } from "./rule.ts";

export const readPath: Rule = {
  id: "read-path",
  title: "File or directory that SELinux does not let nginx read",
  severity: "error",
  docs: {
    what: `nginx reads something whose SELinux label its domain, \`httpd_t\`, may not read: the files below \`root\` or \`alias\`, a directory that \`autoindex\` lists, certificates and keys, password files, included configuration, modules, Lua and njs code, style sheets. Owner and mode are right and \`nginx -t\` as root passes. What is read at the start keeps nginx from starting; what is read for a request ends in 403, 500 or a failed handshake. The error log says \`open() "/data/www/index.html" failed (13: Permission denied)\`.`,
    why: `Every file has a label. \`httpd_t\` may read what is meant for web servers (\`httpd_sys_content_t\`, \`httpd_config_t\`, \`cert_t\`, \`public_content_t\`) and much that is general (\`etc_t\`, \`usr_t\` in \`/opt\`, \`var_lib_t\`), but not files in places without a purpose: \`/srv\` (\`var_t\`; \`/srv/www\` is fine), \`/data\` and other directories in the root (\`default_t\`), \`/mnt\`, \`/tmp\`, homes.

Reading is more than one permission: \`open\`, \`read\` and \`getattr\` on the file, \`search\` on every directory above it, and \`open\` and \`read\` on a directory that is listed. There are hundreds of types that \`httpd_t\` may read from an open file but may not open.

Files in homes need a boolean, \`httpd_read_user_content\`; \`public_html\` needs \`httpd_enable_homedirs\`. What lies on a network or FUSE file system has one label as a whole and needs \`httpd_use_nfs\`, \`httpd_use_cifs\` or \`httpd_use_fusefs\`; which file system a path is on is known on a live host only.

A file that was moved with \`mv\` keeps the label of the place it came from: a key that was uploaded to a home and moved to \`/etc/pki/tls\` has \`user_home_t\`. There \`restorecon\` alone is the fix; nothing else has to change.`,
    evidence: `The label: on a live host the one on disk, otherwise the default label from file_contexts (of a bundled release: right nearly always, never certain; then this is a warning). The allow rules for each permission. Where variables leave the rest of a path open, it is reported only if everything below the static part is refused alike. Each fix was applied to a copy of the policy and the question asked again.`,
    verify: `\`\`\`sh
ls -Z /data/www                             # the label of the files
matchpathcon /data/www                      # the label that they should have
sudo ausearch -m avc -ts recent | grep 'tclass=file'
curl -i http://localhost/                   # no 403
\`\`\``,
    wrongAdvice: `- **"\`chmod -R 777\`."** The mode is not what refuses; SELinux is asked after it.
- **"\`chcon -R -t httpd_sys_content_t /data/www\`."** Works until the next relabel. \`semanage fcontext\` and \`restorecon\` last.
- **"Label \`/home\` for the web server."** Every program that uses homes then fails. Turn on \`httpd_read_user_content\`, or move the site to \`/var/www\`.
- **"\`semanage fcontext\` fixes a moved key."** The policy is right already; \`restorecon -v\` on the file is enough.
- **"\`setenforce 0\`."** Shows that SELinux is the cause and fixes nothing.`,
  },

  appliesTo: (access: Access) => isFileAccess(access) && access.kind === "read",
  targetKey: (access: Access) => (isFileAccess(access) ? fileKey(access) : ""),
  judge(access: Access, context: RuleContext): Verdict | null {
    return isFileAccess(access) ? judgeFile(access, context, readPath.severity) : null;
  },
};
