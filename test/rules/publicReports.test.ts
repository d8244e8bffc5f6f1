/**
 * Situations that people report in public, each rebuilt small: what is said of a configuration, and the fix that comes
 * first. Those of a live host are in onHost, rootMade and hostRules, those of containers and dumps with their readers.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Analysis } from "../../server/src/analysis/analysis.ts";
import { textOfPlan, analysed } from "../support/planned.ts";
import { preferredOf } from "../support/preferredFixes.ts";
import type { Release } from "../support/bundledPolicies.ts";
import { brief, release } from "./situation.ts";

interface Report {
  readonly on: Release;
  /** What stands in `http`, or the whole configuration where it holds `events`. */
  readonly text: string;
  /** Each finding: `rule severity beginning of its message`. */
  readonly said: readonly string[];
  /** The first fix of each finding that has one; null where that is not the point. */
  readonly fixes: readonly RegExp[] | null;
  /** What no message or fix may say. */
  readonly never?: RegExp;
}

const relabels = (type: string, spec: string): RegExp =>
  new RegExp(`^fcontext -a -t ${type} '${spec.replace(/[\\^$.*+?()[\]{}|]/gu, "\\$&")}' \\+ restorecon`, "u");

const reports: Readonly<Record<string, Report>> = {
  "a site in a home": {
    on: "rhel7",
    text: "server { listen 80; root /home/build/pages/sites; location /a { proxy_pass http://127.0.0.1:9000; } location /b { try_files $uri =404; } }",
    said: ["read-path warning /home/build/pages/sites (files in it: user_home_t)"],
    fixes: [relabels("httpd_sys_content_t", "/home/build/pages/sites(/.*)?")],
  },
  "a certificate and its key in a home": {
    on: "rhel9",
    text: "server { listen 443 ssl; ssl_certificate /home/shop/tls/site.pem; ssl_certificate_key /home/shop/tls/site.key; location / { return 204; } }",
    said: ["read-path warning /home/shop/tls/site.pem", "read-path warning /home/shop/tls/site.key"],
    fixes: [
      /^install -D -b -m 600 \/home\/shop\/tls\/site\.pem \/etc\/pki\/tls\/certs\//u,
      /^install -D -b -m 600 \/home\/shop\/tls\/site\.key \/etc\/pki\/tls\/private\//u,
    ],
    never: /httpd_read_user_content/u,
  },
  "a key below root's home": {
    on: "rhel7",
    text: "server { listen 443 ssl; ssl_certificate /etc/pki/tls/certs/a.pem; ssl_certificate_key /root/keys/a.key; location / { return 204; } }",
    said: ["read-path warning /root/keys/a.key (admin_home_t)"],
    fixes: [/^install -D -b -m 600 \/root\/keys\/a\.key \/etc\/pki\/tls\/private\//u],
    never: /Nothing has to be changed/u,
  },
  "the certificate of another service": {
    on: "rhel9",
    text: "server { listen 443 ssl; ssl_certificate /etc/pki/dovecot/certs/dovecot.pem; ssl_certificate_key /etc/pki/dovecot/private/dovecot.pem; location / { return 204; } }",
    said: [
      "read-path warning /etc/pki/dovecot/certs/dovecot.pem (dovecot_cert_t)",
      "read-path warning /etc/pki/dovecot/private/dovecot.pem (dovecot_cert_t)",
    ],
    fixes: [
      /^install -D -b -m 600 \/etc\/pki\/dovecot\/certs\/dovecot\.pem \/etc\/pki\/tls\/certs\/dovecot\.pem/u,
      /^install -D -b -m 600 \/etc\/pki\/dovecot\/private\/dovecot\.pem \/etc\/pki\/tls\/private\/dovecot\.pem/u,
    ],
  },
  "a socket that an application makes in a home": {
    on: "rhel9",
    text: "upstream app { server unix:/home/build/app/run/gunicorn.sock; } server { listen 80; location / { proxy_pass http://app; } }",
    // Another place for it is not enough: the service behind it is refused there too.
    said: ["connect-socket warning /home/build/app/run/gunicorn.sock (user_home_t)"],
    fixes: null,
    never: /Nothing has to be changed/u,
  },
  "regular expressions that are compiled": {
    on: "rhel9",
    text: "pcre_jit on; events {}",
    said: ["process-right information pcre_jit (process execmem): SELinux may refuse"],
    fixes: [],
    never: /setsebool/u,
  },
  "mail that is handed in": {
    on: "rhel7",
    text: "events {} mail { auth_http 127.0.0.1/auth; server { listen 587; protocol smtp; } }",
    said: ["target-unknown hint The target of mail", "listen-port error tcp port 587 (smtp_port_t)"],
    fixes: [/^module \(allow httpd_t smtp_port_t \(tcp_socket \(name_bind\)\)\)$/u],
  },
  "a port that is listened on and passed on to": {
    on: "rhel9",
    text: "events {} stream { server { listen 110; proxy_pass 192.0.2.7:110; } }",
    said: ["listen-port error tcp port 110 (pop_port_t)", "connect-port error tcp port 110 (pop_port_t)"],
    fixes: [/^module .*name_bind/u, /^httpd_can_sendmail on$/u],
  },
  "a wildcard in a directory that the policy does not know": {
    on: "fedora",
    text: "include /site/conf/*.conf; server { listen 80; location / { return 204; } }",
    said: [
      "read-path warning /site/conf (default_t): SELinux may refuse nginx's reading; then nginx starts without these",
    ],
    fixes: [relabels("httpd_config_t", "/site/conf(/.*)?")],
    never: /does not start/u,
  },
  "one file in such a directory": {
    on: "rhel9",
    text: "include /site/conf/shop.conf; server { listen 80; location / { return 204; } }",
    said: [
      "read-path warning /site/conf/shop.conf (default_t)",
      // The reader of this test does not have it.
      'nginx-syntax error nginx refuses this: open() "/site/conf/shop.conf" failed (2: No such file or directory).',
    ],
    fixes: [relabels("httpd_config_t", "/site/conf(/.*)?")],
    never: /left alone/u,
  },
  "a socket straight in /run": {
    on: "fedora",
    text: "server { listen 80; location / { proxy_pass http://unix:/run/hooks.sock; } }",
    said: ["connect-socket warning /run/hooks.sock (var_run_t)"],
    fixes: null,
  },
  "php-fpm and a document root beside its program": {
    on: "rhel9",
    text: "server { listen 80; root /srv/blog/public; location ~ \\.php$ { fastcgi_pass unix:/run/php-fpm/www.sock; } }",
    said: ["read-path warning /srv/blog/public (files in it: var_t)"],
    fixes: [relabels("httpd_sys_content_t", "/srv/blog(/.*)?")],
  },
  "logs in a directory of the application": {
    on: "rhel8",
    text: "server { listen 80; access_log /var/log/blog/access.log; location / { return 204; } }",
    said: ["write-path information /var/log/blog/access.log (var_log_t): SELinux refuses the file that"],
    fixes: null,
  },
  "a socket in /tmp": {
    on: "rhel9",
    text: "server { listen 80; location / { proxy_pass http://unix:/tmp/blog.socket; } }",
    said: ["target-unknown hint /tmp/blog.socket: nginx cannot see this socket, because its /tmp is private"],
    fixes: [],
    never: /answer is not known/u,
  },
  "several servers on one port": {
    on: "rhel7",
    text: "upstream a { server 10.0.0.1:8070; server 10.0.0.2:8070; server 10.0.0.3:8070; } server { listen 80; location / { proxy_pass http://a; } }",
    said: Array<string>(3).fill("connect-port error tcp port 8070 (unreserved_port_t)"),
    fixes: Array<RegExp>(3).fill(/^port -a -t http_port_t -p tcp 8070$/u),
  },
  "syslog over its socket": {
    on: "rhel9",
    text: "access_log syslog:server=unix:/dev/log,tag=web; server { listen 80; location / { return 204; } }",
    said: [],
    fixes: [],
  },
  OpenTelemetry: {
    on: "rhel9",
    text: "otel_exporter { endpoint localhost:4317; } server { listen 80; location / { return 204; } }",
    said: [
      "connect-port error tcp port 4317 (unreserved_port_t): SELinux refuses nginx's connection, so traces are lost",
    ],
    fixes: [/^port -a -t http_port_t -p tcp 4317 \+ httpd_graceful_shutdown on$/u],
  },
  "an ACME issuer": {
    on: "rhel9",
    text: "acme_issuer ca { uri https://ca.example/dir; state_path /data/acme; accept_terms_of_service; } server { listen 80; location / { return 204; } }",
    said: [
      "connect-port error tcp port 443 (http_port_t): SELinux refuses nginx's connection, so no certificate is issued",
      "write-path warning /data/acme (default_t)",
    ],
    fixes: null,
  },
  "files that keep a state": {
    on: "rhel9",
    text: "keyval_zone zone=k:32k state=/opt/shop/k.keyval; js_shared_dict_zone zone=d:1M state=/opt/shop/d.json; upstream u { zone u 64k; state /opt/shop/u.state; }",
    said: Array<string>(3).fill("write-path warning /opt/shop/"),
    fixes: Array<RegExp>(3).fill(relabels("httpd_sys_rw_content_t", "/opt/shop(/.*)?")),
  },
  "Passenger's temporary files": {
    on: "rhel9",
    text: "passenger_temp_path /data/passenger; server { listen 80; location / { return 204; } }",
    said: ["write-path warning /data/passenger (default_t)"],
    fixes: [relabels("httpd_cache_t", "/data/passenger(/.*)?")],
  },
  "a health check of NGINX Plus": {
    on: "rhel9",
    text: "upstream u { zone u 64k; server 127.0.0.1:53; } server { listen 80; location / { proxy_pass http://u; health_check port=8899; } }",
    said: [
      "connect-port error tcp port 8899 (unreserved_port_t): SELinux refuses nginx's connection, so servers count",
    ],
    fixes: [/^port -a -t http_port_t -p tcp 8899 /u],
  },
  "directives that nothing here knows": {
    on: "rhel9",
    text: "server { listen 80; location / { waf_log /etc/nginx/fmt.json syslog:server=192.0.2.7:515; waf_policy /root/waf.json; return 204; } }",
    said: Array<string>(2).fill("target-unknown hint The target of waf_"),
    fixes: [],
  },
  "directories that requests name": {
    on: "rhel9",
    text: "server { listen 80; server_name _; root /srv/sites/$host/htdocs; }",
    said: ["read-path warning files below /srv/sites (var_t): SELinux may refuse"],
    fixes: [relabels("httpd_sys_content_t", "/srv/sites(/.*)?")],
    never: /what is in what is/u,
  },
  "a module among the configuration": {
    on: "rhel9",
    text: "load_module /etc/nginx/modules/ngx_http_geoip_module.so; events {}",
    said: ["read-path warning /etc/nginx/modules/ngx_http_geoip_module.so (httpd_config_t)"],
    fixes: null,
  },
  "a service of the port itself": {
    on: "rhel9",
    text: "events {} stream { server { listen 443; proxy_pass 127.0.0.1:6379; } }",
    said: ["connect-port error tcp port 6379 (redis_port_t)"],
    fixes: [/^module \(allow httpd_t redis_port_t/u],
  },
  "the port that is connected to is that of the request": {
    on: "rhel9",
    text: "server { listen 8085; location / { proxy_pass http://127.0.0.1:$server_port; } }",
    said: ["listen-port error tcp port 8085", "connect-port error tcp port 8085"],
    fixes: null,
  },
};

/** The findings of a report, as it names them. */
function named({ findings }: Analysis): readonly string[] {
  return findings.map(({ rule, severity, message }) => `${rule} ${severity} ${message}`);
}

for (const [name, { on, text, said, fixes, never }] of Object.entries(reports)) {
  test(`${name}, on ${on}`, async () => {
    const whole = text.includes("events {}") ? text : `events {} http { ${text} }`;
    const analysis = await analysed(release(on), whole);
    const found = [...named(analysis)];
    for (const wanted of said) {
      const at = found.findIndex((each) => each.startsWith(wanted));
      assert.ok(at >= 0, `not said: ${wanted}\n${named(analysis).join("\n")}`);
      found.splice(at, 1);
    }
    assert.deepEqual(found, [], "said beside it");
    const first = preferredOf(analysis).map(({ fix }) => brief(fix));
    if (fixes !== null) {
      assert.equal(first.length, fixes.length, first.join("\n"));
      for (const wanted of fixes)
        assert.ok(
          first.some((each) => wanted.test(each)),
          `${wanted}\n${first.join("\n")}`,
        );
    }
    const script = analysis.findings.some(({ severity }) => severity === "error" || severity === "warning")
      ? textOfPlan("script", analysis)
      : "";
    if (never !== undefined) assert.doesNotMatch([...named(analysis), ...first, script].join("\n"), never);
  });
}
