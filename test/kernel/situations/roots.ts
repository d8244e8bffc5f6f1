/** Documents: where they are, how they came there, and what they are mounted on. */
import { page, type Kind } from "./situation.ts";

const HOME = "chmod 755 /home/visitor; restorecon -R /home/visitor";
const CONTENT = "system_u:object_r:httpd_sys_content_t:s0";
const OTHER = "system_u:object_r:var_t:s0";

export const documents: Kind = {
  name: "documents",
  situations: [
    {
      name: "a root in /srv",
      files: page("/srv/site"),
      ends: "rm -r /srv/site",
      site: { server: "root /srv/site;" },
    },
    {
      name: "a root in a home",
      files: `${page("/home/visitor/site")}; ${HOME}`,
      ends: "rm -r /home/visitor/site; chmod 700 /home/visitor",
      site: { server: "root /home/visitor/site;" },
    },
    {
      name: "every user's public_html, by a regular expression",
      files: `${page("/home/visitor/public_html")}; ${HOME}`,
      ends: "rm -r /home/visitor/public_html; chmod 700 /home/visitor",
      site: { server: "location ~ ^/~([a-z]+)(/.*)$ { alias /home/$1/public_html$2; }" },
      url: "http://127.0.0.1/~visitor/index.html",
    },
    {
      name: "a root behind a symbolic link into /srv",
      files: `${page("/srv/linked")}; ln -s /srv/linked /var/www/linked; restorecon -R /var/www`,
      ends: "rm -r /srv/linked /var/www/linked",
      site: { server: "root /var/www/linked;" },
    },
    {
      name: "a root that is mounted from /srv",
      files: `${page("/srv/bound")}; mkdir -p /var/www/bound; restorecon -R /var/www/bound`,
      starts: "mountpoint -q /var/www/bound || mount --bind /srv/bound /var/www/bound",
      ends: "umount /var/www/bound || true; rm -r /srv/bound /var/www/bound",
      site: { server: "root /var/www/bound;" },
    },
    {
      name: "a root in memory, mounted with the web server's label",
      files: "mkdir -p /srv/memory",
      starts: `mountpoint -q /srv/memory || mount -t tmpfs -o context=${CONTENT} tmpfs /srv/memory; ${page("/srv/memory")}`,
      ends: "umount /srv/memory || true; rmdir /srv/memory",
      site: { server: "root /srv/memory;" },
    },
    {
      name: "a root in memory, mounted with another label",
      files: "mkdir -p /srv/other",
      starts: `mountpoint -q /srv/other || mount -t tmpfs -o context=${OTHER} tmpfs /srv/other; ${page("/srv/other")}`,
      ends: "umount /srv/other || true; rmdir /srv/other",
      site: { server: "root /srv/other;" },
      unfixed: "the mount gives the label: its option context= has to change",
    },
    {
      name: "a page that was moved from a home",
      files: `mkdir -p /var/www/moved; restorecon -R /var/www/moved; echo hello >/home/visitor/index.html
        restorecon /home/visitor/index.html; mv /home/visitor/index.html /var/www/moved/`,
      ends: "rm -r /var/www/moved",
      site: { server: "root /var/www/moved;" },
      staysFixed: "the labels before a restorecon are gone",
    },
    {
      name: "a directory that was moved from a home into a good one",
      files: `${page("/var/www/shop")}; restorecon -R /var/www/shop; ${page("/home/visitor/images")}
        restorecon -R /home/visitor/images; mv /home/visitor/images /var/www/shop/`,
      ends: "rm -r /var/www/shop",
      site: { server: "root /var/www/shop;" },
      url: "http://127.0.0.1/images/index.html",
      staysFixed: "the labels before a restorecon are gone",
    },
    {
      name: "a root in a new directory of /, which has the label of /",
      files: page("/data/site"),
      ends: "rm -r /data",
      site: { server: "root /data/site;" },
      warns: ["label-not-persistent"],
    },
    {
      name: "a root in /var/www",
      files: `${page("/var/www/site")}; restorecon -R /var/www/site`,
      ends: "rm -r /var/www/site",
      site: { server: "root /var/www/site;" },
    },
    {
      name: "a part of the configuration in /srv",
      files: "mkdir -p /srv/parts; echo 'location = /part { return 200; }' >/srv/parts/part.conf",
      ends: "rm -r /srv/parts",
      site: { server: "include /srv/parts/*.conf;" },
      url: "http://127.0.0.1/part",
    },
    {
      name: "a part of the configuration that root alone may read",
      files: `echo 'location = /part { proxy_pass http://127.0.0.1:4571; }' >/etc/nginx/secret.conf
        chmod 600 /etc/nginx/secret.conf`,
      ends: "rm /etc/nginx/secret.conf",
      ports: [4571],
      site: { server: "include /etc/nginx/secret.conf;" },
      url: "http://127.0.0.1/part",
      hidden: "an ordinary user may not read the included file: a note",
    },
    {
      name: "a directory of the configuration that root alone may list",
      files: `mkdir -m 700 -p /etc/nginx/private
        echo 'upstream hidden { server 127.0.0.1:4572; }' >/etc/nginx/private/upstream.conf`,
      ends: "rm -r /etc/nginx/private",
      ports: [4572],
      site: { http: "include /etc/nginx/private/*.conf;", server: "location / { proxy_pass http://hidden; }" },
      hidden: "an ordinary user may not list the directory: a note",
    },
  ],
};
