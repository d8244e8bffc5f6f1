/** Candidates for permissions that no access of a configuration needs, and which of them no module may ever give. */
import { booleanCandidate } from "./boolean.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { moduleCandidate } from "./moduleCandidate.ts";
import { ALL_HOMES, booleansFor, booleansForFiles } from "./purpose.ts";

/** What was refused, as the kernel says it. */
export interface RefusedPermissions {
  readonly target: string;
  readonly cls: string;
  readonly permissions: readonly string[];
}

/** Booleans meant for a permission of the domain on itself: apache.te, httpd_selinux(8). */
const OWN_BOOLEANS: Readonly<Record<string, string>> = {
  "process execmem": "httpd_execmem",
  "process execstack": "httpd_execmem",
  "process setrlimit": "httpd_setrlimit",
};

/** What a socket of the domain's own needs next to being made. */
const OWN_SOCKET = ["create", "bind", "getattr", "read", "write", "setopt"];

/** The booleans meant for it, and a module where `whyNoModule` has nothing against it. */
export function permissionCandidates(context: FixContext, refused: RefusedPermissions): readonly Candidate[] {
  const { source } = context;
  const { target, cls, permissions } = refused;
  const own = permissions.flatMap((permission) => OWN_BOOLEANS[`${cls} ${permission}`] ?? []);
  const meant = permissions.includes("name_connect")
    ? booleansFor(target)
    : cls === "file" || cls === "dir"
      ? // Whether it lies in a home is not known, and the boolean opens every user's files.
        booleansForFiles(target).filter((name) => name !== ALL_HOMES)
      : [];
  const booleans = [...new Set([...own, ...meant])].map((name, index) =>
    booleanCandidate(context, name, index === 0 ? "boolean" : "boolean-wider", "purpose"),
  );
  if (whyNoModule(refused) !== null) return booleans;
  const wanted =
    target === source && cls.startsWith("netlink_") ? [...new Set([...permissions, ...OWN_SOCKET])] : permissions;
  const module = moduleCandidate(
    context,
    wanted.map((permission) => ({ target, cls, permission })),
    "module-wider",
    `Allow ${cls} ${wanted.join(" ")} on ${target === source ? "itself" : target} by a policy module`,
    `Everything that runs as ${source} may do it then, and on everything of that type.`,
  );
  return [...booleans, module];
}

/** Types of secrets and logins: whoever reads them owns the machine. */
const SECRETS =
  /^(?:shadow_t|passwd_file_t|sshd_key_t|ssh_home_t|gpg_secret_t|krb5_keytab_t|kerberos_\w*key\w*|auth_cache_t|security_t|selinux_config_t|semanage_store_t|policy_config_t|sudo_\w+|auditd_log_t|admin_home_t|dovecot_cert_t|mysqld_db_t|postgresql_db_t|container_ro_file_t|docker_var_run_t|container_var_run_t|device_t|fixed_disk_device_t|memory_device_t|kmsg_device_t)$/u;
/** Types of what was never labelled, or got the label of the place where it was made: the label is what is wrong. */
const GENERAL =
  /^(?:unlabeled_t|file_t|default_t|root_t|var_t|var_lib_t|var_run_t|var_log_t|var_spool_t|usr_t|etc_t|etc_runtime_t|mnt_t|home_root_t|user_home_dir_t|user_home_t|tmp_t|user_tmp_t|tmpfs_t|lib_t|bin_t|boot_t|init_exec_t|initrc_tmp_t|nfs_t|cifs_t|fusefs_t|public_content_t)$/u;

/** True for a type of secrets: no label and no rule gives it to a web server. */
export function isSecret(type: string): boolean {
  return SECRETS.test(type);
}

/** True for a type whose files keep their label: with one that nginx reads, it and others would read what they hold. */
export function keepsSecrets(type: string): boolean {
  // The administrator's own files are no credentials by their type alone.
  return type !== "admin_home_t" && isSecret(type);
}

/** Why no module may allow this; null where one may. */
export function whyNoModule({ target, cls, permissions }: RefusedPermissions): string | null {
  const isObject = !["process", "process2", "capability", "capability2"].includes(cls);
  if (SECRETS.test(target))
    return `${target} holds secrets or rules the machine: no web server may touch it, whatever asks for it`;
  if (isObject && GENERAL.test(target))
    return `${target} is a general label: a rule would open everything that has it. Relabel what nginx needs`;
  if (cls === "tcp_socket" || cls === "udp_socket") {
    if (/^(?:unreserved_port_t|reserved_port_t|hi_reserved_port_t|ephemeral_port_t|port_t|unlabeled_t)$/u.test(target))
      return `${target} is the label of thousands of ports. Label the one that nginx needs`;
    if (target === "ssh_port_t" && permissions.includes("name_bind")) return "port 22 is sshd's";
  }
  if (cls === "capability" && permissions.some((each) => each === "dac_override" || each === "dac_read_search"))
    return "the mode of the file refused root first: change its owner or mode, not the policy";
  if (
    cls === "capability" &&
    permissions.some(
      (each) =>
        each === "sys_admin" ||
        each === "sys_module" ||
        each === "sys_ptrace" ||
        each === "sys_rawio" ||
        each === "mac_admin" ||
        each === "mac_override",
    )
  )
    return "this capability is nearly all of root: no web server needs it";
  if (cls === "process" && permissions.some((each) => each === "execmem" || each === "setrlimit"))
    return "a boolean is meant for it, httpd_execmem or httpd_setrlimit";
  if (
    cls === "security" ||
    cls === "system" ||
    (cls === "process" &&
      permissions.some(
        (each) =>
          each === "ptrace" ||
          each === "dyntransition" ||
          each === "setcurrent" ||
          each === "execstack" ||
          each === "execheap",
      ))
  )
    return "it would let the web server leave its confinement";
  return null;
}
