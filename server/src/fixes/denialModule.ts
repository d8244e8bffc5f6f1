/** The last resort: a module with exactly the rules that some refusals of nginx's domain lack, and no other. */
import type { Change } from "../selinux/policy.ts";
import { moduleOf } from "./module.ts";
import { whyNoModule, type RefusedPermissions } from "./permissions.ts";

/** A refusal that a module is asked for. */
export interface ModuleRequest extends RefusedPermissions {
  /** nginx's domain. */
  readonly source: string;
  /** The line that it came from, for a comment. */
  readonly comment: string;
}

export interface DenialModule {
  /** Name of the module, and of its file without `.cil`. */
  readonly name: string;
  /** Text of the file; null where no rule is left. */
  readonly cil: string | null;
  readonly install: readonly string[];
  readonly remove: readonly string[];
  /** Refusals that no module may answer, with the reason and what to do. */
  readonly refused: readonly { readonly rule: string; readonly reason: string }[];
}

const NAME = "nginx_denials";

/** The module for some refusals. Each rule stands below the lines that it came from. */
export function denialModule(requests: readonly ModuleRequest[]): DenialModule {
  const lines: string[] = [];
  const refused = new Map<string, string>();
  const written = new Map<string, number>();
  for (const request of requests) {
    const { source, target, cls, permissions, comment } = request;
    const changes: readonly Change[] = permissions.map((permission) => ({
      kind: "allow",
      source,
      target,
      cls,
      permission,
    }));
    const rule = moduleOf(changes)?.cil.trimEnd();
    const reason = rule === undefined ? "a name in it is no name of a policy" : whyNoModule(request);
    if (rule === undefined || reason !== null) {
      refused.set(rule ?? "a rule", reason ?? "");
      continue;
    }
    const at = written.get(rule);
    if (at === undefined) {
      lines.push(commentOf(comment), rule);
      written.set(rule, lines.length - 2);
    }
  }
  const file = `${NAME}.cil`;
  return {
    name: NAME,
    cil: lines.length === 0 ? null : `${lines.join("\n")}\n`,
    install: lines.length === 0 ? [] : [`sudo semodule -i ${file}`],
    remove: lines.length === 0 ? [] : [`sudo semodule -r ${NAME}`],
    refused: [...refused].map(([rule, why]) => ({ rule, reason: why })),
  };
}

/** A comment of CIL: one line, without anything that drives a terminal or ends it. */
function commentOf(text: string): string {
  return `; ${text.slice(0, 400).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "?")}`;
}
