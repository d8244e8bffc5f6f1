import type { PolicyInfo } from "../../../server/src/selinux/policy.ts";

/** What tests say of a policy file that they have made. */
export const testInfo: PolicyInfo = {
  source: "binary",
  name: "test",
  title: "test",
  provenance: "test",
  mode: "assumed",
  exactLabels: false,
};
