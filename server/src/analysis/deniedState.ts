/** The policy as it was on the host that refused: what a line says of labels and ports wins over a table. */
import type { Refusal } from "../denials/gather.ts";
import { anyFileIn } from "../selinux/decideFile.ts";
import type { Change, Condition, Policy } from "../selinux/policy.ts";
import type { Access } from "../nginx/access.ts";
import { booleansOf } from "../selinux/conditions.ts";

/** Labels that a line tells and the policy's tables do not have, as changes. `place`: the access that it was. */
export function labelsIn({ subject, denial }: Refusal, policy: Policy, place: Access | null): readonly Change[] {
  const { target, cls, port, path, protocol } = subject;
  if (denial.kind !== "avc" && denial.kind !== "setroubleshoot") return [];
  if (target === null || policy.facts.resolveType(target) === undefined) return [];
  if (port !== null && (protocol === "tcp" || protocol === "udp")) {
    return policy.portType(protocol, port) === target
      ? []
      : [{ kind: "port", protocol, low: port, high: port, type: target }];
  }
  if (path === null || !path.startsWith("/")) return [];
  if (cls === "unix_stream_socket" || cls === "unix_dgram_socket") return [];
  // The type that a new object would get says nothing of what is at its path.
  if (subject.permissions.includes("create")) return [];
  const kind = cls === "dir" ? "dir" : cls === "sock_file" ? "sock" : "file";
  if (policy.label(path, kind).type === target) return [];
  const directory = place?.protocol === "file" ? (place.below ?? (place.object === "dir" ? place.path : null)) : null;
  // What lies beside it was moved or copied with it.
  const beside =
    cls === "file" && directory !== null && path.startsWith(directory)
      ? [{ kind: "label" as const, path: anyFileIn(directory), type: target }]
      : [];
  return [{ kind: "label", path, type: target }, ...beside];
}

/** Booleans as they must have been when something was refused that they allow now. */
export function withoutBooleans(policy: Policy, allowedBy: readonly Condition[]): Policy {
  const names = new Set(allowedBy.flatMap(booleansOf));
  return policy.with([...names].map((name) => ({ kind: "boolean", name, value: policy.booleans.get(name) !== true })));
}
