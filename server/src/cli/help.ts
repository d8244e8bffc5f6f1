/** The text of `--help`. */
export const helpText = `nginx-selinux - what SELinux will refuse when nginx loads its configuration, and the commands that make it work

nginx-selinux check [FILE]        the main file, default /etc/nginx/nginx.conf
  --policy auto|live|rhel7|rhel8|rhel9|rhel10|fedora|PATH
                                  the policy that decides. live: that of this host, without root. PATH: a snapshot,
                                  a policy.NN, or a directory laid out like /etc/selinux/targeted. auto (default):
                                  live where SELinux is, else nginx-selinux.snapshot.json beside FILE or above it,
                                  else the release of this machine, else rhel9
  --boolean NAME=on|off           what if; repeatable
  --domain TYPE                   nginx's domain; default: as on the live host, else httpd_t
  --root DIR                      DIR is a copy of another machine's /
  --container auto|yes|no         whether FILE is for nginx in a container, of which the host's policy says nothing.
                                  auto (default): where a Dockerfile, compose file or quadlet near FILE copies or
                                  mounts it, or the only nginx of the live host runs in one
  --all                           list allowed and unknown accesses too
  --fail-on error|warning|information|hint
                                  exit 1 for findings at or above this (default error)
  --format text|json|sarif|github
  --format script|ansible|cil     every fix of the configuration at once: as a shell script with an
                                  undo, as an Ansible playbook, or as one policy module
  --max-file-size MB              larger files are not read (default 256)
nginx-selinux explain TARGET      tcp/3000 | udp/443 | unix:/run/x.sock
  --policy, --boolean, --domain, --root as above; --format text|json
nginx-selinux snapshot [-o F]     the policy of this host as a snapshot, to commit beside a configuration; F is
                                  overwritten only where it is a snapshot
  --policy, --domain, --root as above; the default is --policy live
nginx-selinux parse FILE          the syntax tree as JSON
  --encoding utf8|latin1          latin1: a code point for each byte
nginx-selinux lsp --stdio         the language server, for any editor
nginx-selinux --help | --version

Exit code: 0 clean, 1 findings, 2 could not run (the reason is on standard error).
`;
