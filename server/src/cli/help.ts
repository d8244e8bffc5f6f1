/** The text of `--help`. */
export const helpText = `nginx-selinux - what SELinux will refuse when nginx loads its configuration, and the commands that make it work

nginx-selinux check [FILE]        the main file, default /etc/nginx/nginx.conf
  --policy auto|rhel7|rhel8|rhel9|rhel10|fedora|PATH
                                  the policy that decides; PATH: a snapshot.
                                  auto (default): the release of this machine, else rhel9
  --boolean NAME=on|off           what if; repeatable
  --domain TYPE                   nginx's domain, default httpd_t
  --root DIR                      DIR is a copy of another machine's /
  --all                           list allowed and unknown accesses too
  --fail-on error|warning|information|hint
                                  exit 1 for findings at or above this (default error)
  --format text|json
  --max-file-size MB              larger files are not read (default 256)
nginx-selinux explain TARGET      tcp/3000 | udp/443 | unix:/run/x.sock
  --policy, --boolean, --domain, --root, --format as above
nginx-selinux parse FILE          the syntax tree as JSON
  --encoding utf8|latin1          latin1: a code point for each byte
nginx-selinux lsp --stdio         the language server, for any editor
nginx-selinux --help | --version

Exit code: 0 clean, 1 findings, 2 could not run (the reason is on standard error).
`;
