/** What is said, how loud, and what is said beside the commands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Access } from "../../server/src/nginx/access.ts";
import { accessKey } from "../../server/src/rules/accessQueries.ts";
import type { Policy } from "../../server/src/selinux/policy.ts";
import { releases } from "../support/bundledPolicies.ts";
import { tinyPolicy } from "../support/tinyPolicy.ts";
import { informed, judge, listen, release, tcp, unix } from "./situation.ts";
import type { Said } from "./situation.ts";

function only(policy: Policy, access: Access): Said {
  // What listens on a socket is another question; it has tests of its own below.
  const said = judge(policy, access).filter(({ rule }) => rule !== "connect-peer");
  const [first] = said;
  assert.ok(first !== undefined && said.length === 1, `${said.length} findings`);
  return first;
}

test("a refused connection says what is refused, why, where, and how it looks to the user", () => {
  const { severity, message, because } = only(release("rhel9"), tcp(3000));
  assert.equal(severity, "error");
  assert.equal(
    message,
    "tcp port 3000 (ntop_port_t): SELinux refuses nginx's connection, so requests fail (HTTP: 502) on RHEL 9.",
  );
  assert.ok(because.some((sentence) => sentence.includes("record tcp 3000-3001")));
});

test("a refused listen says that nginx does not start and that nginx -t is no proof", () => {
  const { severity, message } = only(release("rhel9"), listen("udp", 443));
  assert.equal(severity, "error");
  assert.match(
    message,
    /^udp port 443 \(reserved_port_t\): SELinux refuses nginx's listening, so nginx does not start on RHEL 9/,
  );
  assert.match(message, /"nginx -t" as root passes all the same\.$/);
});

test("a refused range names the refused runs and not the open ports between them", () => {
  const { message } = only(release("rhel9"), listen("tcp", 8079, 8082));
  assert.match(
    message,
    /^tcp ports 8079-8082 \(8079 and 8081-8082: unreserved_port_t, transproxy_port_t, \.\.\.\): SELinux/,
  );
  assert.doesNotMatch(message, /8080/);
});

test("one of several values is a warning that says may", () => {
  const { severity, message, because } = only(
    release("rhel9"),
    tcp(3000, { certainty: "one-of", reason: "$backend has 2 known values" }),
  );
  assert.equal(severity, "warning");
  assert.match(message, /: SELinux may refuse/);
  assert.ok(because.includes("$backend has 2 known values"));
});

test("an unknown target is a hint with the reason and nothing else", () => {
  const { rule, severity, message, fixes } = only(
    release("rhel9"),
    tcp(3000, { certainty: "unknown", reason: "$arg_port comes from the request" }),
  );
  assert.deepEqual([rule, severity, fixes], ["target-unknown", "hint", []]);
  assert.match(message, /\$arg_port comes from the request/);
});

test("a permissive or disabled host blocks nothing, and the finding says so as information", () => {
  for (const mode of ["permissive", "disabled"] as const) {
    const { severity, message, fixes } = only(informed(release("rhel9"), { mode }), tcp(3000));
    assert.equal(severity, "information");
    assert.match(message, /: SELinux would refuse/);
    assert.ok(message.includes(mode), message);
    assert.ok(fixes.length > 0);
  }
});

test("a permissive domain blocks nothing", () => {
  const policy = tinyPolicy({
    permissive: true,
    ports: ["tcp 3000 ntop_port_t"],
    allow: { "tcp_socket name_connect": { httpd_can_network_connect: ["ntop_port_t"] } },
  });
  const { severity, message } = only(policy, tcp(3000));
  assert.equal(severity, "information");
  assert.match(message, /httpd_t is permissive/);
});

test("a label of a bundled release makes a warning, a host's own label an error", () => {
  const labels = (exactLabels: boolean): Policy =>
    tinyPolicy({
      exactLabels,
      labels: ["/.* root_t", "/run(/.*)? var_run_t", "/run/php(/.*)? httpd_var_run_t"],
      allow: {
        "dir search": { always: ["root_t", "var_run_t", "httpd_var_run_t"] },
        "sock_file write": { always: ["httpd_var_run_t"] },
        "unix_stream_socket connectto": { always: ["httpd_t"] },
      },
    });
  const socket = unix("/run/myapp/app.sock");
  assert.equal(only(labels(true), socket).severity, "error");
  assert.match(only(labels(true), socket).message, /: SELinux refuses/);
  assert.equal(only(labels(false), socket).severity, "warning");
  assert.match(only(labels(false), socket).message, /: SELinux may refuse .*; then requests fail/);
});

test("a refused socket says what the second check means on the release", () => {
  const socket = unix("/opt/app/app.sock");
  for (const name of ["rhel7", "rhel8"] as const) {
    const { because } = only(release(name), socket);
    assert.match(because.join("\n"), /php-fpm \(httpd_t\) and a service .*unconfined_service_t.* are allowed/);
  }
  for (const name of ["rhel9", "rhel10", "fedora"] as const) {
    const { because } = only(release(name), socket);
    assert.match(
      because.join("\n"),
      /php-fpm \(httpd_t\) is allowed, .*unconfined_service_t.* is refused whatever the label/,
    );
  }
});

test("a socket that php-fpm may make itself is information, and says on what it depends", () => {
  const { severity, message } = only(release("rhel9"), unix("/run/php.sock", { directive: "fastcgi_pass" }));
  assert.equal(severity, "information");
  assert.match(message, /php-fpm makes there itself gets httpd_var_run_t and works/);
  const via = [{ file: 0, span: { start: 0, end: 1 }, directive: "fastcgi_pass" }];
  assert.equal(only(release("rhel9"), unix("/run/php.sock", { directive: "server", via })).severity, "information");
  assert.equal(only(release("rhel9"), unix("/run/php.sock", { directive: "proxy_pass" })).severity, "warning");
  assert.equal(only(release("rhel9"), unix("/opt/php.sock", { directive: "fastcgi_pass" })).severity, "warning");
});

test("a socket without a directory of its own is sent to one", () => {
  for (const path of ["/run/app.sock", "/opt/app/app.sock", "/home/me/app/app.sock"]) {
    const { message, fixes } = only(release("rhel9"), unix(path));
    assert.match(message, /RuntimeDirectory=/, path);
    assert.deepEqual(
      fixes.map((fix) => [fix.id, fix.durable]),
      [["chcon", false]],
    );
  }
});

test("a socket in /tmp is not found whatever its label is, and the hint says why", () => {
  for (const name of releases) assert.match(only(release(name), unix("/tmp/app.sock")).message, /PrivateTmp=true/);
});

test("a path that no command can name gets the reason instead of a command", () => {
  const { message, because, fixes } = only(release("rhel9"), unix("/run/my\napp/app.sock"));
  assert.deepEqual(fixes, []);
  assert.ok(because.includes("no command is offered for this path: it contains a control character"));
  assert.ok(message.includes(String.raw`/run/my\u{a}app/app.sock`));
});

test("taking a port from a named service is said in the title and in what it opens", () => {
  const fix = only(release("rhel9"), tcp(8081)).fixes[0];
  assert.ok(fix !== undefined);
  assert.match(fix.title, /takes it from transproxy_port_t/);
  assert.match(fix.opens, /Takes tcp port 8081 from the services of transproxy_port_t/);
});

test("a label of the web for a daemon's port says what the daemon and its boolean lose", () => {
  const fix = only(release("rhel9"), tcp(5432)).fixes.find((each) => each.id === "label-port");
  assert.match(fix?.opens ?? "", /Takes tcp port 5432 from the services of postgresql_port_t/);
  assert.match(fix?.opens ?? "", /If the backend is such a service itself, it may not listen there then/);
  assert.match(fix?.opens ?? "", /httpd_can_network_connect_db, does not open it then/);
});

test("sshd keeps its port, and the finding says to use another", () => {
  const { fixes, because } = only(release("rhel9"), listen("tcp", 22));
  assert.deepEqual(fixes, []);
  assert.ok(because.some((sentence) => sentence.includes("listen on another port")));
});

test("a boolean that older minor releases lack says so and is not the only narrow fix", () => {
  const { fixes } = only(release("rhel8"), tcp(6379));
  assert.match(fixes[0]?.title ?? "", /httpd_can_network_redis \(exists since RHEL 8\.9\)/);
  assert.match(fixes[0]?.opens ?? "", /before RHEL 8\.9/);
  assert.deepEqual(
    fixes.map((fix) => fix.id),
    ["boolean", "module", "label-port", "broad-boolean"],
  );
});

test("the broad boolean says that it opens every port, and how many types that is", () => {
  const broad = only(release("rhel9"), tcp(3000)).fixes.at(-1);
  assert.equal(broad?.id, "broad-boolean");
  assert.match(broad?.opens ?? "", /^Opens every port: .* all 312 port types/);
});

test("graceful shutdown opens the web ports and nothing else, relay thirteen types", () => {
  const { fixes } = only(release("rhel9"), tcp(80));
  assert.equal(
    fixes[0]?.opens,
    "Lets httpd_t connect to http_port_t (tcp 80, 81, 443, 488, 8008, 8009, 8443, 9000), nothing else.",
  );
  assert.match(fixes[1]?.opens ?? "", /13 port types: http_port_t, http_cache_port_t/);
});

test("a boolean that is on already is not repeated", () => {
  const policy = release("rhel9", { kind: "boolean", name: "httpd_graceful_shutdown", value: true });
  const [fix] = only(policy, tcp(3000)).fixes;
  assert.deepEqual(fix?.commands, ["sudo semanage port -a -t http_port_t -p tcp 3000"]);
});

test("booleans that would open a port by accident are named as such", () => {
  const { because } = only(release("rhel9"), tcp(50051));
  assert.ok(
    because.some((sentence) =>
      /^httpd_can_connect_ftp, httpd_use_openstack and nis_enabled .*side effect/.test(sentence),
    ),
  );
});

test("every undo takes the commands back in reverse", () => {
  const [label] = only(release("rhel9"), tcp(3000)).fixes;
  assert.deepEqual(label?.undo, ["sudo setsebool -P httpd_graceful_shutdown off", "sudo semanage port -d -p tcp 3000"]);
  const [directory, chcon] = only(release("rhel9"), unix("/run/myapp/app.sock")).fixes;
  assert.deepEqual(directory?.undo, [
    "sudo semanage fcontext -d '/var/run/myapp(/.*)?'",
    "sudo restorecon -Rv /run/myapp",
  ]);
  assert.deepEqual(chcon?.undo, ["sudo restorecon -v /run/myapp/app.sock"]);
});

test("equal targets have equal keys, and what changes the verdict changes the key", () => {
  assert.equal(accessKey(tcp(3000)), accessKey(tcp(3000, { host: "10.0.0.1", directive: "server" })));
  const keys = [
    tcp(3000),
    tcp(3001),
    tcp(null),
    tcp(null, { directive: "grpc_pass" }),
    tcp(3000, { certainty: "one-of" }),
    tcp(3000, { certainty: "unknown" }),
    tcp(3000, { certainty: "one-of", reason: "a" }),
    unix("/a"),
    unix("/b"),
    unix(null),
    unix(null, { directive: "grpc_pass" }),
    listen("tcp", 80),
    listen("udp", 80),
    listen("tcp", 80, 81),
    listen("tcp", null),
  ].map(accessKey);
  assert.equal(new Set(keys).size, keys.length);
});
