/** What one walk over a configuration gathers, for the steps that resolve it. */
import type { Access, WorkerUser } from "../access.ts";
import type { Block, FileStatement, Node, Upstream } from "./blocks.ts";
import { Space } from "./blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import { ListenChecks } from "./listenChecks.ts";
import { ProblemList } from "./places.ts";
import type { Ocsp } from "./services.ts";

/** The result of a walk. */
export interface Findings {
  readonly http: Space;
  readonly stream: Space;
  readonly binds: readonly Access[];
  readonly upstreams: readonly Upstream[];
  /** What nginx does beside listening, passing on and opening files, in the order of the directives. */
  readonly services: readonly Access[];
  /** Directives that name a path, document roots left out. */
  readonly fileStatements: readonly FileStatement[];
  /** `client_body_in_file_only` other than `off`. */
  readonly bodiesInFiles: readonly Node[];
  /** Blocks in which a file may be the answer. */
  readonly servesFiles: readonly Block[];
  /** Blocks in which responses of a pass are stored below the root. */
  readonly storesInRoot: readonly Block[];
  /** The variable that each `if` asks for. */
  readonly conditions: readonly Condition[];
  /** The `user` directive. */
  readonly user: WorkerUser | null;
  readonly problems: ProblemList;
}

/** An `if`, with the variable that it asks for: `$name`. */
export interface Condition extends Node {
  readonly variable: string;
}

/** Findings while they are made. The handlers of directives write here. */
export class Gathering implements Findings {
  readonly http = new Space("http");
  readonly stream = new Space("stream");
  readonly binds: Access[] = [];
  readonly upstreams: Upstream[] = [];
  readonly services: Access[] = [];
  readonly fileStatements: FileStatement[] = [];
  readonly bodiesInFiles: Node[] = [];
  readonly servesFiles: Block[] = [];
  readonly storesInRoot: Block[] = [];
  readonly conditions: Condition[] = [];
  user: WorkerUser | null = null;
  readonly problems: ProblemList;
  readonly ocsp: Ocsp[] = [];
  /** What the directives that name OCSP responders lead to. */
  readonly responders: Access[] = [];
  /** Files in which njs was seen to fetch. */
  readonly filesThatFetch = new Set<number>();
  /** `mail` blocks whose backends are told. */
  readonly mailsTold = new Set<Block>();

  /** What servers listen on, to find what nginx calls a duplicate. */
  readonly listens: ListenChecks;

  constructor(configuration: Configuration) {
    this.problems = new ProblemList(configuration);
    this.listens = new ListenChecks(this.problems);
  }

  /** Adds what a directive of nginx itself leads to, if anything. */
  service(access: Access | null): void {
    if (access !== null) this.services.push(access);
  }
}
