import assert from "node:assert/strict";
import { test } from "node:test";
import { HostError } from "../../../server/src/host/host.ts";
import { crossCheck } from "../../../server/src/selinux/host/crossCheck.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";
import type { MemoryHost } from "../../support/memoryHost.ts";
import { tinyPolicy } from "../../support/tinyPolicy.ts";

const policy = tinyPolicy({
  ports: ["tcp 80 http_port_t", "tcp 90 new_port_t"],
  allow: {
    "tcp_socket name_connect": { always: ["dns_port_t"] },
    "unix_stream_socket connectto": { always: ["httpd_t"] },
  },
});
const classes = {
  "/sys/fs/selinux/class/tcp_socket/index": "18",
  "/sys/fs/selinux/class/tcp_socket/perms/name_connect": "32",
  "/sys/fs/selinux/class/unix_stream_socket/index": "25",
  "/sys/fs/selinux/class/unix_stream_socket/perms/connectto": "22",
};
const connect = (target: string) => ({ source: "httpd_t", target, cls: "tcp_socket", permission: "name_connect" });

/** `allowed`: mask by request. */
function kernelOf(allowed: Readonly<Record<string, string>>, requests: string[] = []): MemoryHost {
  const host = createMemoryHost(classes);
  host.kernel = (path, request) => {
    assert.equal(path, "/sys/fs/selinux/access");
    requests.push(request);
    const mask = allowed[request];
    if (mask === undefined) throw new HostError("EINVAL", "Invalid argument");
    return `${mask} ffffffff 0 ffffffff 3 0`;
  };
  return host;
}

const dns = "system_u:system_r:httpd_t:s0 system_u:object_r:dns_port_t:s0 18";
const http = "system_u:system_r:httpd_t:s0 system_u:object_r:http_port_t:s0 18";

test("the kernel is asked in full contexts, by the class's own number, once for equal questions", async () => {
  const requests: string[] = [];
  const host = kernelOf({ [dns]: "80000000", [http]: "7fffffff" }, requests);
  const questions = [connect("dns_port_t"), connect("http_port_t"), connect("dns_port_t")];
  assert.deepEqual(await crossCheck(host, policy, questions), { checked: 2, disagreements: [], reason: null });
  assert.deepEqual(requests, [dns, http]);
});

test("a disagreement is told, either way", async () => {
  const host = kernelOf({ [dns]: "0", [http]: "ffffffff" });
  const { disagreements } = await crossCheck(host, policy, [connect("dns_port_t"), connect("http_port_t")]);
  assert.deepEqual(disagreements, [
    "httpd_t dns_port_t:tcp_socket name_connect: allowed by the policy on disk, denied by the kernel",
    "httpd_t http_port_t:tcp_socket name_connect: denied by the policy on disk, allowed by the kernel",
  ]);
});

test("a type that the running policy does not have is told", async () => {
  const { disagreements } = await crossCheck(kernelOf({}), policy, [connect("new_port_t")]);
  assert.match(disagreements[0] ?? "", /the kernel's policy does not know one of these types$/);
});

test("the other end of a connection has a process's context", async () => {
  const requests: string[] = [];
  const host = kernelOf({}, requests);
  await crossCheck(host, policy, [
    { source: "httpd_t", target: "httpd_t", cls: "unix_stream_socket", permission: "connectto" },
  ]);
  assert.deepEqual(requests, ["system_u:system_r:httpd_t:s0 system_u:system_r:httpd_t:s0 25"]);
});

test("what the kernel or the policy cannot answer is left out", async () => {
  const host = kernelOf({});
  const strange = { source: "httpd_t", target: "x_t", cls: "rocket", permission: "launch" };
  const unanswered = { ...connect("dns_port_t"), permission: "node_bind" };
  assert.deepEqual(await crossCheck(host, policy, [strange, unanswered]), {
    checked: 0,
    disagreements: [],
    reason: null,
  });
});

test("where the user may not ask, nothing is said but why", async () => {
  const host = createMemoryHost(classes);
  host.kernel = () => {
    throw new HostError("EACCES", "Permission denied");
  };
  assert.deepEqual(await crossCheck(host, policy, [connect("dns_port_t"), connect("http_port_t")]), {
    checked: 0,
    disagreements: [],
    reason: "/sys/fs/selinux/access: Permission denied",
  });
});
