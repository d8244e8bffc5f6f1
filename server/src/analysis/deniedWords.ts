/** Refusals in words: the object, who was refused what, and what else gives the same error. */
import type { NginxLine } from "../denials/denial.ts";
import { isBind, type Refusal } from "../denials/gather.ts";
import { quoteWord } from "../fixes/quote.ts";

/** The object with its label: `tcp port 8081 (transproxy_port_t)`. `target`: the label where the line has none. */
export function objectWords({ subject, denial }: Refusal, target: string | null): string {
  const { cls, port, path, name, protocol, permissions } = subject;
  const label = target === null ? "" : ` (${target})`;
  if (port !== null && protocol !== "unix") return `${protocol ?? "tcp or udp"} port ${port}${label}`;
  if (permissions.includes("name_connect") || permissions.includes("name_bind"))
    return `a port of type ${target ?? "unknown"}`;
  if (cls === "unix_stream_socket" || cls === "unix_dgram_socket")
    return `the service behind ${path === null ? "a unix socket" : shown(path)}${label}`;
  if (path !== null) return `${shown(path)}${label}`;
  if (name !== null && name !== "/") return `a ${OBJECTS[cls ?? ""] ?? "file"} named ${shown(name)}${label}`;
  if (name === "/") return `the root of a mounted file system${label}`;
  if (denial.kind === "nginx" && denial.resource !== null) return `${denial.resource} ${denial.value ?? ""}`.trim();
  if (denial.kind === "nginx" && denial.address !== null) return denial.address;
  if (cls === "process" || cls === "capability") return `${cls} ${permissions.join(" ")}`;
  return cls === null ? "an object" : `a ${OBJECTS[cls] ?? cls}${label}`;
}

const OBJECTS: Readonly<Record<string, string>> = {
  dir: "directory",
  sock_file: "socket",
  lnk_file: "symbolic link",
  file: "file",
};

/** What was refused: `nginx's connection`. */
export function actWords({ subject, denial }: Refusal): string {
  const { permissions, cls } = subject;
  if (denial.kind === "nginx")
    return CALLS[denial.call ?? ""] ?? (denial.call === null ? "access" : `${denial.call}()`);
  if (permissions.includes("name_connect")) return "connection";
  if (isBind(permissions)) return "listening";
  if (cls === "sock_file" || cls?.startsWith("unix_") === true) return "connection";
  if (permissions.includes("setrlimit")) return "change of its limits";
  if (permissions.includes("execmem")) return "memory that is writable and executable";
  return permissions.join(", ");
}

const CALLS: Readonly<Record<string, string>> = {
  connect: "connection",
  bind: "listening",
  setrlimit: "change of its limits",
  fopen: "open",
  index: "read",
};

/** Whose it was. */
export function whoWords({ subject }: Refusal): string {
  if (subject.nginx === true) return "nginx's";
  if (subject.process !== null) return `${shown(subject.process)}'s`;
  return subject.source === null ? "a" : `${subject.source}'s`;
}

/** Text from a log as one line without anything that drives a terminal. */
export function shown(text: string): string {
  return text
    .slice(0, 300)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (each) => `\\u{${(each.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Error numbers that are not SELinux's, and what gives them. */
const ERRORS: Readonly<Record<number, string>> = {
  2: "the file or socket does not exist",
  11: "the other end takes no more connections",
  20: "a directory above is no directory",
  24: "nginx has no file descriptor left: worker_rlimit_nofile or LimitNOFILE=",
  28: "the file system is full",
  98: "another process listens there: ss -ltnp tells which",
  99: "this host does not have that address",
  101: "no route leads there",
  104: "the other end closed the connection",
  110: "the other end did not answer in time",
  111: "nothing listens there: start the backend. That the answer was 111 shows that SELinux let the connection pass",
  113: "no route leads to that host",
};

/** Why an error number is not SELinux's; null for 13 and 1, and for a line without a number. */
export function otherError(errno: number | null): string | null {
  if (errno === null || errno === 13 || errno === 1) return null;
  return ERRORS[errno] ?? "SELinux gives 13 (or, for capabilities, 1)";
}

/** What else gives 13, beside SELinux, and the command that shows it. */
export function otherCauses(line: NginxLine | null, path: string | null, unprivileged: boolean): readonly string[] {
  if (unprivileged) return ["nginx said that it was not started by root: run the test as sudo nginx -t"];
  if (path !== null) {
    const quoted = quoteWord(path);
    const command = quoted.ok ? `: namei -l ${quoted.text}` : "";
    return [
      `the mode or the owner of the path, or of a directory above it, for the user that nginx runs as${command}`,
      "AppArmor (journalctl -k | grep apparmor), a mount option such as noexec, or systemd's ProtectHome= and ReadOnlyPaths= (systemctl cat nginx)",
    ];
  }
  if (line?.call === "bind")
    return ["a port below 1024 when nginx is not started by root: it needs CAP_NET_BIND_SERVICE"];
  return [
    "a packet filter that rejects (nft list ruleset), AppArmor, or RestrictAddressFamilies= and IPAddressDeny= of the unit (systemctl cat nginx)",
  ];
}
