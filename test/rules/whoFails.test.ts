/** What fails where nginx may not connect: "HTTP: 502" is for requests over HTTP alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stopsNginx } from "../../server/src/analysis/consequence.ts";
import { analysed } from "../support/planned.ts";
import { release } from "./situation.ts";

/** A configuration, and what the messages of its refused connections say. */
const outcomes: readonly (readonly [text: string, ...said: readonly string[]])[] = [
  ["http { server { location / { proxy_pass http://127.0.0.1:3000; } } }", "so requests fail (HTTP: 502)"],
  ["stream { server { listen 443; proxy_pass 127.0.0.1:3000; } }", "so clients' connections are closed"],
  [
    "stream { upstream db { server 127.0.0.1:3000; } server { listen 443; proxy_pass db; } }",
    "so clients' connections are closed",
  ],
  [
    "http { upstream a { server 127.0.0.1:3000; } server { location / { proxy_pass http://a; } } } " +
      "stream { upstream a { server 127.0.0.1:3000; } server { listen 443; proxy_pass a; } }",
    "so requests fail (HTTP: 502)",
    "so clients' connections are closed",
  ],
  ["stream { server { listen 443; proxy_bind 127.0.0.1:7001; proxy_pass 127.0.0.1:53; } }", "connections are closed"],
  ["stream { server { listen 443; proxy_bind $remote_addr transparent; proxy_pass 127.0.0.1:53; } }", "are closed"],
  [
    "http { server { location / { proxy_bind $remote_addr transparent; proxy_pass http://127.0.0.1:53; } } }",
    "so requests fail (HTTP: 500)",
  ],
  [
    "stream { server { listen 443; proxy_pass unix:/srv/app/db.sock; } }",
    "then clients' connections are closed on RHEL 9",
  ],
  [
    "stream { server { listen 443; proxy_pass unix:/run/app/db.sock; } }",
    "then clients' connections are closed on RHEL 9",
  ],
  ["mail { auth_http 127.0.0.1:3000/auth; server { listen 80; protocol imap; } }", "so logins fail"],
  ["http { otel_exporter { endpoint 127.0.0.1:4317; } }", "so traces are lost"],
  ["http { acme_issuer le { uri https://acme.example/dir; } }", "so no certificate is issued"],
  ["http { ldap_server s { url ldap://127.0.0.1/dc=x; } }", "so logins fail"],
  ["http { server { location / { proxy_pass http://127.0.0.1:53; health_check port=3000; } } }", "count as failed"],
  [
    "http { server { ssl_stapling on; ssl_stapling_responder http://127.0.0.1:3000/; } }",
    "no OCSP response is stapled",
  ],
  ["http { server { ssl_ocsp on; ssl_ocsp_responder http://127.0.0.1:3000/; } }", "handshakes of clients fail"],
  ["rtmp { server { application a { push rtmp://127.0.0.1; } } }", "streams are not relayed"],
  ["rtmp { server { application a { on_publish http://127.0.0.1:3000/; } } }", "so its clients are turned away"],
  ["http { modsecurity_rules_remote key https://127.0.0.1/rules; }", "so nginx does not start"],
  ["mgmt { usage_report endpoint=127.0.0.1:3000; }", "so usage reports fail"],
];

test("a message tells what its clients see of a refused connection", async () => {
  for (const [text, ...said] of outcomes) {
    const { findings } = await analysed(release("rhel9"), `events {} ${text}`);
    const messages = findings.flatMap(({ rule, severity, message }) =>
      severity !== "hint" && /^(?:connect|process|listen)-/u.test(rule) ? [message] : [],
    );
    assert.equal(messages.length, said.length, `${text}: ${messages.join("\n")}`);
    for (const [index, part] of said.entries()) assert.ok(messages[index]?.includes(part), `${messages[index]}`);
  }
});

test("a message tells what fails without a file, where that is no request that gets an error page", async () => {
  for (const [text, said] of [
    ["http { server { location / { auth_jwt_key_file /root/jwk.json; } } }", "then logins fail"],
    ["http { server { location / { auth_gss_keytab /root/http.keytab; } } }", "then logins fail"],
    ["rtmp { server { application a { hls_path /data/hls; } } }", "then nothing is recorded"],
    ["rtmp { server { application a { record_path /data/rec; } } }", "then nothing is recorded"],
    ["rtmp { server { application a { exec_publish /srv/bin/record.sh $name; } } }", "then the program does not run"],
    ["http { server { ssl_certificate /root/$ssl_server_name.pem; } }", "handshakes fail"],
  ] as const) {
    const { findings } = await analysed(release("rhel9"), `events {} ${text}`);
    const [first] = findings.filter(({ rule }) => rule.endsWith("-path"));
    assert.ok(first?.message.includes(said), `${text}: ${first?.message}`);
  }
});

test("only a connection that nginx makes before it serves keeps it from starting", async () => {
  const stops = async (text: string): Promise<readonly boolean[]> =>
    (await analysed(release("rhel9"), `events {} ${text}`)).findings.map(stopsNginx);
  assert.deepEqual(await stops("http { modsecurity_rules_remote key https://127.0.0.1/rules; }"), [true]);
  assert.deepEqual(await stops("http { otel_exporter { endpoint 127.0.0.1:4317; } }"), [false]);
});

test("a file that a wildcard finds keeps nginx from starting, and a directory that it may not list does not", async () => {
  const stops = async (path: string): Promise<readonly (readonly [boolean, boolean])[]> => {
    const { findings } = await analysed(release("rhel9"), `events {} http { include ${path}/*.conf; }`);
    return findings.map((finding) => [stopsNginx(finding), finding.message.includes("nginx does not start")]);
  };
  assert.deepEqual(await stops("/srv/parts"), [[true, true]]);
  assert.deepEqual(await stops("/root/parts"), [[false, false]]);
});
