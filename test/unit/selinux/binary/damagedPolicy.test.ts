import assert from "node:assert/strict";
import { test } from "node:test";
import { binaryFacts } from "../../../../server/src/selinux/binary/binaryFacts.ts";
import { PolicyFormatError } from "../../../../server/src/selinux/binary/policyFormatError.ts";
import { encodePolicy } from "../../../support/policies/encoder.ts";
import { webPolicy } from "../../../support/policies/webPolicy.ts";
import { testInfo } from "../../../support/policies/testInfo.ts";

/** Offsets of the header's fields. */
const VERSION = 16;
const CONFIG = 20;
const SYMBOL_TABLES = 24;
const OBJECT_KINDS = 28;
const CAPABILITIES = 32;

function patched(version: number, offset: number, value: number): Uint8Array {
  const bytes = encodePolicy(webPolicy(version));
  new DataView(bytes.buffer).setUint32(offset, value, true);
  return bytes;
}

function errorOf(bytes: Uint8Array): PolicyFormatError {
  try {
    binaryFacts(bytes, testInfo);
  } catch (error) {
    assert.ok(error instanceof PolicyFormatError, String(error));
    return error;
  }
  return assert.fail("the damage was accepted");
}

for (const { what, offset, value, expected } of [
  { what: "a policy module", offset: 0, value: 0xf97cff8d, expected: /magic number f97cff8c.*found f97cff8d/ },
  { what: "another target name", offset: 8, value: 0x466e6558, expected: /target name "SE Linux"/ },
  { what: "version 23", offset: VERSION, value: 23, expected: /version between 24 and 35, found 23/ },
  { what: "version 36", offset: VERSION, value: 36, expected: /version between 24 and 35, found 36/ },
  { what: "an unknown configuration flag", offset: CONFIG, value: 9, expected: /configuration flags/ },
  { what: "both ways of handling the unknown", offset: CONFIG, value: 7, expected: /configuration flags/ },
  { what: "another number of symbol tables", offset: SYMBOL_TABLES, value: 9, expected: /8 symbol tables/ },
  { what: "another number of object contexts", offset: OBJECT_KINDS, value: 7, expected: /9 kinds/ },
  { what: "a bitmap of another map size", offset: CAPABILITIES, value: 32, expected: /map size 64/ },
  { what: "a bitmap with a huge count", offset: CAPABILITIES + 8, value: 0x0fffffff, expected: /number of nodes/ },
]) {
  test(`${what} is refused where it stands`, () => {
    const error = errorOf(patched(33, offset, value));
    assert.match(error.expected, expected);
    assert.ok((error.offset >= offset && error.offset <= offset + 4) || error.offset === SYMBOL_TABLES);
    assert.match(error.message, /at byte \d+ expected/);
  });
}

test("an empty file and one byte are refused", () => {
  assert.equal(errorOf(new Uint8Array()).offset, 0);
  assert.equal(errorOf(Uint8Array.of(0x8c)).offset, 0);
});

test("a file far larger than any policy is refused before it is read", () => {
  const bytes = new Uint8Array(33 * 2 ** 20);
  bytes.set(encodePolicy(webPolicy(33)));
  assert.match(errorOf(bytes).expected, /at most 33554432 bytes/);
});

test("leftover bytes are refused at the first of them", () => {
  const bytes = encodePolicy(webPolicy(35));
  const error = errorOf(Uint8Array.from([...bytes, 0]));
  assert.equal(error.offset, bytes.length);
  assert.match(error.expected, /end of the file, found 1 bytes more/);
});

test("a file cut anywhere is refused", () => {
  for (const version of [24, 33, 35]) {
    const bytes = encodePolicy(webPolicy(version));
    for (let length = 0; length < bytes.length; length++) {
      const { offset } = errorOf(bytes.subarray(0, length));
      assert.ok(offset <= length, `version ${version} cut at ${length}: error at ${offset}`);
    }
  }
});

test("a policy of one version that says it is another of a different layout is refused", () => {
  for (const [written, said] of [
    [24, 25],
    [26, 25],
    [27, 28],
    [29, 28],
    [30, 31],
    [33, 32],
    [34, 35],
  ] as const) {
    errorOf(patched(written, VERSION, said));
  }
});

test("bytes in the middle of a larger buffer are read as their own", () => {
  const bytes = encodePolicy(webPolicy(33));
  const larger = new Uint8Array(bytes.length + 14);
  larger.set(bytes, 7);
  assert.equal(binaryFacts(larger.subarray(7, 7 + bytes.length), testInfo).ports.length, 5);
});

test("a name that could not be a SELinux identifier is refused, because names end up in commands", () => {
  const policy = webPolicy(33);
  for (const type of ["x;reboot", "x y", "$(id)", "x\ny", "`id`", "a'b"]) {
    assert.match(errorOf(encodePolicy({ ...policy, types: [...policy.types, type] })).expected, /type name/);
  }
});

test("a name that is defined twice is refused", () => {
  const policy = webPolicy(33);
  const bytes = encodePolicy({ ...policy, aliases: { httpd_t: "init_t" } });
  assert.match(errorOf(bytes).expected, /each type once, found httpd_t again/);
});

test("boolean expressions that are not postfix, or too long to be real, are refused", () => {
  const withExpression = (expression: readonly string[]): Uint8Array =>
    encodePolicy({ ...webPolicy(33), conditionals: [{ expression }] });
  for (const expression of [
    [],
    ["!"],
    ["connect_any", "&&"],
    ["connect_any", "connect_db"],
    ["connect_any", ...Array.from({ length: 300 }, () => "!")],
    Array.from({ length: 11 }, () => "connect_any"),
  ]) {
    assert.match(errorOf(withExpression(expression)).expected, /boolean (expression|operator)/);
  }
});

test("extended permissions in conditional rules are read since version 34 and refused before", () => {
  const encode = (version: number): Uint8Array =>
    encodePolicy({
      ...webPolicy(version),
      conditionals: [
        {
          expression: ["connect_any"],
          whenTrue: [{ kind: "allowxperm", source: "httpd_t", target: "content_t", cls: "file" }],
        },
      ],
    });
  assert.equal(binaryFacts(encode(34), testInfo).version, 34);
  assert.match(errorOf(encode(33)).expected, /no extended permissions/);
});

test("a policy made to multiply conditions without end is refused when asked, not answered for ever", () => {
  const types = Array.from({ length: 3000 }, (_, index) => `t${index}`);
  const facts = binaryFacts(
    encodePolicy({
      version: 33,
      classes: { file: { permissions: ["read"] } },
      types,
      attributes: { all: types },
      booleans: { a: false },
      conditionals: Array.from({ length: 500 }, () => {
        return {
          expression: ["a"],
          whenTrue: [{ kind: "allow", source: "t0", target: "all", cls: "file", permissions: ["read"] }],
        } as const;
      }),
    }),
    testInfo,
  );
  assert.throws(() => facts.targets("t0", "file", "read"), PolicyFormatError);
  const answer = facts.rules("t0", "t1", "file", "read");
  assert.ok(answer.known && answer.conditions.length === 500);
});
