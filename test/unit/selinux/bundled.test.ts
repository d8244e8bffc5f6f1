/** The bundled releases: every port against an independent calculation, and what the documentation claims of them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { booleansOf } from "../../../server/src/selinux/conditions.ts";
import { decide } from "../../../server/src/selinux/decide.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import type { Change, Policy, Protocol } from "../../../server/src/selinux/policy.ts";
import type { FileKind } from "../../../server/src/selinux/fileContextLists.ts";
import type { Decision, Query } from "../../../server/src/selinux/query.ts";
import { bundledFacts, releases, since } from "../../support/bundledPolicies.ts";
import type { Release, Since } from "../../support/bundledPolicies.ts";

const options = { localPorts: [32768, 60999] } as const;
const source = "httpd_t";
const newer = releases.slice(1);
/** Since RHEL 10 the paths of /run are written so, and RHEL 10.1 took over the policy of Fedora 42. */
const written = { rhel7: "/var/run", "rhel10.0": "/run" } as const;
const rebased = releases.slice(releases.indexOf("rhel10"));

function policy(release: Release, changes: readonly Change[] = []): Policy {
  return policyOf(bundledFacts(release), changes);
}

function ask(release: Release, query: Query, changes: readonly Change[] = []): Decision {
  return decide(policy(release, changes), query, options);
}

function connect(
  release: Release,
  port: number,
  changes: readonly Change[] = [],
  protocol: Protocol = "tcp",
): Decision {
  return ask(release, { kind: "connect-port", source, protocol, port }, changes);
}

function bind(release: Release, port: number, protocol: Protocol = "tcp", changes: readonly Change[] = []): Decision {
  return ask(release, { kind: "bind-port", source, protocol, port }, changes);
}

function socket(release: Release, path: string, changes: readonly Change[] = []): Decision {
  return ask(release, { kind: "connect-socket", source, path }, changes);
}

function check(release: Release, cls: string, permission: string, target: string): string {
  return policy(release).check(source, target, cls, permission).verdict;
}

const on = (...names: readonly string[]): Change[] => names.map((name) => ({ kind: "boolean", name, value: true }));
const label = (port: number, type: string, protocol: Protocol = "tcp"): Change => {
  return { kind: "port", protocol, low: port, high: port, type };
};

/* Every port. `portVerdicts.json` was worked out from the measured facts by another program, in another language. */

interface PortVerdicts {
  /** SHA-256 of a line `port type verdict flips` for each port 1-65535; type `-` where nothing is checked. */
  readonly digest: string;
  readonly allowed: string;
  readonly flips: { readonly [boolean: string]: string };
}

const portVerdicts: { readonly [release: string]: { readonly [question: string]: PortVerdicts } } = JSON.parse(
  readFileSync(new URL("../../fixtures/policies/portVerdicts.json", import.meta.url), "utf8"),
);

/** For example `1-52 54`. `ports` ascend. */
function rangesOf(ports: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const port of ports) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === port - 1) last[1] = port;
    else ranges.push([port, port]);
  }
  return ranges.map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`)).join(" ");
}

const questions = [
  ["connect tcp", "connect-port", "tcp"],
  ["bind tcp", "bind-port", "tcp"],
  ["bind udp", "bind-port", "udp"],
] as const;

for (const release of releases) {
  for (const [question, kind, protocol] of questions) {
    test(`${release}: ${question} has the measured verdict, type and booleans for every port`, () => {
      const expected = portVerdicts[release]?.[question];
      assert.ok(expected);
      const [lines, allowed, flips]: [string[], number[], Map<string, number[]>] = [[], [], new Map()];
      const current = policy(release);
      for (let port = 1; port <= 65535; port++) {
        const decision = decide(current, { kind, source, protocol, port }, options);
        const names = decision.flips.map(({ name }) => name);
        lines.push(`${port} ${decision.target ?? "-"} ${decision.verdict} ${names.toSorted().join()}`);
        if (decision.verdict === "allowed") allowed.push(port);
        for (const name of names) {
          const ports = flips.get(name);
          if (ports === undefined) flips.set(name, [port]);
          else ports.push(port);
        }
      }
      assert.equal(rangesOf(allowed), expected.allowed);
      for (const [name, ports] of Object.entries(expected.flips))
        assert.equal(rangesOf(flips.get(name) ?? []), ports, name);
      assert.equal(createHash("sha256").update(lines.join("\n")).digest("hex"), expected.digest);
    });
  }

  test(`${release}: a connection over UDP is never denied`, () => {
    for (const port of [1, 53, 443, 3000, 8125, 65535])
      assert.equal(connect(release, port, [], "udp").verdict, "allowed");
  });

  test(`${release}: every boolean in a rule has a value, and the release says where it comes from`, () => {
    const facts = bundledFacts(release);
    for (const [cls, permission] of [
      ["tcp_socket", "name_connect"],
      ["sock_file", "write"],
      ["file", "read"],
      ["dir", "search"],
    ] as const) {
      const targets = facts.targets(source, cls, permission);
      assert.ok(targets.size > 50, `${cls} ${permission}`);
      for (const condition of [...targets.values()].flat()) {
        for (const name of booleansOf(condition)) assert.ok(facts.booleans.has(name), name);
      }
    }
    assert.equal(facts.info.name, release);
    assert.match(facts.info.provenance, /policy/);
    assert.equal(facts.info.exactLabels, false);
    assert.equal(facts.domain, "httpd_t");
    assert.equal(facts.isPermissive("httpd_t"), false);
    assert.equal(facts.defaultPortType, "port_t");
  });
}

/* Outgoing TCP. */

const portTypes: readonly [type: string, ports: readonly number[]][] = [
  ["http_port_t", [80, 81, 443, 488, 8008, 8009, 8443, 9000]],
  ["http_cache_port_t", [8080, 8118, 8123, 10001, 10010]],
  ["ntop_port_t", [3000, 3001]],
  ["transproxy_port_t", [8081]],
  ["postgresql_port_t", [5432]],
  ["redis_port_t", [6379]],
  ["ephemeral_port_t", [50051]],
];
for (const [type, ports] of portTypes) {
  test(`tcp ${ports.join(", ")} is ${type} in every release`, () => {
    for (const release of releases) {
      for (const port of ports) assert.equal(policy(release).portType("tcp", port), type, `${release} ${port}`);
    }
  });
}

test("8080 is not http_port_t, and 81, 488 and 9000 are", () => {
  for (const release of releases) {
    const http = policy(release).facts.ports.filter(
      ({ protocol, type }) => protocol === "tcp" && type === "http_port_t",
    );
    assert.deepEqual(
      http
        .map(({ low, high }) => [low, high])
        .flat()
        .sort((a, b) => a - b),
      [80, 80, 81, 81, 443, 443, 488, 488, 8008, 8008, 8009, 8009, 8443, 8443, 9000, 9000],
    );
  }
});

test("a backend on 80 or 443 is connectable by default on RHEL 7 only", () => {
  for (const port of [80, 443, 8443, 9000]) {
    assert.equal(connect("rhel7", port).verdict, "allowed");
    for (const release of newer) assert.equal(connect(release, port).verdict, "denied", `${release} ${port}`);
  }
});

test("httpd_graceful_shutdown is on in RHEL 7, off later, and opens http_port_t and nothing else", () => {
  for (const release of releases) {
    assert.equal(policy(release).booleans.get("httpd_graceful_shutdown"), release === "rhel7");
    const targets = policy(release).facts.targets(source, "tcp_socket", "name_connect");
    const opened = [...targets].filter(([, conditions]) =>
      conditions.some((c) => booleansOf(c).includes("httpd_graceful_shutdown")),
    );
    assert.deepEqual(
      opened.map(([type]) => type),
      ["http_port_t"],
    );
  }
});

test("the label alone opens an arbitrary port on RHEL 7, and needs a boolean later", () => {
  const labelled = [label(3000, "http_port_t")];
  assert.equal(connect("rhel7", 3000).verdict, "denied");
  assert.equal(connect("rhel7", 3000, labelled).verdict, "allowed");
  for (const release of newer) {
    assert.equal(connect(release, 3000, labelled).verdict, "denied", release);
    assert.equal(
      connect(release, 3000, on("httpd_graceful_shutdown", "httpd_can_network_relay")).verdict,
      "denied",
      release,
    );
    for (const boolean of ["httpd_graceful_shutdown", "httpd_can_network_relay"]) {
      assert.equal(connect(release, 3000, [...labelled, ...on(boolean)]).verdict, "allowed", `${release} ${boolean}`);
    }
  }
});

const opens: readonly [boolean: string, ports: readonly number[], not: readonly number[], among: readonly Release[]][] =
  [
    ["httpd_can_network_connect", [22, 80, 3000, 5432, 8080, 50051, 65535], [], releases],
    ["httpd_can_network_relay", [80, 8080, 3128, 11211, 21, 70, 50051], [3000, 5432, 6379, 8081, 25], releases],
    ["httpd_graceful_shutdown", [80, 443, 9000], [8080, 3000, 50051], newer],
    ["httpd_can_network_connect_db", [3306, 5432, 1433, 1521, 27017, 3050], [6379, 11211], releases],
    ["httpd_can_network_memcache", [11211], [6379, 8080], releases],
    ["httpd_can_network_redis", [6379], [11211], ["rhel8", "rhel10.0", "rhel10", "fedora"]],
    ["httpd_can_connect_ldap", [389, 636], [22, 5432], releases],
    ["httpd_can_connect_zabbix", [10051], [10050], releases],
    ["httpd_can_connect_mythtv", [6543], [6542], releases],
    ["httpd_can_connect_ftp", [21], [20, 22], releases],
    ["httpd_can_sendmail", [25, 465, 110], [22, 8080], releases],
    ["nis_enabled", [50051], [3000, 8080], releases],
  ];
for (const [boolean, ports, not, among] of opens) {
  test(`${boolean} opens ${ports.join(", ")}${not.length === 0 ? "" : ` and not ${not.join(", ")}`}`, () => {
    for (const release of among) {
      const opensPort = (port: number): boolean => connect(release, port, on(boolean)).verdict === "allowed";
      for (const port of ports) assert.ok(opensPort(port), `${release} ${port}`);
      for (const port of not) assert.ok(!opensPort(port), `${release} ${port}`);
    }
  });
}

test("httpd_can_network_redis exists on 8.9 and later, 10 and Fedora, and not on 7 and 9", () => {
  const having = releases.filter((release) => bundledFacts(release).booleans.has("httpd_can_network_redis"));
  assert.deepEqual(
    having,
    releases.filter((name) => name !== "rhel7" && name !== "rhel9"),
  );
  assert.equal(bundledFacts("rhel8").booleanSince.get("httpd_can_network_redis"), "RHEL 8.9");
  assert.match(connect("rhel8", 6379).because.join("\n"), /httpd_can_network_redis .*exists from RHEL 8\.9 on/);
});

test("booleans are told by name, and nis_enabled last", () => {
  for (const release of releases) {
    const { because, flips } = connect(release, 50051);
    const told = because.flatMap((sentence) => /^(\w+) is (?:on|off) /.exec(sentence)?.[1] ?? []);
    assert.deepEqual(told, [...told.filter((name) => name !== "nis_enabled").sort(), "nis_enabled"], release);
    const names = flips.map(({ name }) => name);
    assert.deepEqual(names, [...names.filter((name) => name !== "nis_enabled").sort(), "nis_enabled"], release);
    assert.ok(names.length > 2);
  }
});

test("tcp 9010 has a record of its own before RHEL 10.1 and Fedora 42, and none since", () => {
  for (const release of releases)
    assert.equal(policy(release).definesPort("tcp", 9010, 9010), !rebased.includes(release), release);
});

test("valkey's socket is Redis's, and may be connected to where the policy knows it", () => {
  for (const release of rebased) {
    assert.deepEqual(policy(release).label("/run/valkey", "dir").type, "redis_var_run_t", release);
    assert.equal(socket(release, "/run/valkey/valkey.sock").verdict, "allowed", release);
    assert.equal(check(release, "unix_stream_socket", "connectto", "redis_t"), "allowed", release);
  }
  assert.equal(policy("rhel10.0").label("/run/valkey", "dir").type, "var_run_t");
});

test("refusals that leave no AVC are those that were seen to", () => {
  const silent = (release: Release, cls: string, permission: string, target: string): string =>
    policy(release).dontaudit(source, target, cls, permission).verdict;
  for (const type of [
    "default_t",
    "user_home_t",
    "user_home_dir_t",
    "home_root_t",
    "mnt_t",
    "usr_t",
    "admin_home_t",
    "container_file_t",
    "public_content_t",
  ]) {
    assert.equal(silent("rhel9", "dir", "write", type), "silent", type);
  }
  assert.equal(silent("rhel7", "dir", "write", "usr_t"), "silent");
  assert.equal(silent("rhel7", "dir", "write", "default_t"), "recorded");
  for (const release of ["rhel7", "rhel9"] as const) {
    assert.equal(silent(release, "dir", "read", "admin_home_t"), "silent", release);
    assert.equal(silent(release, "file", "getattr", "var_run_t"), "silent", release);
  }
  for (const release of releases) {
    assert.equal(silent(release, "tcp_socket", "name_connect", "ntop_port_t"), "recorded", release);
    assert.equal(silent(release, "sock_file", "write", "var_run_t"), "recorded", release);
  }
});

test("DNS, and with kerberos_enabled on Kerberos and OCSP, are connectable always", () => {
  for (const release of releases) {
    assert.equal(connect(release, 53).verdict, "allowed");
    assert.equal(connect(release, 88).verdict, "allowed");
    const off: Change = { kind: "boolean", name: "kerberos_enabled", value: false };
    assert.equal(connect(release, 88, [off]).verdict, "denied");
  }
});

/* Listening. */

test("nginx may listen on the web, cache, ntop, JBoss and Puppet ports, and on no other below the local range", () => {
  const bindable = [80, 443, 8080, 3000, 3001, 4447, 9990, 9999, 18001, 5445, 5455, 8140, 8443, 9000];
  for (const release of releases) {
    for (const port of bindable) assert.equal(bind(release, port).verdict, "allowed", `${release} ${port}`);
    for (const port of [8888, 5000, 8081, 8090, 61000])
      assert.equal(bind(release, port).verdict, "denied", `${release} ${port}`);
    for (const port of [32768, 40000, 60999])
      assert.equal(bind(release, port).verdict, "allowed", `${release} ${port}`);
  }
});

test("udp 443 is denied on RHEL 7-10.0 until it is labelled, and allowed on 10.1 and Fedora", () => {
  for (const release of releases) {
    assert.equal(bind(release, 443, "udp").verdict, rebased.includes(release) ? "allowed" : "denied", release);
    assert.equal(bind(release, 443, "udp", [label(443, "http_port_t", "udp")]).verdict, "allowed", release);
    assert.equal(bind(release, 40000, "udp").verdict, "allowed");
  }
});

test("no network-connect boolean helps a denied listen, and the label does", () => {
  for (const release of releases) {
    const booleans = on("httpd_can_network_connect", "httpd_can_network_relay", "httpd_graceful_shutdown");
    assert.equal(bind(release, 8888, "tcp", booleans).verdict, "denied");
    assert.equal(bind(release, 8888, "tcp", [label(8888, "http_port_t")]).verdict, "allowed");
  }
});

/* Which verb. */

test("semanage has a record for 8080, 8081 and 8443 and for the range 3000-3001, and none for 3000, 9443, 27017 or 50051", () => {
  for (const release of releases) {
    const defined = (low: number, high = low): boolean => policy(release).definesPort("tcp", low, high);
    for (const port of [80, 8080, 8081, 8443, 5432]) assert.ok(defined(port), `${release} ${port}`);
    assert.ok(defined(3000, 3001));
    assert.ok(defined(10001, 10010));
    for (const port of [3000, 3001, 9443, 27017, 10005, 50051]) assert.ok(!defined(port), `${release} ${port}`);
  }
});

test("the policy defines file contexts in the form that semanage knows on that release", () => {
  const defines = (spec: string): readonly Release[] =>
    releases.filter((release) => bundledFacts(release).definesFileContext(spec));
  assert.deepEqual(defines("/var/www(/.*)?"), releases);
  assert.deepEqual(defines("/var/log/nginx(/.*)?"), releases);
  assert.deepEqual(defines("/var/cache/nginx(/.*)?"), newer);
  for (const release of releases) {
    const facts = bundledFacts(release);
    for (const root of ["/run", "/var/run"])
      assert.equal(facts.definesFileContext(`${root}/php-fpm(/.*)?`), root === since(written, release), release);
  }
  assert.deepEqual(defines("/etc/cron\\.d(/.*)?"), releases);
  for (const spec of ["/srv/app(/.*)?", "/var/run/myapp(/.*)?", "/run/myapp(/.*)?", "/var/www", "/var/www/.*"]) {
    assert.deepEqual(defines(spec), [], spec);
  }
});

/* Unix sockets. */

test("the socket's label counts: any run type on RHEL 7, a short list later", () => {
  for (const release of releases) {
    const writable = (type: string): string => check(release, "sock_file", "write", type);
    for (const type of [
      "httpd_var_run_t",
      "httpd_tmp_t",
      "httpd_sys_rw_content_t",
      "mysqld_var_run_t",
      "postgresql_var_run_t",
      "memcached_var_run_t",
    ]) {
      assert.equal(writable(type), "allowed", `${release} ${type}`);
    }
    assert.equal(writable("var_run_t"), release === "rhel7" ? "allowed" : "denied", release);
    for (const type of [
      "httpd_sys_content_t",
      "tmp_t",
      "user_tmp_t",
      "var_lib_t",
      "var_t",
      "usr_t",
      "user_home_t",
      "default_t",
      "container_file_t",
    ]) {
      assert.equal(writable(type), "denied", `${release} ${type}`);
    }
  }
});

test("the listening service's domain counts: unconfined_service_t to RHEL 8, init_t from RHEL 8", () => {
  for (const release of releases) {
    const reachable = (type: string): string => check(release, "unix_stream_socket", "connectto", type);
    for (const type of ["httpd_t", "mysqld_t", "postgresql_t", "memcached_t", "thin_t", "sssd_t"]) {
      assert.equal(reachable(type), "allowed", `${release} ${type}`);
    }
    const early = release === "rhel7" || release === "rhel8";
    assert.equal(reachable("unconfined_service_t"), early ? "allowed" : "denied", release);
    assert.equal(reachable("init_t"), release === "rhel7" ? "denied" : "allowed", release);
    assert.equal(reachable("redis_t"), release === "rhel7" ? "denied" : "allowed", release);
    for (const type of ["unconfined_t", "initrc_t", "user_t"])
      assert.equal(reachable(type), "denied", `${release} ${type}`);
  }
  const denied = policy("rhel9").check(source, "unconfined_service_t", "unix_stream_socket", "connectto");
  assert.deepEqual(denied, { verdict: "denied", conditions: [] });
});

test("httpd_sock_t exists in no release, httpd_var_run_t in all, and phpfpm_t is another name of httpd_t", () => {
  for (const release of releases) {
    const facts = bundledFacts(release);
    assert.equal(facts.resolveType("httpd_sock_t"), undefined);
    assert.equal(facts.resolveType("httpd_var_run_t"), "httpd_var_run_t");
    assert.equal(facts.resolveType("phpfpm_var_run_t"), "httpd_var_run_t");
    assert.equal(facts.resolveType("httpd_fastcgi_var_run_t"), "httpd_var_run_t");
    assert.equal(facts.resolveType("phpfpm_t"), "httpd_t");
    assert.equal(facts.resolveType("some_module_t"), null);
  }
});

test("a socket of its own in /run is denied from RHEL 8 on, and its directory's label in the right form opens it", () => {
  for (const release of newer) {
    const denied = socket(release, "/run/myapp/app.sock");
    assert.deepEqual([denied.verdict, denied.target, denied.exact], ["denied", "var_run_t", false], release);
    assert.deepEqual(denied.flips, []);
    const right = since(written, release);
    const wrong = right === "/run" ? "/var/run" : "/run";
    const context = (root: string): Change => {
      return { kind: "fileContext", spec: `${root}/myapp(/.*)?`, fileKind: "any", type: "httpd_var_run_t" };
    };
    assert.equal(socket(release, "/run/myapp/app.sock", [context(right)]).verdict, "allowed", release);
    assert.equal(socket(release, "/run/myapp/app.sock", [context(wrong)]).verdict, "denied", release);
    assert.equal(socket(release, "/var/run/myapp/app.sock").verdict, "denied", release);
    assert.equal(socket(release, "/run/app.sock").verdict, "denied", release);
  }
  assert.equal(socket("rhel7", "/run/myapp/app.sock").verdict, "allowed");
});

test("sockets below /run/php-fpm and /run/nginx are right everywhere, and chcon makes one so", () => {
  for (const release of releases) {
    assert.equal(socket(release, "/run/php-fpm/www.sock").verdict, "allowed", release);
    assert.equal(socket(release, "/var/run/php-fpm/www.sock").verdict, "allowed", release);
    assert.equal(socket(release, "/run/nginx/app.sock").verdict, "allowed", release);
    assert.equal(socket(release, "/var/lib/mysql/mysql.sock").verdict, "allowed", release);
    assert.equal(socket(release, "/srv/app/app.sock").verdict, "denied", release);
    assert.equal(socket(release, "/home/joe/app.sock").verdict, "denied", release);
    const chcon: Change = { kind: "label", path: "/run/myapp/app.sock", type: "httpd_var_run_t" };
    assert.equal(socket(release, "/run/myapp/app.sock", [chcon]).verdict, "allowed", release);
  }
});

test("a socket in /tmp has no default label, so its verdict is unknown", () => {
  for (const release of releases) {
    const decision = socket(release, "/tmp/app.sock");
    assert.deepEqual([decision.verdict, decision.exact], ["unknown", false], release);
  }
});

test("the network booleans do nothing for a unix socket", () => {
  for (const release of newer) {
    const booleans = on("httpd_can_network_connect", "httpd_can_network_relay", "httpd_graceful_shutdown");
    assert.equal(socket(release, "/run/myapp/app.sock", booleans).verdict, "denied");
  }
});

/* Files and directories. */

test("readable, denied and conditional file types are as documented", () => {
  for (const release of releases) {
    const opening = (type: string): string => check(release, "file", "open", type);
    for (const type of [
      "httpd_sys_content_t",
      "usr_t",
      "var_lib_t",
      "etc_t",
      "cert_t",
      "httpd_config_t",
      "public_content_t",
    ]) {
      assert.equal(opening(type), "allowed", `${release} ${type}`);
    }
    for (const type of ["var_t", "default_t", "user_home_t", "nfs_t", "cifs_t", "fusefs_t"]) {
      assert.equal(opening(type), "denied", `${release} ${type}`);
    }
    // A file that nginx inherits may be read everywhere; only RHEL 7 and 8 let it open one of this type itself.
    assert.equal(check(release, "file", "read", "tmp_t"), "allowed", release);
    assert.equal(opening("tmp_t"), release === "rhel7" || release === "rhel8" ? "allowed" : "denied", release);
    const under = (boolean: string, type: string): string =>
      policy(release, on(boolean)).check(source, type, "file", "open").verdict;
    assert.equal(under("httpd_read_user_content", "user_home_t"), "allowed", release);
    assert.equal(under("httpd_enable_homedirs", "httpd_user_content_t"), "allowed", release);
    assert.equal(under("httpd_use_nfs", "nfs_t"), "allowed", release);
    assert.equal(under("httpd_use_cifs", "cifs_t"), "allowed", release);
    assert.equal(under("httpd_use_fusefs", "fusefs_t"), "allowed", release);
  }
});

test("logs may be appended and not written, and an existing var_log_t file not opened", () => {
  for (const release of releases) {
    assert.equal(check(release, "file", "append", "httpd_log_t"), "allowed");
    assert.equal(check(release, "file", "create", "httpd_log_t"), "allowed");
    assert.equal(check(release, "file", "write", "httpd_log_t"), "denied");
    assert.equal(check(release, "file", "append", "var_log_t"), "allowed");
    assert.equal(check(release, "file", "open", "var_log_t"), "denied");
    for (const type of ["httpd_cache_t", "httpd_var_lib_t", "httpd_tmp_t", "httpd_sys_rw_content_t"]) {
      for (const permission of ["create", "write", "rename", "unlink"]) {
        const changes = on("httpd_builtin_scripting", "httpd_enable_cgi");
        assert.equal(
          policy(release, changes).check(source, type, "file", permission).verdict,
          "allowed",
          `${release} ${type}`,
        );
      }
    }
    assert.equal(policy(release).check(source, "httpd_t", "process", "setrlimit").verdict, "denied");
    assert.equal(
      policy(release, on("httpd_setrlimit")).check(source, "httpd_t", "process", "setrlimit").verdict,
      "allowed",
    );
  }
});

/* Default labels. One type, or by the release from which on it is another; null is no default. */

const defaults: readonly [path: string, kind: FileKind, type: string | null | Since<string | null>][] = [
  ["/", "dir", "root_t"],
  ["/run", "dir", "var_run_t"],
  ["/var/run", "dir", "var_run_t"],
  ["/run/myapp", "dir", "var_run_t"],
  ["/run/myapp/app.sock", "sock", "var_run_t"],
  ["/var/run/myapp/app.sock", "sock", "var_run_t"],
  ["/run/myapp/deep/er/app.sock", "sock", "var_run_t"],
  ["/run/php-fpm", "dir", "httpd_var_run_t"],
  ["/run/php-fpm/www.sock", "sock", "httpd_var_run_t"],
  ["/run/nginx", "dir", "httpd_var_run_t"],
  ["/run/nginx.pid", "file", "httpd_var_run_t"],
  ["/run/lock", "dir", "var_lock_t"],
  ["/var/run/lock", "dir", { rhel7: "var_run_t", "rhel10.0": "var_lock_t" }],
  ["/run/user/1000/app.sock", "sock", { rhel7: "user_tmp_t", rhel9: null }],
  ["/run/haproxy.sock", "sock", "haproxy_var_run_t"],
  ["/srv", "dir", "var_t"],
  ["/srv/anything", "dir", "var_t"],
  ["/srv/any/thing.html", "file", "var_t"],
  ["/srv/shop/www/index.html", "file", "httpd_sys_content_t"],
  ["/srv/shop/app.sock", "sock", "var_t"],
  ["/data", "dir", "default_t"],
  ["/data/x", "file", "default_t"],
  ["/never/heard/of", "dir", "default_t"],
  ["/opt/app/static", "dir", "usr_t"],
  ["/mnt", "dir", "mnt_t"],
  ["/mnt/disk", "dir", "mnt_t"],
  ["/mnt/disk/site/index.html", "file", null],
  ["/tmp", "dir", "tmp_t"],
  ["/tmp/app.sock", "sock", null],
  ["/proc/1/status", "file", null],
  ["/home", "dir", "home_root_t"],
  ["/home/joe", "dir", "user_home_dir_t"],
  ["/home/joe/site", "dir", "user_home_t"],
  ["/home/joe/site/index.html", "file", "user_home_t"],
  ["/home/joe/public_html/index.html", "file", "httpd_user_content_t"],
  ["/home/joe/.ssh/id_rsa", "file", "ssh_home_t"],
  ["/root", "dir", "admin_home_t"],
  ["/root/x", "file", "admin_home_t"],
  ["/root/www/site/index.html", "file", "admin_home_t"],
  ["/root/.ssh/id_rsa", "file", "ssh_home_t"],
  // Where the policies name places like those of web applications.
  ["/var/www/html/shop/uploads", "dir", "httpd_sys_rw_content_t"],
  ["/var/www/html/a/b/c/d/e/uploads/x.png", "file", "httpd_sys_rw_content_t"],
  ["/var/www/a/b/c/d/e/logs/x.log", "file", "httpd_log_t"],
  ["/opt/shop/var/x", "file", { rhel7: "usr_t", rhel9: "var_t" }],
  ["/opt/a/b/c/d/e/f/bin/x", "file", "bin_t"],
  ["/opt/a/b/c/d/e/f/x", "file", "usr_t"],
  ["/home/joe/public_html/logs/x.log", "file", "httpd_user_ra_content_t"],
  ["/export", "dir", "usr_t"],
  ["/var/ftp/x", "file", "public_content_t"],
  // Paths that stand for others.
  ["/var/mnt/site", "dir", { rhel7: "var_t", rhel9: "mnt_t" }],
  ["/var/roothome/x", "file", "admin_home_t"],
  ["/lib64/nginx/x.so", "file", "lib_t"],
  ["/var/www", "dir", "httpd_sys_content_t"],
  ["/var/www/html/x", "file", "httpd_sys_content_t"],
  ["/var/www/shop/logs/access.log", "file", "httpd_log_t"],
  ["/var/cache/nginx/x", "file", { rhel7: "var_t", rhel8: "httpd_cache_t" }],
  ["/var/log/nginx/access.log", "file", "httpd_log_t"],
  ["/var/log/other/x.log", "file", "var_log_t"],
  ["/var/lib/nginx/tmp", "dir", "httpd_var_lib_t"],
  ["/var/lib/unheard/of", "file", "var_lib_t"],
  ["/var/lib/mysql/mysql.sock", "sock", "mysqld_var_run_t"],
  ["/var/lib/mysql/other.sock", "sock", "mysqld_db_t"],
  ["/etc/nginx/nginx.conf", "file", "httpd_config_t"],
  ["/etc/pki/tls/certs/site.crt", "file", "cert_t"],
  ["/etc/cron.d/job", "file", "system_cron_spool_t"],
  ["/usr/share/nginx/html/index.html", "file", "httpd_sys_content_t"],
  ["/usr/sbin/nginx", "file", "httpd_exec_t"],
  ["/usr/local/nginx/sbin/nginx", "file", "bin_t"],
  ["/usr/local/nginx/html/index.html", "file", "usr_t"],
  ["/usr/share/unheard/of", "file", "usr_t"],
  ["/usr/lib64/nginx/modules/x.so", "file", "lib_t"],
];
for (const [path, kind, types] of defaults) {
  test(`the default label of ${path} as ${kind} is ${JSON.stringify(types)}, never certain`, () => {
    for (const release of releases) {
      const expected = typeof types === "string" || types === null ? types : since(types, release);
      const answer = policy(release).label(path, kind);
      assert.equal(answer.type, expected, release);
      assert.equal(answer.exact, false);
    }
  });
}

test("/run stands for /var/run on RHEL 7-9, and the reverse later", () => {
  for (const release of releases) {
    const facts = bundledFacts(release);
    for (const path of ["/run/x", "/var/run/x"])
      assert.equal(facts.canonicalPath(path), `${since(written, release)}/x`);
    assert.equal(facts.canonicalPath("/runner"), "/runner");
  }
});

test("httpd_t may search directories wherever they are, so that no working_directory is refused", () => {
  const paths = ["/srv/x", "/data", "/root", "/home/me", "/mnt/x", "/opt/x", "/var/log/audit", "/var/lib/mysql"];
  for (const release of releases) {
    const searched = bundledFacts(release).targets(source, "dir", "search");
    for (const path of paths) {
      const { type } = policy(release).label(path, "dir");
      assert.ok(type !== null && searched?.get(type)?.some((condition) => booleansOf(condition).length === 0), path);
    }
  }
});
