/** The same questions to several providers of one policy: every answer must be the same. */
import assert from "node:assert/strict";
import { decide } from "../../server/src/selinux/decide.ts";
import { fileUses } from "../../server/src/selinux/filePermissions.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import type { Change, PolicyFacts, Protocol } from "../../server/src/selinux/policy.ts";
import type { FileKind } from "../../server/src/selinux/fileContextLists.ts";
import type { Decision, Query } from "../../server/src/selinux/query.ts";

export interface Questions {
  /** Domains that every provider can answer for. */
  readonly domains: readonly string[];
  /** Types, aliases, and names that are neither. */
  readonly types: readonly string[];
  readonly paths: readonly string[];
  /** File context specs, defined or not. */
  readonly specs: readonly string[];
  readonly ports: readonly number[];
  /** States of booleans under which decisions are made. */
  readonly states: readonly (readonly Change[])[];
}

const protocols: readonly Protocol[] = ["tcp", "udp"];
const kinds: readonly FileKind[] = ["any", "file", "dir", "sock", "link"];
/** Permissions whose refusal may be kept out of the audit log. */
const silenced = [
  ["file", "read"],
  ["dir", "search"],
  ["tcp_socket", "name_connect"],
  ["capability", "net_admin"],
] as const;
const options = { localPorts: [32768, 60999] } as const;

/** Everything that a provider says, question by question. What explains an unknown answer is in its own words. */
export function answersOf(facts: PolicyFacts, questions: Questions): ReadonlyMap<string, unknown> {
  const answers = new Map<string, unknown>();
  answers.set("ports", facts.ports);
  answers.set("default port type", facts.defaultPortType);
  answers.set("booleans", [...facts.booleans].toSorted());
  for (const name of questions.types) {
    answers.set(`type ${name}`, facts.resolveType(name) ?? null);
    answers.set(`permissive ${name}`, facts.isPermissive(name));
  }
  for (const path of questions.paths) {
    answers.set(`canonical ${path}`, facts.canonicalPath(path));
    for (const kind of kinds) answers.set(`label ${kind} ${path}`, facts.label(path, kind));
  }
  for (const spec of questions.specs) {
    answers.set(`defines ${spec}`, facts.definesFileContext(spec));
    answers.set(`refused ${spec}`, facts.equivalenceAgainst(spec) ?? null);
  }
  addTransitions(answers, facts, questions);
  for (const state of questions.states) addDecisions(answers, facts, questions, state);
  return answers;
}

function addTransitions(answers: Map<string, unknown>, facts: PolicyFacts, { domains, types }: Questions): void {
  for (const type of types) {
    const real = facts.resolveType(type);
    if (typeof real !== "string") continue;
    answers.set(`execute init_t ${type}`, facts.processTransition("init_t", real) ?? null);
    for (const domain of domains) {
      answers.set(`execute ${domain} ${type}`, facts.processTransition(domain, real) ?? null);
      for (const cls of ["file", "dir", "sock_file"]) {
        for (const name of [undefined, "web.sock", "other"]) {
          const made = facts.fileTransition(domain, real, cls, name) ?? null;
          answers.set(`create ${domain} ${type} ${cls} ${name}`, made);
        }
      }
    }
  }
}

function addDecisions(
  answers: Map<string, unknown>,
  facts: PolicyFacts,
  questions: Questions,
  state: readonly Change[],
): void {
  const policy = policyOf(facts, state);
  const under = JSON.stringify(state);
  for (const protocol of protocols) {
    for (const port of questions.ports) {
      answers.set(`${protocol} ${port} ${under}`, policy.portType(protocol, port));
      answers.set(`defined ${protocol} ${port} ${under}`, policy.definesPort(protocol, port, port));
    }
  }
  for (const source of questions.domains) {
    for (const target of questions.types) {
      for (const [cls, permission] of silenced) {
        const { verdict } = policy.dontaudit(source, target, cls, permission);
        answers.set(`dontaudit ${source} ${target} ${cls} ${permission} ${under}`, verdict);
      }
    }
    for (const query of queriesOf(source, questions)) {
      answers.set(`${JSON.stringify(query)} ${under}`, comparable(decide(policy, query, options)));
    }
  }
}

function* queriesOf(source: string, { types, paths, ports }: Questions): Generator<Query> {
  yield { kind: "set-limit", source };
  for (const right of ["net_raw", "execmem"] as const) yield { kind: "use-right", source, right };
  for (const protocol of protocols) {
    for (const port of ports) {
      yield { kind: "connect-port", source, protocol, port };
      yield { kind: "bind-port", source, protocol, port };
    }
  }
  for (const peer of types) {
    for (const socket of ["stream", "dgram"] as const) yield { kind: "connect-peer", source, peer, socket };
  }
  for (const path of paths) {
    yield { kind: "connect-socket", source, path };
    yield { kind: "bind-socket", source, path };
    for (const use of fileUses) {
      for (const object of ["file", "dir"] as const) {
        for (const exists of [true, false, null]) yield { kind: "file", source, path, object, use, exists };
      }
    }
  }
}

/** An unknown answer is unknown for each provider's own reason. */
function comparable(decision: Decision): unknown {
  return decision.verdict === "unknown" ? decision.verdict : decision;
}

/** Holds providers to the first one. Gives the number of questions. */
export function assertSameAnswers(
  providers: ReadonlyMap<string, PolicyFacts>,
  questions: Questions,
): { readonly asked: number; readonly allowed: number; readonly denied: number } {
  const [[first, facts] = [], ...others] = providers;
  assert.ok(facts !== undefined && others.length > 0);
  const expected = answersOf(facts, questions);
  for (const [name, other] of others) {
    const answers = answersOf(other, questions);
    assert.equal(answers.size, expected.size);
    for (const [question, answer] of expected) {
      assert.deepEqual(answers.get(question), answer, `${name} and ${first} differ: ${question}`);
    }
  }
  const verdicts = [...expected.values()].map((answer) =>
    typeof answer === "object" && answer !== null && "verdict" in answer ? answer.verdict : null,
  );
  return {
    asked: expected.size,
    allowed: verdicts.filter((verdict) => verdict === "allowed").length,
    denied: verdicts.filter((verdict) => verdict === "denied").length,
  };
}
