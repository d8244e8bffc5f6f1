import assert from "node:assert/strict";
import { test } from "node:test";
import type { AddressOptions } from "../../../server/src/nginx/blocks/address.ts";
import { isBindAddress, isIpv4, isIpv6, parseAddress } from "../../../server/src/nginx/blocks/address.ts";

/** `family host:port[-last]` with ` no-port` and ` uri=...`, or the error. */
function read(text: string, options?: AddressOptions): string {
  const address = parseAddress(text, options);
  if (!address.ok) return address.error;
  const { family, host, port, lastPort, noPort, uri } = address;
  const last = lastPort === port ? "" : `-${lastPort}`;
  return `${family} ${host}:${port}${last}${noPort ? " no-port" : ""}${uri === "" ? "" : ` uri=${uri}`}`;
}

const upstream: readonly (readonly [text: string, expected: string])[] = [
  ["127.0.0.1:3000", "ipv4 127.0.0.1:3000"],
  ["127.0.0.1", "ipv4 127.0.0.1:80 no-port"],
  ["010.0.0.1:1", "ipv4 010.0.0.1:1"],
  ["127.1:3000", "name 127.1:3000"],
  ["8080", "name 8080:80 no-port"],
  ["localhost:0080", "name localhost:80"],
  ["localhost:65535", "name localhost:65535"],
  ["localhost:65536", "invalid port"],
  ["localhost:0", "invalid port"],
  ["localhost:", "invalid port"],
  ["localhost:http", "invalid port"],
  ["localhost:99999999999999999999999", "invalid port"],
  ["user:pass@host", "invalid port"],
  ["::1", "invalid port"],
  [":80", "no host"],
  ["", "no host"],
  ["127.0.0.1/foo", "invalid host"],
  ["127.0.0.1?foo", "invalid host"],
  ["http://127.0.0.1:80", "invalid host"],
  ["[::1]:80", "ipv6 ::1:80"],
  ["[::1]", "ipv6 ::1:80 no-port"],
  ["[::1", "invalid host"],
  ["[::1]80", "invalid host"],
  ["[]:80", "no host"],
  ["[fe80::1%eth0]:80", "invalid IPv6 address"],
  ["[::1]:0", "invalid port"],
  ["unix:/run/x.sock", "unix /run/x.sock:0"],
  ["UNIX:/run/x.sock", "unix /run/x.sock:0"],
  ["unix:run/x.sock", "unix run/x.sock:0"],
  ["unix:/run/x.sock:/u", "unix /run/x.sock:/u:0"],
  ["unix:", "no path in the unix domain socket"],
  [`unix:/${"x".repeat(106)}`, `unix /${"x".repeat(106)}:0`],
  [`unix:/${"x".repeat(107)}`, "too long path in the unix domain socket"],
  [`unix:/${"é".repeat(54)}`, "too long path in the unix domain socket"],
];

for (const [text, expected] of upstream) {
  test(`an upstream address "${text}" is ${expected}`, () => {
    assert.equal(read(text, { defaultPort: 80 }), expected);
  });
}

const withUri: readonly (readonly [text: string, expected: string])[] = [
  ["127.0.0.1:81/a:b", "ipv4 127.0.0.1:81 uri=/a:b"],
  ["127.0.0.1/a:b", "ipv4 127.0.0.1:80 no-port uri=/a:b"],
  ["127.0.0.1?a=/b", "ipv4 127.0.0.1:80 no-port uri=?a=/b"],
  ["[::1]/x", "ipv6 ::1:80 no-port uri=/x"],
  ["[::1]:81/x", "ipv6 ::1:81 uri=/x"],
  ["[::1]?x", "invalid host"],
  ["unix:/run/x.sock:/uri", "unix /run/x.sock:0 uri=/uri"],
  ["unix::/uri", "no path in the unix domain socket"],
  ["/x", "no host"],
];

for (const [text, expected] of withUri) {
  test(`a proxied address "${text}" is ${expected}`, () => {
    assert.equal(read(text, { defaultPort: 80, uriPart: true }), expected);
  });
}

const listen: readonly (readonly [text: string, expected: string])[] = [
  ["8080", "wildcard *:8080"],
  ["8000-8010", "wildcard *:8000-8010"],
  ["8010-8000", "invalid port range"],
  ["8000-70000", "invalid port"],
  ["8000-0", "invalid port"],
  ["8000-", "name 8000-:80 no-port"],
  ["a-80", "name a-80:80 no-port"],
  ["0", "invalid port"],
  ["70000", "invalid port"],
  ["*", "wildcard *:80 no-port"],
  ["*:8080", "wildcard *:8080"],
  ["*:8080-8081", "wildcard *:8080-8081"],
  ["127.0.0.1", "ipv4 127.0.0.1:80 no-port"],
  ["127.0.0.1:8080-8090", "ipv4 127.0.0.1:8080-8090"],
  ["127.0.0.1:8080-", "invalid port"],
  ["localhost:8080", "name localhost:8080"],
  ["18080abc", "name 18080abc:80 no-port"],
  ["[::]:8080-8081", "ipv6 :::8080-8081"],
  ["[::]:81-80", "invalid port range"],
  ["[::]", "ipv6 :::80 no-port"],
  ["80/x", "invalid host"],
  ["unix:/run/x.sock", "unix /run/x.sock:0"],
];

for (const [text, expected] of listen) {
  test(`a listen address "${text}" is ${expected}`, () => {
    assert.equal(read(text, { defaultPort: 80, listen: true }), expected);
  });
}

test("the length of an address leaves out its URI", () => {
  const lengths = ["127.0.0.1:81/a", "unix:/run/x:/a", "[::1]/"].map((text) => {
    const address = parseAddress(text, { uriPart: true, defaultPort: 80 });
    return address.ok ? address.length : -1;
  });
  assert.deepEqual(lengths, [12, 11, 5]);
});

test("only four decimal octets are an IPv4 address", () => {
  assert.deepEqual(["1.2.3.4", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.5", "a.b.c.d", ""].map(isIpv4), [
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("IPv6 addresses are read as nginx reads them", () => {
  const good = ["::", "::1", "1::", "fe80::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "ABCD::"];
  const bad = ["", ":", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::1.2.3", "1.2.3.4"];
  assert.deepEqual(
    good.filter((text) => !isIpv6(text)),
    [],
  );
  assert.deepEqual(bad.filter(isIpv6), []);
});

test("a local address to bind is an IP address with or without a port", () => {
  const good = ["127.0.0.2", "127.0.0.2:5000", "::1", "[::1]:5000"];
  const bad = ["localhost", "unix:/x", "127.0.0.2:0", "127.0.0.2:x", "[::1]", "[::1]:", "[::1", "", "a:80"];
  assert.deepEqual(
    good.filter((text) => !isBindAddress(text)),
    [],
  );
  assert.deepEqual(bad.filter(isBindAddress), []);
});
