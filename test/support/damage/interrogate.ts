/** Every kind of question to a policy file. */
import { binaryFacts } from "../../../server/src/selinux/binary/binaryFacts.ts";
import { renderCondition } from "../../../server/src/selinux/conditions.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import { testInfo } from "../policies/testInfo.ts";

/** Reads a policy file and asks one question of every kind. */
export function interrogate(bytes: Uint8Array): void {
  const facts = binaryFacts(bytes, testInfo);
  const policy = policyOf(facts);
  policy.portType("tcp", 8080);
  for (const source of facts.types.slice(0, 20)) {
    facts.attributesOf(source);
    facts.isPermissive(source);
    for (const [cls, permissions] of facts.permissions) {
      for (const permission of permissions) {
        policy.check(source, "content_t", cls, permission);
        for (const conditions of facts.targets(source, cls, permission).values()) {
          conditions.map(renderCondition);
        }
      }
      facts.newType(source, "run_t", cls, "web.sock", () => true);
    }
    facts.transitionsFrom(source);
  }
}
