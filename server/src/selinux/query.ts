/** The questions that can be put to a policy, and the shape of their answers. Knows nothing of nginx. */
import type { CheckResult, Protocol } from "./policy.ts";

export type Query =
  | { readonly kind: "connect-port"; readonly source: string; readonly protocol: Protocol; readonly port: number }
  | { readonly kind: "bind-port"; readonly source: string; readonly protocol: Protocol; readonly port: number }
  | { readonly kind: "connect-socket"; readonly source: string; readonly path: string };

export type Verdict = "allowed" | "denied" | "unknown";

/** One checked permission: the evidence of a decision. */
export interface Evidence {
  readonly source: string;
  readonly target: string;
  readonly cls: string;
  readonly permission: string;
  readonly result: CheckResult;
}

export interface Decision {
  readonly verdict: Verdict;
  /** The deciding type: of the port, of the socket's label. Null where unknown or where nothing is checked. */
  readonly target: string | null;
  readonly cls: string | null;
  readonly permission: string | null;
  /** Every permission that was looked up, in the kernel's order; the first denied one decides. */
  readonly evidence: readonly Evidence[];
  /** Single booleans (with the value) that would turn a denied decision into allowed, sorted by name. */
  readonly flips: readonly { readonly name: string; readonly value: boolean }[];
  /** False where the verdict rests on an inexact label. */
  readonly exact: boolean;
  /** Short factual sentences for the user, for example `tcp port 3000 has type ntop_port_t`. */
  readonly because: readonly string[];
}
