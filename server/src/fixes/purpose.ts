/**
 * What each boolean is meant for. Which booleans would open a port is a question for the policy; which of them may be
 * suggested is a matter of purpose, and lives in this table alone. A boolean that is not here is never offered.
 */
import type { FileUse } from "../selinux/filePermissions.ts";
import type { Protocol } from "../selinux/policy.ts";

/** The booleans meant for what nginx does with a type of ports or files, the one to offer first in front. */
interface Purpose {
  readonly types: readonly string[];
  readonly booleans: readonly string[];
  /** Where the purpose is stated: tunable descriptions of selinux-policy's apache module, httpd_selinux(8). */
  readonly source: string;
}

/** The label for ports of web servers and of the backends that they relay to. */
export const WEB_PORT_TYPE = "http_port_t";

const CACHE_PORT_TYPE = "http_cache_port_t";

/** Ports of web servers and of their caches. */
export const WEB_PORT_TYPES: readonly string[] = [WEB_PORT_TYPE, CACHE_PORT_TYPE];

/** The label for the run files of a web server; real in every release (aliases phpfpm_var_run_t, httpd_fastcgi_var_run_t). */
export const WEB_SOCKET_TYPE = "httpd_var_run_t";

/** The label of programs that start in the web server's domain. apache.te: `init_daemon_domain(httpd_t, httpd_exec_t)`. */
export const WEB_PROGRAM_TYPE = "httpd_exec_t";

/** Opens `http_port_t` and nothing else. apache.te: "Allow HTTPD to connect to port 80 for graceful shutdown". */
export const GRACEFUL = "httpd_graceful_shutdown";

/** apache.te: "Allow httpd to act as a relay": web, cache and ftp ports and the ephemeral range. */
export const RELAY = "httpd_can_network_relay";

/** apache.te: "Allow HTTPD scripts and modules to connect to the network using TCP": every port type. */
export const CONNECT_ANY = "httpd_can_network_connect";

/** The boolean that opens the files of all homes. apache.te: "Allow httpd to read user content". */
export const ALL_HOMES = "httpd_read_user_content";

export const PORT_PURPOSES: readonly Purpose[] = [
  {
    types: [WEB_PORT_TYPE],
    booleans: [GRACEFUL, RELAY],
    source: "apache.te, httpd_graceful_shutdown, httpd_can_network_relay",
  },
  {
    types: ["http_cache_port_t", "squid_port_t", "gopher_port_t"],
    booleans: [RELAY],
    source: "apache.te, httpd_can_network_relay",
  },
  { types: ["ftp_port_t"], booleans: ["httpd_can_connect_ftp", RELAY], source: "apache.te, httpd_can_connect_ftp" },
  {
    types: ["memcache_port_t"],
    booleans: ["httpd_can_network_memcache", RELAY],
    source: "apache.te, httpd_can_network_memcache",
  },
  { types: ["redis_port_t"], booleans: ["httpd_can_network_redis"], source: "apache.te, httpd_can_network_redis" },
  {
    types: ["mysqld_port_t", "postgresql_port_t", "mssql_port_t", "oracle_port_t", "mongod_port_t", "gds_db_port_t"],
    booleans: ["httpd_can_network_connect_db"],
    source: "apache.te, httpd_can_network_connect_db",
  },
  { types: ["ldap_port_t"], booleans: ["httpd_can_connect_ldap"], source: "apache.te, httpd_can_connect_ldap" },
  { types: ["smtp_port_t", "pop_port_t"], booleans: ["httpd_can_sendmail"], source: "apache.te, httpd_can_sendmail" },
  { types: ["zabbix_port_t"], booleans: ["httpd_can_connect_zabbix"], source: "apache.te, httpd_can_connect_zabbix" },
  { types: ["mythtv_port_t"], booleans: ["httpd_can_connect_mythtv"], source: "apache.te, httpd_can_connect_mythtv" },
  {
    types: ["cobbler_port_t"],
    booleans: ["httpd_can_network_connect_cobbler"],
    source: "apache.te, httpd_can_network_connect_cobbler",
  },
];

/**
 * Types of ports that a confined daemon of the distributions listens on, beside those of the table above: its domain may
 * bind to this type and no other, so a port of it that gets another label is lost to the daemon, and the daemon is likely
 * to be the backend. Not here are types that are only old names of ports (ntop, commplex, soundd, transproxy, websm).
 * corenetwork.te and the modules of the daemons.
 */
const DAEMON_PORT_TYPES: ReadonlySet<string> = new Set(
  (
    "amqp rabbitmq couchdb epmd zookeeper_client zookeeper_election zookeeper_leader mysqlmanagerd ovsdb gluster " +
    "dns dnssec rndc ntp kerberos kerberos_admin kerberos_password radius radacct tangd keylime " +
    "lmtp sieve cyrus_imapd milter spamd clamd amavisd_recv amavisd_send postgrey postfix_policyd dcc razor pyzor " +
    "syslogd syslog_tls journal_remote statsd collectd snmp agentx munin zabbix_agent nsca audit " +
    "smbd nmbd nfs mountd portmap rsync svn git cvs iscsi ipp tftp ftp_data dhcpd " +
    "jabber_client jabber_interserver prosody ircd innd sip asterisk rtsp mpd varnishd puppet salt openvpn virt " +
    "keystone neutron bacula amanda"
  )
    .split(" ")
    .map((name) => `${name}_port_t`),
);

/** True for a type of ports that a daemon needs as they are: over UDP also those of caches, which speak ICP there. */
export function isDaemonPortType(type: string, protocol: Protocol): boolean {
  if (DAEMON_PORT_TYPES.has(type) || (protocol === "udp" && type === CACHE_PORT_TYPE)) return true;
  return !WEB_PORT_TYPES.includes(type) && PORT_PURPOSES.some(({ types }) => types.includes(type));
}

/**
 * Booleans that open ports as a side effect of something else. None of them is in the table above; they are listed so
 * that a test can hold it, and so that a decision that rests on one of them can be told from one that is meant.
 */
const NEVER_OFFERED: readonly (string | RegExp)[] = [
  "nis_enabled",
  "kerberos_enabled",
  /^authlogin_/u,
  /^daemons_/u,
  "httpd_use_openstack",
  "httpd_use_opencryptoki",
  /^httpd_run_/u,
  "httpd_verify_dns",
  "httpd_enable_ftp_server",
  "httpd_use_sasl",
  "httpd_manage_ipa",
];

/** Types of ports that no service claims: initial SIDs and the catch-all ranges of corenetwork.te. */
export const UNCLAIMED_PORT_TYPES: readonly string[] = [
  "port_t",
  "reserved_port_t",
  "hi_reserved_port_t",
  "unreserved_port_t",
  "ephemeral_port_t",
];

/** Ports whose loss locks the administrator out: sshd may bind to no other type, and would not come back after a restart. */
export const NEVER_RELABELLED_PORT_TYPES: readonly string[] = ["ssh_port_t"];

/**
 * Types of directories that belong to no other confined service, so that giving the directory to the web server takes
 * it from no service. A directory of another type (redis_var_run_t, mysqld_db_t) belongs to one.
 */
export const SHARED_DIRECTORY_TYPES: readonly string[] = [
  "var_run_t",
  "var_t",
  "var_lib_t",
  "var_spool_t",
  "default_t",
  // A directory made in /, where the policy has no transition for that: Debian's.
  "root_t",
  "usr_t",
  "httpd_cache_t",
  "httpd_var_lib_t",
  "httpd_sys_content_t",
];

/** True for a boolean that must never be suggested, whatever it would open. */
export function isNeverOffered(boolean: string): boolean {
  return NEVER_OFFERED.some((entry) => (typeof entry === "string" ? entry === boolean : entry.test(boolean)));
}

/** The booleans meant for a port type, best first; empty for a type that no boolean of the web server is meant for. */
export function booleansFor(portType: string): readonly string[] {
  return PORT_PURPOSES.find((purpose) => purpose.types.includes(portType))?.booleans ?? [];
}

/** The label meant for what nginx does with a file, where it is given to a directory or file of the application's own. */
export const FILE_LABELS: Readonly<Record<FileUse, string>> = {
  config: "httpd_config_t",
  include: "httpd_config_t",
  certificate: "cert_t",
  code: "httpd_sys_content_t",
  content: "httpd_sys_content_t",
  listing: "httpd_sys_content_t",
  module: "httpd_modules_t",
  program: "bin_t",
  log: "httpd_log_t",
  cache: "httpd_cache_t",
  "cache-moved": "httpd_cache_t",
  temp: "httpd_cache_t",
  store: "httpd_sys_rw_content_t",
  "store-moved": "httpd_sys_rw_content_t",
  dav: "httpd_sys_rw_content_t",
  "dav-moved": "httpd_sys_rw_content_t",
  chdir: "httpd_sys_rw_content_t",
  pid: "httpd_var_run_t",
};

/** Booleans meant for files of a type, the one to offer first in front: apache.te, httpd_selinux(8). */
const FILE_PURPOSES: readonly Purpose[] = [
  { types: ["user_home_t"], booleans: [ALL_HOMES], source: "apache.te, httpd_read_user_content" },
  {
    types: ["httpd_user_content_t", "httpd_user_htaccess_t", "httpd_user_rw_content_t", "user_home_dir_t"],
    booleans: ["httpd_enable_homedirs"],
    source: "apache.te, httpd_enable_homedirs",
  },
  { types: ["nfs_t"], booleans: ["httpd_use_nfs"], source: "apache.te, httpd_use_nfs" },
  { types: ["cifs_t"], booleans: ["httpd_use_cifs"], source: "apache.te, httpd_use_cifs" },
  { types: ["fusefs_t"], booleans: ["httpd_use_fusefs"], source: "apache.te, httpd_use_fusefs" },
  { types: ["public_content_rw_t"], booleans: ["httpd_anon_write"], source: "apache.te, httpd_anon_write" },
];

/** Ends of type names that say whose object it is: `samba_share_t`, `container_var_run_t`, `git_content_t`. */
const OWNED =
  /^([a-z0-9]+(?:_[a-z0-9]+)*?)_(?:var_run|runtime|var_lib|log|var_log|content|share|data|db|cache|spool|rw)_t$/u;

/** Beginnings of such types that belong to no service, or hold secrets and logins that a web server must not see. */
const NOT_A_SERVICE =
  /^(?:var|usr|user|staff|sysadm|admin|root|home|default|httpd|public|auth|shadow|passwd|sssd|selinux|semanage|krb5|kerberos|kadmin|gpg|ssh|security|audit|auditd|pam|faillog|lastlog|wtmp|system|systemd|udev|init|rpm|policy|keys?)(?:_|$)/u;

/** True for the type of a service's own files or sockets, for which an allow rule is narrow and a relabel is not. */
export function isServiceType(type: string): boolean {
  const owner = OWNED.exec(type)?.[1];
  return owner !== undefined && !NOT_A_SERVICE.test(owner);
}

/** Sockets through which a machine is run: whoever reaches them is root, so they stay where only root lets others in. */
const CONTROL_SOCKET = /\/(?:docker|podman|containerd|crio|libvirt|dbus|systemd)(?:[./-]|$)/u;

/** True for the socket of a container engine and the like, which must not be moved or opened to every user over TCP. */
export function isControlSocket(path: string): boolean {
  return CONTROL_SOCKET.test(path);
}

/** Types of whole file systems, which keep no labels of their own (`genfscon`, `fs_use`): restorecon changes nothing there. */
export const FILE_SYSTEM_TYPES: readonly string[] = ["nfs_t", "cifs_t", "fusefs_t"];

/** apache.te: "Allow httpd daemon to change its resource limits". */
export const SET_LIMIT = "httpd_setrlimit";

/** The booleans meant for files of a type; empty where none is. */
export function booleansForFiles(type: string): readonly string[] {
  return FILE_PURPOSES.find((purpose) => purpose.types.includes(type))?.booleans ?? [];
}
