import assert from "node:assert/strict";
import { test } from "node:test";
import { newestPolicyName, policyDirectoryFacts } from "../../../server/src/selinux/files/policyDirectory.ts";
import type { PolicyDirectory } from "../../../server/src/selinux/files/policyDirectory.ts";
import { encodePolicy } from "../../support/policies/encoder.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";

/** A directory of these files, by path. */
function directoryOf(files: Readonly<Record<string, string | Uint8Array>>): PolicyDirectory {
  const bytes = (path: string): Uint8Array | null => {
    const content = files[path];
    return content === undefined ? null : typeof content === "string" ? Buffer.from(content) : content;
  };
  return {
    policyNames: async () =>
      Object.keys(files).flatMap((path) => (path.startsWith("policy/") ? [path.slice("policy/".length)] : [])),
    read: async (path) => bytes(path) ?? Promise.reject(new Error(`no ${path}`)),
    readIfThere: async (path) => bytes(path),
  };
}

test("the policy with the highest version is used, unless the kernel is older", () => {
  const names = ["policy.9", "policy.33", "policy.31", "policy.kern", "policy.034", "policy.33.bak", "modules"];
  assert.equal(newestPolicyName(names), "policy.33");
  assert.equal(newestPolicyName(names, 32), "policy.31");
  assert.equal(newestPolicyName(names, 8), null);
  assert.equal(newestPolicyName([]), null);
});

test("a directory gives the policy's rules and the labels of its file contexts", async () => {
  const facts = await policyDirectoryFacts(
    directoryOf({
      "policy/policy.31": "an older one, not read",
      "policy/policy.33": encodePolicy(webPolicy(33)),
      "contexts/files/file_contexts": "/srv(/.*)?  u:r:content_t:s0\n/café  u:r:tmp_t:s0\n",
      "contexts/files/file_contexts.local": "/srv/run(/.*)?  u:r:run_t:s0\n",
      "contexts/files/file_contexts.subs_dist": "/web /srv\n",
    }),
    "a directory",
  );
  assert.equal(facts?.info.source, "binary");
  assert.equal(facts?.info.exactLabels, true);
  assert.equal(facts?.label("/web/run/x.sock", "sock").type, "run_t");
  assert.equal(facts?.label("/café", "file").type, "tmp_t");
});

test("a directory without file contexts knows no labels", async () => {
  const facts = await policyDirectoryFacts(directoryOf({ "policy/policy.24": encodePolicy(webPolicy(24)) }), "d");
  assert.equal(facts?.info.exactLabels, false);
  assert.equal(facts?.label("/srv", "dir").exact, false);
});

test("a directory without a policy gives null, and a damaged policy is an error", async () => {
  assert.equal(await policyDirectoryFacts(directoryOf({}), "d"), null);
  await assert.rejects(policyDirectoryFacts(directoryOf({ "policy/policy.33": "damaged" }), "d"), {
    name: "PolicyFormatError",
  });
});
