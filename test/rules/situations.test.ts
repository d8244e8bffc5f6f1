/** Releases by situations: the rule, the cause, the exact commands in their order, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Access } from "../../server/src/nginx/access.ts";
import { createLanguageService } from "../../server/src/languageService.ts";
import { plainSurroundings } from "../../server/src/workspace/surroundings.ts";
import { defaultSettings, type ContainerSetting } from "../../server/src/shared/settings.ts";
import { printedReport } from "../support/printedReport.ts";
import { bundledText, releases, since } from "../support/bundledPolicies.ts";
import type { Release, Since } from "../support/bundledPolicies.ts";
import { createMemoryHost } from "../support/memoryHost.ts";
import { brief, file, judge, limit, listen, listenUnix, release, tcp, unix } from "./situation.ts";

/** What one release says: nothing, or a finding with the deciding type and the fixes, best first. */
type Expected = null | { readonly rule: string; readonly target: string | null; readonly fixes: readonly string[] };
type PerRelease = Since<Expected>;

const relay = "httpd_can_network_relay on";
const graceful = "httpd_graceful_shutdown on";
const anything = "httpd_can_network_connect on";
const rule = (type: string) => `module (allow httpd_t ${type} (tcp_socket (name_connect)))`;
const label = (verb: string, port: string, protocol = "tcp") => `port ${verb} -t http_port_t -p ${protocol} ${port}`;

function everywhere(expected: Expected): PerRelease {
  return { rhel7: expected };
}

function connect(target: string, ...fixes: string[]): Expected {
  return { rule: "connect-port", target, fixes };
}

/** A port of the web: open on RHEL 7, closed since. */
const web: PerRelease = { rhel7: null, rhel8: connect("http_port_t", graceful, relay, anything) };

/** A port without a purpose of its own: on RHEL 7 the label is the whole fix. */
function labelled(target: string, verb: "-a" | "-m", port: string): PerRelease {
  const own = target === "unreserved_port_t" ? [] : [rule(target)];
  const labels = [`${label(verb, port)} + ${graceful}`, `${label(verb, port)} + ${relay}`];
  const newer = connect(target, ...labels, ...own, anything);
  return { rhel7: connect(target, label(verb, port), ...own, anything), rhel8: newer };
}

/** A port that a daemon needs as it is: the booleans meant for it, then a rule on its type, and a label of the web last. */
function daemon(target: string, port: string, booleans: readonly string[], verb = "-m") {
  return {
    rhel7: connect(target, ...booleans, rule(target), label(verb, port), anything),
    rhel8: connect(target, ...booleans, rule(target), `${label(verb, port)} + ${graceful}`, anything),
  };
}

function bind(target: string, ...fixes: string[]): Expected {
  return { rule: "listen-port", target, fixes };
}

function socket(target: string, ...fixes: string[]): Expected {
  return { rule: "connect-socket", target, fixes };
}

/** A directory label in both forms of the path, and chcon beside it. */
function directory(target: string, path: string, file: string, verb = "-a"): PerRelease {
  const fixes = (spec: string) => [
    `fcontext ${verb} -t httpd_var_run_t '${spec}(/.*)?' + restorecon -Rv ${path}`,
    `chcon -t httpd_var_run_t ${path}/${file}`,
  ];
  const older = socket(target, ...fixes(path.replace(/^\/run\//, "/var/run/")));
  const newer = socket(target, ...fixes(path.replace(/^\/var\/run\//, "/run/")));
  return { rhel7: older, "rhel10.0": newer };
}

const situations: readonly (readonly [name: string, access: Access, expected: PerRelease])[] = [
  ["a backend on a port in another service's range", tcp(3000), labelled("ntop_port_t", "-a", "3000")],
  ["a backend on an unowned port", tcp(7777), labelled("unreserved_port_t", "-a", "7777")],
  ["a backend on a port of a wider record", tcp(9443), labelled("pki_ca_port_t", "-a", "9443")],
  ["a backend on another service's own port", tcp(8081), labelled("transproxy_port_t", "-m", "8081")],
  ["a backend on 5000", tcp(5000), labelled("commplex_main_port_t", "-m", "5000")],
  ["a backend on 9090", tcp(9090), labelled("websm_port_t", "-m", "9090")],
  ["a backend on 80", tcp(80), web],
  ["a backend on 443", tcp(443), web],
  ["a backend on 8443", tcp(8443), web],
  ["fastcgi on 9000", tcp(9000), web],
  [
    "a backend on 8080",
    tcp(8080),
    everywhere(connect("http_cache_port_t", relay, rule("http_cache_port_t"), anything)),
  ],
  ["squid", tcp(3128), daemon("squid_port_t", "3128", [relay])],
  [
    "gRPC on a port of the ephemeral range",
    tcp(50051),
    {
      rhel7: connect("ephemeral_port_t", label("-a", "50051"), relay, anything),
      rhel8: connect("ephemeral_port_t", `${label("-a", "50051")} + ${graceful}`, relay, anything),
    },
  ],
  ["PostgreSQL", tcp(5432), daemon("postgresql_port_t", "5432", ["httpd_can_network_connect_db on"])],
  ["MySQL", tcp(3306), daemon("mysqld_port_t", "3306", ["httpd_can_network_connect_db on"])],
  ["MongoDB", tcp(27017), daemon("mongod_port_t", "27017", ["httpd_can_network_connect_db on"], "-a")],
  ["memcached", tcp(11211), daemon("memcache_port_t", "11211", ["httpd_can_network_memcache on", relay])],
  [
    "Redis",
    tcp(6379),
    {
      rhel7: daemon("redis_port_t", "6379", []).rhel7,
      rhel8: daemon("redis_port_t", "6379", ["httpd_can_network_redis on"]).rhel8,
      rhel9: daemon("redis_port_t", "6379", []).rhel8,
      "rhel10.0": daemon("redis_port_t", "6379", ["httpd_can_network_redis on"]).rhel8,
    },
  ],
  ["a message broker", tcp(5672), daemon("amqp_port_t", "5672", [], "-a")],
  ["LDAP", tcp(389), daemon("ldap_port_t", "389", ["httpd_can_connect_ldap on"])],
  ["SMTP", tcp(25), daemon("smtp_port_t", "25", ["httpd_can_sendmail on"])],
  ["IMAP", tcp(143), daemon("pop_port_t", "143", ["httpd_can_sendmail on"])],
  ["FTP", tcp(21), daemon("ftp_port_t", "21", ["httpd_can_connect_ftp on", relay])],
  ["Zabbix", tcp(10051), daemon("zabbix_port_t", "10051", ["httpd_can_connect_zabbix on"])],
  ["sshd, whose port must not be taken", tcp(22), everywhere(connect("ssh_port_t", rule("ssh_port_t"), anything))],
  ["DNS over TCP", tcp(53), everywhere(null)],
  ["anything over UDP", { ...tcp(3000), protocol: "udp" }, everywhere(null)],

  ["listen on 80", listen("tcp", 80), everywhere(null)],
  ["listen on 8080", listen("tcp", 8080), everywhere(null)],
  ["listen on 3000", listen("tcp", 3000), everywhere(null)],
  ["listen on 9990", listen("tcp", 9990), everywhere(null)],
  ["listen in the local port range", listen("tcp", 40000), everywhere(null)],
  ["listen at the end of the local port range", listen("tcp", 60999), everywhere(null)],
  ["listen on port 0", listen("tcp", 0), everywhere(null)],
  [
    "listen just above the local port range",
    listen("tcp", 61000),
    {
      rhel7: bind("ephemeral_port_t", label("-a", "61000")),
      rhel8: bind("unreserved_port_t", label("-a", "61000")),
    },
  ],
  ["listen on an unowned port", listen("tcp", 8888), everywhere(bind("unreserved_port_t", label("-a", "8888")))],
  [
    "listen on another service's own port",
    listen("tcp", 8081),
    everywhere(
      bind(
        "transproxy_port_t",
        label("-m", "8081"),
        "module (allow httpd_t transproxy_port_t (tcp_socket (name_bind)))",
      ),
    ),
  ],
  [
    "listen for mail that is handed in",
    listen("tcp", 587),
    everywhere(bind("smtp_port_t", "module (allow httpd_t smtp_port_t (tcp_socket (name_bind)))", label("-m", "587"))),
  ],
  [
    "listen for syslog",
    listen("udp", 514),
    everywhere(
      bind(
        "syslogd_port_t",
        "module (allow httpd_t syslogd_port_t (udp_socket (name_bind)))",
        label("-m", "514", "udp"),
      ),
    ),
  ],
  ["listen on sshd's port", listen("tcp", 22), everywhere(bind("ssh_port_t"))],
  ["listen 443 quic", listen("udp", 443), { rhel7: bind("reserved_port_t", label("-a", "443", "udp")), rhel10: null }],
  [
    "a range with web ports inside is one record",
    listen("tcp", 8000, 8010),
    everywhere(bind("soundd_port_t", label("-a", "8000-8010"))),
  ],
  [
    "a range with a cache port inside leaves it alone",
    listen("tcp", 8079, 8082),
    everywhere(bind("unreserved_port_t", `${label("-a", "8079")} + ${label("-a", "8081-8082")}`)),
  ],
  ["a range of open ports", listen("tcp", 8008, 8009), everywhere(null)],

  [
    "a socket in its own directory",
    unix("/run/myapp/app.sock"),
    {
      ...directory("var_run_t", "/run/myapp", "app.sock"),
      rhel7: null,
      rhel8: directory("var_run_t", "/run/myapp", "app.sock").rhel7,
    },
  ],
  ["php-fpm's socket", unix("/run/php-fpm/www.sock"), everywhere(null)],
  ["php-fpm's socket by its old path", unix("/var/run/php-fpm/www.sock"), everywhere(null)],
  ["Redis's socket", unix("/run/redis/redis.sock"), everywhere(null)],
  [
    "a socket directly in /run",
    unix("/run/app.sock"),
    { rhel7: null, rhel8: socket("var_run_t", "chcon -t httpd_var_run_t /run/app.sock") },
  ],
  [
    "a socket among programs",
    unix("/opt/app/app.sock"),
    everywhere(socket("usr_t", "chcon -t httpd_var_run_t /opt/app/app.sock")),
  ],
  [
    "a socket in a directory of sockets",
    unix("/srv/app/tmp/sockets/puma.sock"),
    directory("var_t", "/srv/app/tmp/sockets", "puma.sock"),
  ],
  [
    "a socket in a directory that the policy names",
    unix("/var/cache/nginx/app.sock"),
    {
      rhel7: directory("var_t", "/var/cache/nginx", "app.sock").rhel7,
      rhel8: directory("httpd_cache_t", "/var/cache/nginx", "app.sock", "-m").rhel7,
    },
  ],
  ["a socket in /tmp", unix("/tmp/app.sock"), everywhere({ rule: "target-unknown", target: null, fixes: [] })],
  ["a port that is not known", tcp(null), everywhere({ rule: "target-unknown", target: null, fixes: [] })],
];

for (const [name, access, expected] of situations) {
  test(`${name}, on every release`, () => {
    for (const on of releases) {
      // What listens on a socket is the question of another rule, which has its own table below.
      const said = judge(release(on), access).filter(({ rule: id }) => id !== "connect-peer");
      const actual = said.map(({ rule, decision, fixes }) => ({
        rule,
        target: decision.target,
        fixes: fixes.map(brief),
      }));
      const wanted = since(expected, on);
      assert.deepEqual(actual, wanted === null ? [] : [wanted], on);
    }
  });
}

/** A finding of any rule with its deciding type and its fixes; what cannot be labelled has none. */
function found(rule: string, target: string, ...fixes: string[]): Expected {
  return { rule, target, fixes };
}

const reads = (target: string, ...fixes: string[]) => found("read-path", target, ...fixes);
const writes = (target: string, ...fixes: string[]) => found("write-path", target, ...fixes);
const give = (type: string, path: string) => `fcontext -a -t ${type} '${path}(/.*)?' + restorecon -Rv ${path}`;
const content = (path: string) => give("httpd_sys_content_t", path);

/** `ConnectTo` of a service that runs unconfined: allowed on 7 and 8. */
const peer: PerRelease = {
  rhel7: null,
  rhel9: found(
    "connect-peer",
    "unconfined_service_t",
    "module (allow httpd_t unconfined_service_t (unix_stream_socket (connectto)))",
    // To choose from, where another than systemd starts the service.
    "module (allow httpd_t initrc_t (unix_stream_socket (connectto)))",
    "module (allow httpd_t unconfined_t (unix_stream_socket (connectto)))",
  ),
};

const more: readonly (readonly [name: string, access: Access, expected: PerRelease])[] = [
  ["a site in /srv", file("content", "/srv/site"), everywhere(reads("var_t", content("/srv/site")))],
  ["a site in /srv/www", file("content", "/srv/www/site"), everywhere(null)],
  ["/srv itself, which no fix labels", file("content", "/srv"), everywhere(reads("var_t"))],
  ["a site in /data", file("content", "/data/www"), everywhere(reads("default_t", content("/data/www")))],
  ["a list of /data", file("listing", "/data/www"), everywhere(reads("default_t", content("/data/www")))],
  [
    "a site in a home",
    file("content", "/home/me/site"),
    everywhere(reads("user_home_t", content("/home/me/site"), "httpd_read_user_content on")),
  ],
  [
    "public_html",
    file("content", "/home/me/public_html"),
    everywhere(reads("httpd_user_content_t", "httpd_enable_homedirs on")),
  ],
  ["a home as a whole", file("content", "/home/me"), everywhere(reads("user_home_t", "httpd_read_user_content on"))],
  ["all homes, whose labels are not known", file("content", "/home"), everywhere(null)],
  ["the default root", file("content", "/usr/share/nginx/html"), everywhere(null)],
  ["a list of the default root", file("listing", "/usr/share/nginx/html"), everywhere(null)],
  ["a site in /var/www", file("content", "/var/www/site/public"), everywhere(null)],
  ["a site in /opt", file("content", "/opt/app/public"), everywhere(null)],
  ["included configuration", file("config", "/etc/nginx/conf.d/site.conf"), everywhere(null)],
  ["a module", file("module", "/usr/lib64/nginx/modules/ngx_stream_module.so"), everywhere(null)],
  ["a module by its link", file("module", "/usr/share/nginx/modules/mod-stream.conf"), everywhere(null)],
  ["a certificate of the system", file("certificate", "/etc/pki/tls/certs/site.crt"), everywhere(null)],
  ["a key of certbot", file("certificate", "/etc/letsencrypt/live/site/privkey.pem"), everywhere(null)],
  [
    "a key in a home",
    file("certificate", "/home/me/site.key"),
    everywhere(
      reads(
        "user_home_t",
        String.raw`fcontext -a -t cert_t '/home/me/site\.key' + restorecon -Rv /home/me/site.key`,
        "chcon -t cert_t /home/me/site.key",
      ),
    ),
  ],

  [
    "a key below /root",
    file("certificate", "/root/ssl/site.key"),
    everywhere(reads("admin_home_t", give("cert_t", "/root/ssl"), "chcon -t cert_t /root/ssl/site.key")),
  ],
  [
    "a certificate of acme.sh",
    file("certificate", "/root/.acme.sh/a.example/fullchain.cer"),
    everywhere(
      reads(
        "admin_home_t",
        String.raw`fcontext -a -t cert_t '/root/\.acme\.sh/a\.example(/.*)?' + restorecon -Rv /root/.acme.sh/a.example`,
        "chcon -t cert_t /root/.acme.sh/a.example/fullchain.cer",
      ),
    ),
  ],
  [
    "an included file in a place of its own",
    file("config", "/rw/config/hooks/a.conf"),
    everywhere(
      reads("default_t", give("httpd_config_t", "/rw/config/hooks"), "chcon -t httpd_config_t /rw/config/hooks/a.conf"),
    ),
  ],

  ["the usual log", file("log", "/var/log/nginx/access.log"), everywhere(null)],
  ["a log directly in /var/log, which nginx makes itself", file("log", "/var/log/site.log"), everywhere(null)],
  ["a log of standard output", file("log", "/dev/stdout"), everywhere(null)],
  ["a log in /dev/null", file("log", "/dev/null"), everywhere(null)],
  [
    "a log elsewhere",
    file("log", "/data/logs/a.log"),
    everywhere(writes("default_t", give("httpd_log_t", "/data/logs"))),
  ],
  ["a log among programs", file("log", "/opt/app/access.log"), everywhere(writes("usr_t"))],
  ["a log among configuration", file("log", "/etc/nginx/access.log"), everywhere(writes("httpd_config_t"))],
  ["the usual pid file", file("pid", "/run/nginx.pid"), everywhere(null)],
  ["the usual pid file by its old path", file("pid", "/var/run/nginx.pid"), everywhere(null)],
  ["a pid file among configuration", file("pid", "/etc/nginx/nginx.pid"), everywhere(writes("httpd_config_t"))],
  ["the usual temporary files", file("temp", "/var/lib/nginx/tmp/client_body"), everywhere(null)],
  ["the usual cache", file("cache", "/var/cache/nginx"), everywhere(null)],
  ["a cache in /tmp, nginx's own", file("cache", "/tmp/nginx"), everywhere(null)],
  [
    "a cache in /data",
    file("cache", "/data/cache"),
    everywhere(writes("default_t", give("httpd_cache_t", "/data/cache"))),
  ],
  [
    "uploads among pages",
    file("dav", "/var/www/site/up"),
    everywhere(writes("httpd_sys_content_t", give("httpd_sys_rw_content_t", "/var/www/site/up"))),
  ],

  ["worker_rlimit_nofile", limit, everywhere(found("resource-limit", "httpd_t", "httpd_setrlimit on"))],
  ["listen on a socket in /run", listenUnix("/run/nginx.sock"), everywhere(null)],
  ["listen on a socket in /run/nginx", listenUnix("/run/nginx/app.sock"), everywhere(null)],
  [
    "listen on a socket among pages",
    listenUnix("/var/www/html/nginx.sock"),
    everywhere(found("listen-socket", "httpd_sys_content_t")),
  ],
];

for (const [name, access, expected] of more) {
  test(`${name}, on every release`, () => {
    for (const on of releases) {
      const actual = judge(release(on), access).map(({ rule: id, decision, fixes }) => ({
        rule: id,
        target: decision.target,
        fixes: fixes.map(brief),
      }));
      const wanted = since(expected, on);
      assert.deepEqual(actual, wanted === null ? [] : [wanted], on);
    }
  });
}

const peers: readonly (readonly [name: string, access: Access, expected: PerRelease])[] = [
  ["a service of its own behind a socket", unix("/run/myapp/app.sock"), peer],
  ["a service behind a socket directly in /run", unix("/run/app.sock"), peer],
  ["php-fpm", unix("/run/php-fpm/www.sock"), everywhere(null)],
  ["FastCGI off the usual path", unix("/run/app.sock", { directive: "fastcgi_pass" }), everywhere(null)],
  ["a service with a domain of its own", unix("/run/memcached/memcached.sock"), everywhere(null)],
  ["a socket in /tmp, which is not seen at all", unix("/tmp/app.sock"), everywhere(null)],
  ["syslog", unix("/dev/log", { socket: "dgram" }), everywhere(null)],
];

for (const [name, access, expected] of peers) {
  test(`connect-peer: ${name}, on every release`, () => {
    for (const on of releases) {
      const said = judge(release(on), access).filter(({ rule: id }) => id === "connect-peer");
      const wanted = since(expected, on);
      assert.deepEqual(
        said.map(({ rule: id, decision, fixes }) => ({ rule: id, target: decision.target, fixes: fixes.map(brief) })),
        wanted === null ? [] : [wanted],
        on,
      );
    }
  });
}

/** Rules that speak of a configuration which proxies to an unlabelled port, in a workspace with one more file. */
async function rulesInWorkspace(
  policy: Release,
  container: ContainerSetting,
  name: string,
  text: string,
): Promise<readonly string[]> {
  const main = "/srv/project/nginx/nginx.conf";
  const conf = "events {}\nhttp { server { listen 8082; location / { proxy_pass http://127.0.0.1:3000; } } }\n";
  const host = createMemoryHost({ [main]: conf, [`/srv/project/${name}`]: text }, (each) =>
    each === policy ? bundledText(policy) : undefined,
  );
  const settings = { ...defaultSettings, policy, container };
  const service = createLanguageService(host, { ...plainSurroundings, settingsFor: () => settings });
  const { findings, container: why } = await printedReport(service, main);
  assert.equal(
    why !== null,
    findings.some(({ rule }) => rule === "not-confined"),
  );
  for (const { fixes } of findings) if (why !== null) assert.deepEqual(fixes, []);
  return findings.map(({ rule }) => rule);
}

const ofHost = ["listen-port", "connect-port"];
const workspaces: readonly (readonly [name: string, file: string, text: string, rules: readonly string[]])[] = [
  [
    "nginx in a container that mounts it",
    "compose.yml",
    'services:\n  web:\n    image: nginx\n    volumes: ["./nginx:/etc/nginx:Z"]\n',
    ["not-confined"],
  ],
  [
    "nginx in a container made with it",
    "Dockerfile",
    "FROM nginx\nCOPY nginx/nginx.conf /etc/nginx/\n",
    ["not-confined"],
  ],
  ["nginx in a container of podman", "web.container", "[Container]\nVolume=./nginx:/etc/nginx:Z\n", ["not-confined"]],
  ["nginx on the host, the application in a container", "Dockerfile", "FROM node\nCOPY . /app\n", ofHost],
  [
    "nginx on the host, another nginx in a container",
    "compose.yml",
    "services:\n  web:\n    image: nginx\n    volumes: [./site:/usr/share/nginx/html]\n",
    ofHost,
  ],
];

for (const [name, file, text, expected] of workspaces) {
  test(`${name}, on every release, whatever the setting says`, async () => {
    for (const on of releases) {
      assert.deepEqual((await rulesInWorkspace(on, "auto", file, text)).toSorted(), expected.toSorted(), on);
      assert.deepEqual(await rulesInWorkspace(on, "yes", file, text), ["not-confined"]);
      assert.deepEqual((await rulesInWorkspace(on, "no", file, text)).toSorted(), ofHost.toSorted());
    }
  });
}
