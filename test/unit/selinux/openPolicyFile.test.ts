import assert from "node:assert/strict";
import { test } from "node:test";
import { hostLabels } from "../../../server/src/selinux/hostLabels.ts";
import { factsFromBytes } from "../../../server/src/selinux/files/openPolicyFile.ts";
import { encodePolicy } from "../../support/policies/encoder.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";

const policy = encodePolicy(webPolicy(33));

test("bytes that begin as a kernel policy are read as one", () => {
  const facts = factsFromBytes(policy, "policy.33");
  assert.equal(facts.info.source, "binary");
  assert.equal(facts.info.name, "policy.33");
  assert.match(facts.info.provenance, /version 33/);
  assert.equal(facts.info.exactLabels, false);
  assert.equal(facts.domain, "httpd_t");
  assert.equal(facts.resolveType("nginx_t"), "httpd_t");
});

test("file contexts given with a policy file answer for labels and are exact", () => {
  const base = "/srv(/.*)?  system_u:object_r:content_t:s0\n";
  const labels = hostLabels({ base, homedirs: "", local: "", subs: "", subsDist: "/web /srv\n" });
  const facts = factsFromBytes(policy, "policy.33", labels);
  assert.equal(facts.info.exactLabels, true);
  assert.deepEqual(facts.label("/web/x", "file"), { type: "content_t", exact: true, spec: "/srv(/.*)?" });
  assert.equal(facts.canonicalPath("/web"), "/srv");
  assert.equal(facts.definesFileContext("/srv(/.*)?"), true);
});

test("an alias in file contexts is resolved to the type's real name", () => {
  const base = "/srv  system_u:object_r:nginx_t:s0\n/opt  system_u:object_r:removed_t:s0\n";
  const labels = hostLabels({ base, homedirs: "", local: "", subs: "", subsDist: "" });
  const facts = factsFromBytes(policy, "policy.33", labels);
  assert.equal(facts.label("/srv", "dir").type, "httpd_t");
  assert.equal(facts.label("/opt", "dir").type, "removed_t", "as written, where the policy has no such type");
});

test("a JSON object is read as a snapshot, white space and a byte order mark before it or not", () => {
  for (const text of ["{}", "\n  {}", "\ufeff{}"]) {
    assert.throws(() => factsFromBytes(new TextEncoder().encode(text), "x.json"), { name: "SnapshotError" });
  }
});

test("anything else is refused as a policy file", () => {
  for (const bytes of [new Uint8Array(), new TextEncoder().encode("[]"), Uint8Array.of(0x8d, 0xff, 0x7c, 0xf9)]) {
    assert.throws(() => factsFromBytes(bytes, "x"), { name: "PolicyFormatError" });
  }
});
