/** The policy of a directory laid out like /etc/selinux/targeted, with the file contexts beside it. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { policyOf } from "../../server/src/selinux/model.ts";
import type { Policy } from "../../server/src/selinux/policy.ts";
import { policyDirectoryFacts } from "../../server/src/selinux/files/policyDirectory.ts";

/** Reads it as it is now. */
export async function policyIn(directory: string): Promise<Policy> {
  const facts = await policyDirectoryFacts(
    {
      policyNames: () => Promise.resolve(readdirSync(join(directory, "policy"))),
      read: (path) => Promise.resolve(readFileSync(join(directory, path))),
      readIfThere: (path) =>
        Promise.resolve(existsSync(join(directory, path)) ? readFileSync(join(directory, path)) : null),
    },
    "private root",
  );
  assert.ok(facts !== null);
  return policyOf(facts);
}
