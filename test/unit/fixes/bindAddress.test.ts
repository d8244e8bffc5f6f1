/** Debian's policy lets nginx bind to no address for UDP, whatever the port. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindPortFixes } from "../../../server/src/fixes/offer.ts";
import { decide } from "../../../server/src/selinux/decide.ts";
import { refusedPorts } from "../../../server/src/selinux/decidePort.ts";
import type { Protocol } from "../../../server/src/selinux/policy.ts";
import { tinyPolicy, type TinyPolicy } from "../../support/tinyPolicy.ts";

const localPorts = [32768, 60999] as const;

function policyWith(allow: NonNullable<TinyPolicy["allow"]>) {
  return tinyPolicy({ ports: ["tcp 80 http_port_t", "tcp 1024-65535 port_t", "udp 1024-65535 port_t"], allow });
}

const policy = policyWith({
  "tcp_socket name_bind": { always: ["http_port_t"] },
  "tcp_socket node_bind": { always: ["node_t"] },
  "udp_socket name_bind": { always: ["dns_port_t"] },
  "udp_socket node_bind": { ypbind: ["node_t"] },
});

function bind(protocol: Protocol, port: number) {
  const { verdict, target, cls, permission } = decide(
    policy,
    { kind: "bind-port", source: "httpd_t", protocol, port },
    { localPorts },
  );
  return [verdict, target, cls, permission];
}

function fixes(port: number) {
  const context = { policy, source: "httpd_t", localPorts };
  const found = bindPortFixes(context, [{ kind: "bind-port", source: "httpd_t", protocol: "udp", port }]);
  return found.map(({ id, title, changes }) => [id, title, changes.map((change) => change.kind)]);
}

test("the address is asked after the port, and where no port is checked", () => {
  assert.deepEqual(bind("udp", 5301), ["denied", "port_t", "udp_socket", "name_bind"]);
  assert.deepEqual(bind("udp", 40053), ["denied", "node_t", "udp_socket", "node_bind"]);
  assert.deepEqual(bind("udp", 0), ["denied", "node_t", "udp_socket", "node_bind"]);
  assert.equal(bind("tcp", 40053)[0], "allowed");
  assert.equal(bind("tcp", 80)[0], "allowed");
});

test("a policy that says nothing of addresses refuses none", () => {
  const silent = policyWith({ "udp_socket name_bind": { always: ["dns_port_t"] } });
  const query = { kind: "bind-port", source: "httpd_t", protocol: "udp", port: 40053 } as const;
  assert.equal(decide(silent, query, { localPorts }).verdict, "allowed");
});

test("no port of the local range is left out where its address is refused", () => {
  const ends = (protocol: Protocol) =>
    refusedPorts(
      policy,
      { kind: "bind-port", source: "httpd_t", protocol, port: 30_000, last: 50_000 },
      localPorts,
    ).map(({ low, high }) => [low, high]);
  assert.deepEqual(ends("udp"), [[30_000, 50_000]]);
  assert.deepEqual(ends("tcp"), [[30_000, 32_767]]);
});

test("a module allows the address, and a label the port where it is refused", () => {
  assert.deepEqual(fixes(40053), [["module", "Allow listening over UDP by a policy module", ["allow"]]]);
  assert.deepEqual(fixes(5301), [
    [
      "module",
      "Label udp port 5301 http_port_t and allow listening over UDP by a policy module",
      ["port", "allow", "allow"],
    ],
  ]);
});
