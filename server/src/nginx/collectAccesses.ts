/** What nginx will do when it runs a configuration: configuration -> accesses, and what nginx rejects in it. */
import type { Access, WorkerUser } from "./access.ts";
import { AccessList } from "./passes/accessList.ts";
import { checkSpace } from "./walk/checks.ts";
import type { Span } from "../base/text.ts";
import { conditionalParts } from "./tree/template.ts";
import type { ConfigProblem, Configuration } from "./load/configuration.ts";
import { fileAccesses } from "./files/fileAccesses.ts";
import { resolvePasses } from "./passes/resolvePasses.ts";
import { addUpstreamConnections } from "./passes/upstreamConnections.ts";
import { UndefinedVariables } from "./blocks/undefinedVariables.ts";
import { Variables } from "./blocks/variables.ts";
import { walkConfiguration } from "./walk/walk.ts";

export interface Accesses {
  /**
   * Deterministic order: sockets and ports that are bound; connections by pass and by upstream; those of nginx itself;
   * files, document roots and includes last.
   */
  readonly accesses: readonly Access[];
  readonly user: WorkerUser | null;
  /** What nginx rejects, in nginx's words, by file and place. A rejected address has no access. */
  readonly problems: readonly ConfigProblem[];
}

/**
 * Collects the accesses of a configuration or of a lone fragment: connections of the pass directives and of upstream
 * servers and of nginx itself, listening ports and sockets, files. Time is linear in the statements that nginx would
 * read. Never looks up a name.
 */
export function collectAccesses(configuration: Configuration): Accesses {
  const findings = walkConfiguration(configuration);
  const { http, stream, problems } = findings;
  const list = new AccessList(configuration, templateDoubt(configuration));
  for (const bind of findings.binds) list.add(bind);
  const variables = { http: new Variables(configuration, http), stream: new Variables(configuration, stream) };
  resolvePasses(configuration, http, variables.http, problems, list);
  const ofStream = list.failing("clients' connections are closed");
  resolvePasses(configuration, stream, variables.stream, problems, ofStream);
  for (const upstream of findings.upstreams) {
    addUpstreamConnections(configuration, upstream, upstream.space.kind === "stream" ? ofStream : list);
    checkSpace.upstream(configuration, upstream, problems);
  }
  for (const access of findings.services) {
    // nginx will never read this text, and there may be conditions around it.
    const filledIn = configuration.template[access.file] === true && access.certainty === "certain";
    list.add(filledIn ? { ...access, certainty: "one-of", reason: "this file is a template" } : access);
  }
  fileAccesses(configuration, findings, variables, (access) => {
    list.add(access);
  });
  checkSpace.certificate(configuration, http, problems);
  const unknown = new UndefinedVariables(configuration, http);
  for (const condition of findings.conditions) {
    const name = unknown.find(condition.variable);
    if (name !== null) problems.add(condition, `unknown "${name}" variable`);
  }
  return { accesses: list.accesses, user: findings.user, problems: problems.sorted() };
}

/** Why an access of a template is not certain: it lies in a branch. Null for all others. */
function templateDoubt({ files, template }: Configuration): (access: Access) => string | null {
  const known = new Map<number, readonly Span[]>();
  return ({ file, span }) => {
    if (template[file] !== true) return null;
    let parts = known.get(file);
    if (parts === undefined) {
      parts = conditionalParts(files[file]?.tree.bytes ?? new Uint8Array());
      known.set(file, parts);
    }
    return parts.some(({ start, end }) => span.start >= start && span.start < end)
      ? "a condition of the template decides whether this is there"
      : null;
  };
}
