/** Configurations that the kernel refuses, and others like them that it does not. */
import type { Site } from "./nginx.ts";

export interface Situation {
  /** A sentence's end: "nginx and ...". */
  readonly name: string;
  /** Prepares files and backends in the guest; `systemd-run` makes a backend a service, as it is on servers. */
  readonly prepare?: string;
  /** Takes that back. */
  readonly clear?: string;
  readonly site: Site;
  readonly url?: string;
  /** The rules that must find something, in alphabetical order; none where the kernel allows it. */
  readonly finds: readonly string[];
  /** The rules that say of what the kernel allows, after the fix too, that it will not last; none unless told otherwise. */
  readonly warns?: readonly string[];
  /** False where the labels that a restorecon changes are not all known, so that no command gives them back. */
  readonly canBeUndone?: boolean;
  /** Without the fix. */
  readonly broken?: { readonly runs: boolean; readonly status: number };
}

/** Starts a service that answers on a port or a socket, and waits for it. `properties`: of its unit. */
export function backend(where: string, properties = "", unit = "backend"): string {
  const ready = where.startsWith("/")
    ? `curl -sf --unix-socket ${where} http://backend/`
    : `curl -sf http://127.0.0.1:${where}/`;
  return `systemd-run -q --collect --unit=${unit} ${properties} /usr/bin/python3 /opt/backend.py ${where}
    for i in $(seq 300); do if ${ready}; then break; fi; sleep 0.2; done
    ${ready}`;
}

export const stopBackend = "systemctl stop backend";
const bad = { runs: true, status: 502 };
const forbidden = { runs: true, status: 403 };
const down = { runs: false, status: 0 };

/** Makes a page that can be asked for. */
export function page(directory: string): string {
  return `mkdir -p ${directory}; echo hello >${directory}/index.html`;
}

export const situations: readonly Situation[] = [
  {
    name: "a backend on a port without a name",
    prepare: backend("4567"),
    clear: stopBackend,
    site: { server: "location / { proxy_pass http://127.0.0.1:4567; }" },
    finds: ["connect-port"],
    broken: bad,
  },
  {
    name: "a backend on 8080",
    prepare: backend("8080"),
    clear: stopBackend,
    site: {
      http: "upstream app { server 127.0.0.1:8080; }",
      server: "location / { proxy_pass http://app; }",
    },
    finds: ["connect-port"],
    broken: bad,
  },
  {
    name: "a backend in /run/<app> that runs as an unconfined service",
    prepare: backend("/run/app/app.sock", "-p RuntimeDirectory=app"),
    clear: stopBackend,
    site: { server: "location / { proxy_pass http://unix:/run/app/app.sock; }" },
    finds: ["connect-peer", "connect-socket"],
    broken: bad,
  },
  {
    name: "a backend whose socket is labelled for the web server, and which runs as an unconfined service",
    prepare: `mkdir /run/php; restorecon /run/php; ${backend("/run/php/app.sock")}`,
    clear: `${stopBackend}; rm -r /run/php`,
    site: { server: "location / { proxy_pass http://unix:/run/php/app.sock; }" },
    finds: ["connect-peer"],
    broken: bad,
  },
  {
    name: "a root in /srv",
    prepare: page("/srv/site"),
    clear: "rm -r /srv/site",
    site: { server: "root /srv/site;" },
    finds: ["read-path"],
    broken: forbidden,
  },
  {
    name: "a root in a home",
    prepare: `${page("/home/visitor/site")}; chmod 755 /home/visitor; restorecon -R /home/visitor`,
    clear: "rm -r /home/visitor/site; chmod 700 /home/visitor",
    site: { server: "root /home/visitor/site;" },
    finds: ["read-path"],
    broken: forbidden,
  },
  {
    name: "a root behind a symbolic link into /srv",
    prepare: `${page("/srv/linked")}; ln -s /srv/linked /var/www/linked; restorecon -R /var/www`,
    clear: "rm -r /srv/linked /var/www/linked",
    site: { server: "root /var/www/linked;" },
    finds: ["read-path"],
    broken: forbidden,
  },
  {
    name: "a page that was moved from a home",
    prepare: `mkdir -p /var/www/moved; restorecon -R /var/www/moved; echo hello >/home/visitor/index.html
      restorecon /home/visitor/index.html; mv /home/visitor/index.html /var/www/moved/`,
    clear: "rm -r /var/www/moved",
    site: { server: "root /var/www/moved;" },
    finds: ["read-path"],
    canBeUndone: false,
    broken: forbidden,
  },
  {
    name: "a root in a new directory of /, which has the label of /",
    prepare: page("/data/site"),
    clear: "rm -r /data",
    site: { server: "root /data/site;" },
    finds: [],
    warns: ["label-not-persistent"],
  },
  {
    name: "a root in /var/www",
    prepare: `${page("/var/www/site")}; restorecon -R /var/www/site`,
    clear: "rm -r /var/www/site",
    site: { server: "root /var/www/site;" },
    finds: [],
  },
  {
    name: "an access log in /srv",
    prepare: "mkdir -p /srv/logs",
    clear: "rm -r /srv/logs",
    site: { server: "access_log /srv/logs/access.log; return 200;" },
    finds: ["write-path"],
    broken: down,
  },
  {
    name: "an access log of another name in /var/log/nginx",
    clear: "rm -f /var/log/nginx/other.log",
    site: { server: "access_log /var/log/nginx/other.log; return 200;" },
    finds: [],
  },
  {
    name: "a listening port that has another name",
    site: { listen: "8888", server: "return 200;" },
    url: "http://127.0.0.1:8888/",
    finds: ["listen-port"],
    broken: down,
  },
  {
    name: "a listening port of the local range",
    site: { listen: "40000", server: "return 200;" },
    url: "http://127.0.0.1:40000/",
    finds: [],
  },
  {
    name: "a listening port of the web server",
    site: { listen: "8008", server: "return 200;" },
    url: "http://127.0.0.1:8008/",
    finds: [],
  },
  {
    name: "another limit of open files",
    site: { main: "worker_rlimit_nofile 65535;", server: "return 200;" },
    finds: ["resource-limit"],
    broken: { runs: true, status: 200 },
  },
  {
    name: "a limit of open files that systemd has set already",
    site: { main: "worker_rlimit_nofile 524288;", server: "return 200;" },
    finds: [],
  },
  {
    name: "a file of passwords that was moved from a home",
    prepare: `echo 'guest:{PLAIN}guest' >/root/passwords; chmod 644 /root/passwords
      mv /root/passwords /etc/nginx/passwords`,
    clear: "rm /etc/nginx/passwords",
    site: { server: "auth_basic guests; auth_basic_user_file /etc/nginx/passwords; root /var/www/html;" },
    url: "http://guest:guest@127.0.0.1/index.nginx-debian.html",
    finds: ["read-path"],
    broken: { runs: true, status: 500 },
  },
  {
    name: "a cache in a new directory of /",
    prepare: "mkdir -p /data/cache",
    clear: "rm -r /data",
    site: { http: "proxy_cache_path /data/cache keys_zone=pages:1m;", server: "return 200;" },
    finds: ["write-path"],
    warns: ["label-not-persistent"],
    broken: down,
  },
  {
    name: "a log that goes to a service on UDP",
    site: { server: "access_log syslog:server=127.0.0.1:5140; return 200;" },
    finds: [],
  },
];
