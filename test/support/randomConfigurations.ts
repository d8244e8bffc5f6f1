/** Random configurations, and policies to judge them by. */
import * as fc from "fast-check";
import { release } from "../rules/situation.ts";
import { releases } from "./bundledPolicies.ts";
import { tinyPolicy } from "./tinyPolicy.ts";

const port = fc.oneof(
  fc.integer({ min: 1, max: 65535 }),
  fc.constantFrom(22, 25, 53, 80, 443, 3000, 3001, 3306, 5432, 6379, 8080, 8081, 9000, 9990, 11211, 45000),
);
const name = fc.constantFrom(
  "app",
  "my app",
  "it's",
  'a"b',
  "$x{1}",
  "run",
  "web",
  "php-fpm",
  "x.y*z",
  "logs",
  "certs",
);
const socket = fc
  .tuple(
    fc.constantFrom("/run", "/var/run", "/srv", "/opt/app", "/tmp", "/var/lib/app"),
    fc.array(name, { maxLength: 2 }),
  )
  .map(([top, names]) => `unix:${[top, ...names, "a.sock"].join("/")}`);
const file = fc
  .tuple(
    fc.constantFrom("/data", "/srv", "/home/joe", "/var/www", "/opt/app", "/mnt"),
    fc.array(name, { maxLength: 2 }),
  )
  .map(([top, names]) => [top, ...names].join("/"));

const key = fc
  .tuple(
    fc.oneof(file, fc.constantFrom("/home/joe", "/root", "/root/.acme.sh/site.example", "/home/joe/ssl")),
    fc.constantFrom("site.key", "privkey.pem", "fullchain.pem"),
  )
  .map(([directory, leaf]) => `${directory}/${leaf}`);

/** A word of nginx in double quotes. Dollar signs are left out: nginx would take them for variables. */
function quoted(word: string): string {
  return `"${word.replaceAll("$", "S").replaceAll(/[\\"]/g, "\\$&")}"`;
}

/** A configuration of one file that connects, listens, reads and writes. */
export const configuration = fc
  .record({
    ports: fc.uniqueArray(port, { maxLength: 12 }),
    listens: fc.uniqueArray(port, { maxLength: 4 }),
    ranges: fc.array(fc.tuple(port, fc.integer({ min: 1, max: 20 })), { maxLength: 2 }),
    sockets: fc.uniqueArray(socket, { maxLength: 4 }),
    roots: fc.uniqueArray(file, { maxLength: 3 }),
    logs: fc.uniqueArray(file, { maxLength: 2 }),
    caches: fc.uniqueArray(file, { maxLength: 2 }),
    keys: fc.uniqueArray(key, { maxLength: 2 }),
  })
  .map(({ ports, listens, ranges, sockets, roots, logs, caches, keys }) => {
    const zones = caches.map((each, index) => `proxy_cache_path ${quoted(each)} keys_zone=z${index}:1m;`);
    const lines = [
      ...ranges.map(([low, more]) => `listen 127.0.0.1:${low}-${Math.min(low + more, 65535)};`),
      ...keys.map((each, index) => `${index === 0 ? "ssl_certificate_key" : "ssl_certificate"} ${quoted(each)};`),
      ...listens.map((each) => `listen 127.0.0.1:${each};`),
      ...logs.map((each) => `access_log ${quoted(`${each}/access.log`)};`),
      ...ports.map((each) => `location /p${each} { proxy_pass http://127.0.0.1:${each}; }`),
      ...sockets.map((each, index) => `location /s${index} { proxy_pass ${quoted(`http://${each}:/`)}; }`),
      ...roots.map((each, index) => `location /r${index} { root ${quoted(each)}; }`),
    ];
    return `events {}\nhttp {\n${zones.join("\n")}\nserver {\n${lines.join("\n")}\n} }\n`;
  });

const booleans = ["httpd_can_network_connect", "httpd_can_network_relay", "httpd_graceful_shutdown", "nis_enabled"];
/** Bundled releases with some booleans on. */
export const bundled = fc
  .tuple(fc.constantFrom(...releases), fc.subarray(booleans))
  .map(([each, on]) =>
    release(each, ...on.map((boolean) => ({ kind: "boolean" as const, name: boolean, value: true }))),
  );

const portTypes = [
  "http_port_t",
  "http_cache_port_t",
  "ntop_port_t",
  "postgresql_port_t",
  "unreserved_port_t",
  "ssh_port_t",
];
const conditions = ["always", "httpd_can_network_connect", "httpd_can_network_relay", "httpd_graceful_shutdown"];
const table = fc.dictionary(fc.constantFrom(...conditions), fc.subarray(portTypes));
/** Small policies in which anything may be allowed or not. */
export const tiny = fc
  .record({
    records: fc.array(
      fc.tuple(fc.constantFrom("tcp", "udp"), port, fc.integer({ min: 0, max: 20 }), fc.constantFrom(...portTypes)),
      {
        maxLength: 30,
      },
    ),
    connect: table,
    bind: table,
    exactLabels: fc.boolean(),
  })
  .map(({ records, connect, bind, exactLabels }) =>
    tinyPolicy({
      ports: [
        ...records.map(([protocol, low, more, type]) => `${protocol} ${low}-${Math.min(65535, low + more)} ${type}`),
        "tcp 80 http_port_t",
        "tcp 1024-65535 unreserved_port_t",
      ],
      booleans: { httpd_can_network_connect: false, httpd_can_network_relay: false, httpd_graceful_shutdown: false },
      allow: {
        "tcp_socket name_connect": { ...connect, httpd_can_network_connect: portTypes },
        "tcp_socket name_bind": bind,
        "udp_socket name_bind": {},
        "dir search": { always: ["var_run_t", "httpd_var_run_t", "var_t", "root_t"] },
        "sock_file write": { always: ["httpd_var_run_t"] },
        "unix_stream_socket connectto": { always: ["httpd_t"] },
      },
      labels: [
        "/ root_t",
        "/run(/.*)? var_run_t",
        "/var(/.*)? var_t",
        "/run/php-fpm(/.*)? httpd_var_run_t",
        "/srv(/.*)? var_t",
      ],
      exactLabels,
    }),
  );
