/** Files that nginx itself reads, makes and writes: certificates, logs, caches. */
import type { Kind, Situation } from "./situation.ts";

/** nginx and a certificate, at this path without `.crt`. */
function certificate(name: string, path: string, more: Partial<Situation>): Situation {
  return {
    name,
    site: { listen: "443 ssl", server: `ssl_certificate ${path}.crt; ssl_certificate_key ${path}.key; return 200;` },
    url: "-k https://127.0.0.1/",
    ...more,
  };
}

/** Copies the certificate that was made for this run. */
const make = (path: string): string =>
  `mkdir -p "$(dirname ${path})"; cp /opt/tls.crt ${path}.crt; cp /opt/tls.key ${path}.key`;

/** A server of nginx's own which every other may talk to. */
const OWN = "server { listen unix:/run/own.sock; location / { return 200; } }";
const TO_OWN = "proxy_pass http://unix:/run/own.sock;";

export const files: Kind = {
  name: "files of nginx itself",
  situations: [
    certificate("a certificate in /root", "/root/tls/site", {
      files: make("/root/tls/site"),
      ends: "rm -rf /root/tls",
      hidden: "an ordinary user may not look below /root",
    }),
    certificate("a certificate in a home", "/home/visitor/tls/site", {
      files: `${make("/home/visitor/tls/site")}; chmod 755 /home/visitor; restorecon -R /home/visitor`,
      ends: "rm -rf /home/visitor/tls; chmod 700 /home/visitor",
    }),
    certificate("a certificate that was moved from a home", "/etc/ssl/moved", {
      files: `${make("/home/visitor/moved")}; restorecon /home/visitor/moved.*
        mkdir -p /etc/ssl; restorecon /etc/ssl
        mv /home/visitor/moved.crt /home/visitor/moved.key /etc/ssl/`,
      ends: "rm -f /etc/ssl/moved.*",
      staysFixed: "the labels before a restorecon are gone",
    }),
    certificate("a certificate that was copied into /etc/ssl", "/etc/ssl/copied", {
      files: `mkdir -p /etc/ssl; restorecon /etc/ssl; ${make("/etc/ssl/copied")}`,
      ends: "rm -f /etc/ssl/copied.*",
    }),
    {
      name: "a file of passwords that was moved from /root",
      files: `echo 'guest:{PLAIN}guest' >/root/passwords; chmod 644 /root/passwords
        mv /root/passwords /etc/nginx/passwords`,
      ends: "rm /etc/nginx/passwords",
      site: { server: "auth_basic guests; auth_basic_user_file /etc/nginx/passwords; root /var/www/html;" },
      url: "http://guest:guest@127.0.0.1/index.nginx-debian.html",
      staysFixed: "the labels before a restorecon are gone",
    },
    {
      name: "an access log in /srv",
      files: "mkdir -p /srv/logs",
      ends: "rm -r /srv/logs",
      site: { server: "access_log /srv/logs/access.log; return 200;" },
    },
    {
      name: "an access log of another name in /var/log/nginx",
      ends: "rm -f /var/log/nginx/other.log",
      site: { server: "access_log /var/log/nginx/other.log; return 200;" },
    },
    {
      name: "an access log in /var/log that a root shell's nginx -t made",
      files: "rm -f /var/log/shell.log; touch /var/log/shell.log",
      ends: "rm -f /var/log/shell.log",
      site: { server: "access_log /var/log/shell.log; return 200;" },
    },
    {
      name: "a cache in a new directory of /",
      files: "mkdir -p /pages/cache",
      ends: "rm -r /pages",
      site: { http: "proxy_cache_path /pages/cache keys_zone=pages:1m;", server: "return 200;" },
      warns: ["label-not-persistent"],
    },
    {
      name: "a cache in /srv, filled by renaming from nginx's own directory",
      files: "mkdir -p /srv/cache; chown www-data: /srv/cache",
      ends: "rm -r /srv/cache",
      site: {
        http: `proxy_cache_path /srv/cache keys_zone=pages:1m use_temp_path=on; ${OWN}`,
        server: `location / { proxy_cache pages; proxy_cache_valid any 1m; ${TO_OWN} }`,
      },
    },
    {
      name: "a cache in /srv, filled in its place",
      files: "mkdir -p /srv/place; chown www-data: /srv/place",
      ends: "rm -r /srv/place",
      site: {
        http: `proxy_cache_path /srv/place keys_zone=pages:1m use_temp_path=off; ${OWN}`,
        server: `location / { proxy_cache pages; proxy_cache_valid any 1m; ${TO_OWN} }`,
      },
    },
    {
      name: "a directory of request bodies in /srv that is there already",
      files: "mkdir -p /srv/bodies; chown www-data: /srv/bodies",
      ends: "rm -r /srv/bodies",
      site: {
        http: OWN,
        server: `client_body_temp_path /srv/bodies; client_body_in_file_only on; location / { ${TO_OWN} }`,
      },
      url: "-d body http://127.0.0.1/",
    },
    {
      name: "uploads into /var/lib, renamed from nginx's own directory",
      files: "mkdir -p /var/lib/uploads; chown www-data: /var/lib/uploads; restorecon /var/lib/uploads",
      ends: "rm -r /var/lib/uploads",
      site: { server: "root /var/lib/uploads; dav_methods PUT;" },
      url: "-X PUT -d body http://127.0.0.1/upload",
    },
    {
      name: "uploads to another file system, copied there",
      files: "mkdir -p /srv/uploads",
      starts: `mountpoint -q /srv/uploads || mount -t tmpfs -o mode=777 tmpfs /srv/uploads
        restorecon -R /srv/uploads`,
      ends: "umount /srv/uploads || true; rmdir /srv/uploads",
      site: { server: "root /srv/uploads; dav_methods PUT;" },
      url: "-X PUT -d body http://127.0.0.1/upload",
      unfixed: "Debian's policy gives the web server no label that it may write in here without a boolean for scripts",
    },
    {
      name: "another limit of open files",
      site: { main: "worker_rlimit_nofile 65535;", server: "return 200;" },
    },
    {
      name: "a limit of open files that systemd has set already",
      site: { main: "worker_rlimit_nofile 524288;", server: "return 200;" },
    },
    {
      name: "regular expressions as machine code",
      site: { main: "pcre_jit on;", server: "location ~ ^/a+ { return 404; } location / { return 200; }" },
      unsaid: "harmless where it is refused: nginx compiles them without machine code",
    },
    {
      name: "a working directory in a home",
      files: "mkdir -p /home/visitor/work; chmod 755 /home/visitor; restorecon -R /home/visitor",
      ends: "rm -r /home/visitor/work; chmod 700 /home/visitor",
      site: { main: "working_directory /home/visitor/work;", server: "return 200;" },
    },
  ],
};
