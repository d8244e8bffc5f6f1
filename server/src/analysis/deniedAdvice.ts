/** Advice that is no change of the policy: where a file is found, what to set in nginx or in the unit. */
import type { Refusal } from "../denials/gather.ts";
import { ALL_HOMES, booleansForFiles } from "../fixes/purpose.ts";
import { isInHome } from "./deniedFixes.ts";
import { isSecret } from "../fixes/permissions.ts";
import { quoteWord } from "../fixes/quote.ts";
import type { Access } from "../nginx/access.ts";
import type { RuleContext } from "../rules/context.ts";

/** Sentences for a record of the kernel, the most useful first. */
export function adviceFor(refusal: Refusal, place: Access | null, context: RuleContext): readonly string[] {
  const { subject, denial } = refusal;
  const { cls, permissions, target, path } = subject;
  const more: string[] = [];
  if (permissions.includes("execmem"))
    more.push(
      subject.nginx === false
        ? `a just-in-time compiler of ${subject.process ?? "the program"} asks for it (php: pcre.jit=0, opcache.jit=off): turn that off before the boolean, sudo setsebool -P httpd_execmem on`
        : "a just-in-time compiler asks for it: set pcre_jit off; in nginx.conf (or rebuild ModSecurity or LuaJIT without it) before the boolean, sudo setsebool -P httpd_execmem on",
    );
  if (cls === "capability" && permissions.some((each) => each.startsWith("dac_"))) more.push(dacAdvice(refusal));
  if (cls === "capability" && permissions.includes("sys_resource"))
    more.push(
      "LimitNOFILE= in a drop-in for nginx.service sets the limit before nginx starts, and needs nothing of SELinux",
    );
  if (cls?.startsWith("netlink_") === true)
    more.push("a third-party module (ipset and the like) opens this socket: nginx itself does not");
  if (permissions.includes("ioctl") && /^(?:0x)?5401$/u.test(denial.kind === "avc" ? (denial.ioctlcmd ?? "") : ""))
    more.push("ioctl 0x5401 asks whether a file is a terminal: harmless, and nothing of nginx needs it. Leave it");
  if (subject.source === "init_t" && subject.nginx === true)
    more.push(
      `systemd may not execute an nginx that is labelled ${target ?? "so"}, as one that was copied from a home is: sudo restorecon -v on the binary (a build in /usr/local/nginx/sbin becomes bin_t)`,
    );
  if (cls === "sock_file" || (cls === "unix_stream_socket" && permissions.includes("connectto")))
    more.push(
      "a socket belongs in a directory of its own, /run/<app>/ (RuntimeDirectory=<app> in the unit), labelled httpd_var_run_t; or let the backend listen on a TCP port",
    );
  if (target !== null && /^(?:user_tmp_t|tmp_t)$/u.test(target) && cls === "sock_file")
    more.push("nginx.service has PrivateTmp=true and sees no socket in /tmp, whatever its label");
  const [boolean] = target === null || (cls !== "dir" && cls !== "file") ? [] : booleansForFiles(target);
  if (boolean === ALL_HOMES) more.push(homeAdvice(path, target ?? ""));
  else if (boolean !== undefined && cls === "dir")
    more.push(
      `a directory of type ${target} needs the boolean that is meant for its contents: sudo setsebool -P ${boolean} on`,
    );
  if (target === "samba_share_t") more.push("public_content_t is the label for files that Samba and nginx both serve");
  if (target === "fusefs_t" || target === "nfs_t" || target === "cifs_t")
    more.push(`files on this file system have one label, ${target}: restorecon changes nothing there`);
  if (path === null && (cls === "file" || cls === "dir" || cls === "sock_file") && place === null)
    more.push(...findIt(refusal, target !== null && isSecret(target)));
  if (subject.source !== null && subject.source !== context.source && subject.nginx !== true)
    more.push(`${subject.source} is the domain of another program: nothing of nginx's configuration changes it`);
  if (denial.kind === "summary")
    more.push(
      "this form does not say what was refused: run sudo ausearch -m avc -ts recent -i, or --raw, and give its text",
    );
  return more;
}

/** Content with the label of homes: moved from one, or in one. */
function homeAdvice(path: string | null, target: string): string {
  const inHome =
    "content in a home: label its one directory httpd_sys_content_t; sudo setsebool -P httpd_read_user_content on would open every user's files, ~/.ssh included";
  if (path === null)
    return `${target} outside of a home was brought along by mv: restorecon gives it its own label; ${inHome}`;
  return isInHome(path)
    ? inHome
    : `${target} outside of a home was brought along by mv, and the boolean for homes is not meant for it`;
}

/** How to find an object whose record has no path. */
function findIt({ denial, subject }: Refusal, secret: boolean): readonly string[] {
  if (denial.kind !== "avc") return [];
  if (secret)
    return [
      "find out what makes nginx ask for it (a link in a document root, a path in a configuration), and end that",
    ];
  const { ino, dev } = denial;
  const told = "the record has no whole path";
  if (ino !== null && ino > 1)
    return [
      `${told}: sudo find / -xdev -inum ${ino} finds it${dev === null ? "" : ` on ${dev.replace(/[^\w./:-]/gu, "")}`}`,
      RELABEL,
    ];
  return subject.name === null || subject.name === "/" ? [] : [told, RELABEL];
}

const RELABEL =
  "then sudo restorecon -v PATH gives it its default label; content of your own gets httpd_sys_content_t with sudo semanage fcontext -a -t httpd_sys_content_t 'DIRECTORY(/.*)?' and sudo restorecon -Rv DIRECTORY";

function dacAdvice({ denial }: Refusal): string {
  const path = denial.kind === "avc" ? denial.event.path : null;
  const quoted = path === null ? null : quoteWord(path);
  const where =
    quoted?.ok === true
      ? ` ${quoted.text} (namei -l ${quoted.text})`
      : " the file that nginx's master opens (namei -l PATH)";
  return `Unix permissions refused root first: chown root: or chmod${where}, so that its owner or group bits allow it. Never allow this capability`;
}
