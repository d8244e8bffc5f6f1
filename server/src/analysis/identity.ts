/** What tells findings apart over time: not lines, which move, but the rule, its target and the file. */
import type { Finding } from "./finding.ts";
import { fingerprint } from "../base/fingerprint.ts";
import type { Access } from "../nginx/access.ts";

export interface Identity {
  readonly rule: string;
  /** What nginx does, for example `connect tcp 3000`; the message where the finding is about no known target. */
  readonly target: string;
  /** As it is shown: relative where it can be, so that it is the same in another checkout. */
  readonly file: string;
}

/** `file`: the shown path of the finding's file. */
export function identityOf({ rule, access, message }: Finding, file: string): Identity {
  const target = access === null ? null : targetOf(access);
  return { rule, target: target ?? message, file };
}

function targetOf(access: Access): string | null {
  if (access.protocol === "process") return null;
  const at = access.protocol === "unix" || access.protocol === "file" ? access.path : access.port;
  return at === null ? null : `${access.kind} ${access.protocol} ${at}`;
}

/** One string for each identity. */
export function identityKey({ rule, target, file }: Identity): string {
  return JSON.stringify([rule, target, file]);
}

/** Gives each finding of a report a fingerprint: equal identities are numbered in their order. */
export function createFingerprints(): (identity: Identity) => string {
  const seen = new Map<string, number>();
  return (identity) => {
    const key = identityKey(identity);
    const number = seen.get(key) ?? 0;
    seen.set(key, number + 1);
    return fingerprint(`${key}${number}`);
  };
}
