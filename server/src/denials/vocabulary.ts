/** Words of audit records: they tell a wrapped line from another one, and a cut word from a whole one. */

/** Keys of AVC records and of the records that come with them, which a wrapped line may begin with. */
const keys = new Set(
  (
    "type msg node pid spid tpid uid auid ses subj comm exe path name dev ino dest src saddr daddr laddr lport faddr " +
    "fport netif capability ioctlcmd scontext tcontext tclass permissive srawcon trawcon result arch syscall success " +
    "exit a0 a1 a2 a3 items ppid gid euid suid fsuid egid sgid fsgid tty key cwd item inode mode ouid ogid rdev obj " +
    "objtype nametype cap_fp cap_fi cap_fe cap_fver cap_frootid proctitle sauid hostname addr terminal res lsm fn " +
    "action subject object requested apparmor operation profile requested_mask denied_mask interface member " +
    "saddr_fam msgtype"
  ).split(" "),
);

/** Object classes that nginx's domain meets; a `tclass=` that is none of them may be cut. */
const classes = new Set(
  (
    "file dir lnk_file chr_file blk_file sock_file fifo_file filesystem fd anon_inode process process2 capability " +
    "capability2 cap_userns tcp_socket udp_socket rawip_socket icmp_socket sctp_socket dccp_socket packet_socket " +
    "unix_stream_socket unix_dgram_socket netlink_route_socket netlink_netfilter_socket netlink_socket " +
    "netlink_selinux_socket netlink_audit_socket netlink_kobject_uevent_socket netlink_generic_socket key_socket " +
    "alg_socket socket vsock_socket packet node netif peer association key sem shm msg msgq ipc system security " +
    "service dbus passwd bpf perf_event io_uring user_namespace lockdown nscd x_drawable binder kernel_service"
  ).split(" "),
);

/** Words that a record or a message has outside of its values. */
const words = new Set(
  (
    "avc: denied granted { } for msg= failed (13: (1: Permission denied) permitted) Operation not is forbidden while " +
    "connecting reading sending to upstream upstream, client: server: request: upstream: host: referrer: subrequest: " +
    "from access on the port SELinux preventing name_connect name_bind connectto open read write getattr search " +
    "append create unlink execute execmem setrlimit setting logging resolving returning SSL handshaking in audit AVC " +
    'HTTP/1.1" HTTP/1.0" HTTP/2.0" failed'
  ).split(" "),
);

/** True for a class that is whole, not cut. */
export function isClass(name: string): boolean {
  return classes.has(name);
}

/** The key that a word begins with, `dest` of `dest=80`; null where it begins with none. */
export function keyOf(word: string): string | null {
  const equals = word.indexOf("=");
  const key = equals > 0 && equals <= 16 ? word.slice(0, equals) : "";
  return keys.has(key) ? key : null;
}

/** True where some word of a line begins with a key of audit records. */
export function hasKey(text: string): boolean {
  for (let at = text.indexOf("="); at >= 0; at = text.indexOf("=", at + 1)) {
    let start = at;
    while (start > 0 && at - start <= 16 && isWordCharacter(text.charCodeAt(start - 1))) start--;
    const before = start === 0 ? 32 : text.charCodeAt(start - 1);
    if ((before === 32 || before === 9) && keys.has(text.slice(start, at))) return true;
  }
  return false;
}

function isWordCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95;
}

/** True for a word that stands for itself: a key with its value, a word of the messages, a call. */
export function isKnownWord(word: string): boolean {
  return keyOf(word) !== null || words.has(word) || /^[a-z_]{3,20}\(\)?$/u.test(word);
}
