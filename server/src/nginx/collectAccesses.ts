/** What nginx will do when it runs a configuration: configuration -> accesses, and what nginx rejects in it. */
import type { Access, Certainty, Place, Step } from "./access.ts";
import type { Address } from "./address.ts";
import { isIpv4, parseAddress } from "./address.ts";
import type { Node, Pass, Space, Upstream, Use } from "./blocks.ts";
import { BlockFlag } from "./blocks.ts";
import { checkSpace } from "./checks.ts";
import type { ConfigProblem, Configuration } from "./configuration.ts";
import type { PassSyntax } from "./passSyntax.ts";
import { passSyntax, splitScheme } from "./passSyntax.ts";
import type { ProblemList } from "./places.ts";
import { partSpan, treeOf, wordPlace } from "./places.ts";
import { captureIsPathIn } from "./captures.ts";
import { nameMatches, readTarget } from "./targets.ts";
import { fileAccesses } from "./fileAccesses.ts";
import { hasPlaceholder } from "./template.ts";
import { UndefinedVariables } from "./undefinedVariables.ts";
import { Variables } from "./variables.ts";
import { walkConfiguration } from "./walk/walk.ts";
import type { Span } from "../text.ts";

export interface Accesses {
  /**
   * Deterministic order: sockets and ports that are bound; connections by pass and by upstream; those of nginx itself;
   * files, document roots and includes last.
   */
  readonly accesses: readonly Access[];
  /** What nginx rejects, in nginx's words, by file and place. A rejected address has no access. */
  readonly problems: readonly ConfigProblem[];
}

type Protocol = "tcp" | "udp";
const tcpOnly: readonly Protocol[] = ["tcp"];
const noSteps: readonly Step[] = [];
/** What a use begins with. Never written to: the first step replaces it. */
const unused: Step[] = [];

/** Passes whose host is missing a variable, and the upstream names that they may mean. */
interface OpenName {
  readonly literals: readonly string[];
  readonly variable: string;
  readonly steps: Step[];
  tcp: boolean;
  udp: boolean;
}

/** Comparisons of open names with upstreams; more are not made, so that many of both stay linear. */
const MAX_COMPARISONS = 2_000_000;

const fragmentReason = "this file is not reached from a main file; another file probably uses this upstream";

/**
 * Collects the accesses of a configuration or of a lone fragment: connections of the pass directives and of upstream
 * servers and of nginx itself, listening ports and sockets, files. Time is linear in the statements that nginx would read. Never looks up a
 * name.
 */
export function collectAccesses(configuration: Configuration): Accesses {
  const findings = walkConfiguration(configuration);
  const output = new Output(configuration);
  for (const bind of findings.binds) output.add(bind);
  const resolvers = {
    http: new PassResolver(configuration, findings.http, findings.problems, output),
    stream: new PassResolver(configuration, findings.stream, findings.problems, output),
  };
  resolvers.http.run();
  resolvers.stream.run();
  for (const upstream of findings.upstreams) {
    resolvers[upstream.space.kind].emitUpstream(upstream);
    checkSpace.upstream(configuration, upstream, findings.problems);
  }
  for (const access of findings.services) {
    // nginx will never read this text, and there may be conditions around it.
    const filledIn = configuration.template[access.file] === true && access.certainty === "certain";
    output.add(filledIn ? { ...access, certainty: "one-of", reason: "this file is a template" } : access);
  }
  const variables = { http: resolvers.http.variables, stream: resolvers.stream.variables };
  fileAccesses(configuration, findings, variables, (access) => {
    output.add(access);
  });
  checkSpace.certificate(configuration, findings.http, findings.problems);
  return { accesses: output.accesses, problems: findings.problems.sorted() };
}

/** Accesses without repetition: a file that is included twice has its places twice. */
class Output {
  readonly accesses: Access[] = [];
  readonly #repeated: readonly boolean[];
  readonly #seen = new Set<string>();

  constructor(configuration: Configuration) {
    this.#repeated = repeatedFiles(configuration);
  }

  add(access: Access): void {
    if (this.#repeated[access.file] === true) {
      const what = targetText(access);
      const key = `${access.file} ${access.span.start} ${access.kind} ${access.protocol} ${what} ${access.certainty}`;
      if (this.#seen.has(key)) return;
      this.#seen.add(key);
    }
    this.accesses.push(access);
  }
}

/** What tells accesses of the same kind at the same place apart. */
function targetText(access: Access): string {
  if ("use" in access) return `${access.use} ${access.path} ${access.below}`;
  if ("socket" in access) return `${access.socket} ${access.path}`;
  if ("path" in access) return `${access.path}`;
  return "port" in access ? `${access.host}:${access.port}` : "";
}

/** Which files nginx reads more than once. */
function repeatedFiles(configuration: Configuration): boolean[] {
  const times = new Uint32Array(configuration.files.length);
  const edges = new Map<number, number[]>();
  for (const edge of configuration.includes.values()) {
    for (const target of edge.targets) {
      times[target] = (times[target] ?? 0) + 1;
      const targets = edges.get(edge.file);
      if (targets === undefined) edges.set(edge.file, [target]);
      else targets.push(target);
    }
  }
  const repeated = Array.from(times, (count) => count > 1);
  const queue = repeated.flatMap((is, file) => (is ? [file] : []));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    for (const target of edges.get(file) ?? []) {
      if (repeated[target] === true) continue;
      repeated[target] = true;
      queue.push(target);
    }
  }
  return repeated;
}

class PassResolver {
  readonly space: Space;
  readonly #configuration: Configuration;
  readonly #problems: ProblemList;
  readonly #output: Output;
  readonly variables: Variables;
  readonly #undefined: UndefinedVariables;
  readonly #openNames = new Map<string, OpenName>();
  #passesDone = 0;
  /** First port of each host that nginx has made an implicit upstream for; 0 without one. */
  readonly #implicit = new Map<string, number>();

  constructor(configuration: Configuration, space: Space, problems: ProblemList, output: Output) {
    this.#configuration = configuration;
    this.space = space;
    this.#problems = problems;
    this.#output = output;
    this.variables = new Variables(configuration, space);
    this.#undefined = new UndefinedVariables(configuration, space);
  }

  run(): void {
    for (const pass of this.space.passes) {
      this.#pass(pass);
      this.#passesDone++;
    }
    let comparisons = 0;
    for (const open of this.#openNames.values()) {
      for (const upstream of this.space.upstreams.values()) {
        if (++comparisons > MAX_COMPARISONS) return;
        if (!nameMatches(open.literals, upstream.name)) continue;
        const use = this.#use(upstream);
        if (use.certain) continue;
        use.reason ??= `the host of the pass comes from $${open.variable}, which may name this upstream`;
        if (use.steps.length === 0) use.steps = open.steps;
        use.tcp ||= open.tcp;
        use.udp ||= open.udp;
      }
    }
  }

  #use(upstream: Upstream): Use {
    return (upstream.use ??= { steps: unused, certain: false, reason: null, tcp: false, udp: false });
  }

  #protocols(pass: Pass): readonly Protocol[] {
    if (this.space.kind === "http") return tcpOnly;
    if (!pass.block.has(BlockFlag.listensUdp)) return tcpOnly;
    return pass.block.has(BlockFlag.listensTcp) ? ["tcp", "udp"] : ["udp"];
  }

  #pass(pass: Pass): void {
    const { text, block, directive } = pass;
    const syntax = passSyntax(directive, this.space.kind);
    if (text === null) {
      // `tunnel_pass;` goes where the CONNECT request asks: $host:$request_port.
      const place = wordPlace(this.#configuration, pass, 0);
      this.#unknownPort(pass, place, null, "the client names the host and the port ($host:$request_port)");
      return;
    }
    if (syntax.variables && text.includes("$")) {
      this.#variablePass(pass, syntax, text);
      return;
    }
    const isLast = block.pass === pass;
    this.#staticPass(pass, syntax, text, isLast);
  }

  /** An argument without variables, which nginx reads when it loads. `connects` is false where a later pass wins. */
  #staticPass(pass: Pass, syntax: PassSyntax, text: string, connects: boolean): void {
    const tree = treeOf(this.#configuration, pass.file);
    const place = (from: number, length: number): Place => ({
      file: pass.file,
      span: partSpan(tree, pass.statement, 1, text, from, length),
    });
    const scheme = splitScheme(syntax, text);
    const rest = scheme === null ? text : text.slice(scheme.length);
    if (!syntax.variables && rest.includes("$")) {
      const reason = `nginx does not expand variables here, so something else must replace "${text}"`;
      this.#unknownPort(pass, place(0, text.length), null, reason);
      return;
    }
    if (hasPlaceholder(syntax.uriPart ? (/^[^/?]*/.exec(rest)?.[0] ?? rest) : rest)) {
      this.#unknownPort(pass, place(0, text.length), null, "a template placeholder");
      return;
    }
    if (scheme === null) {
      this.#problems.add(pass, "invalid URL prefix", place(0, text.length).span);
      return;
    }
    const address = parseAddress(rest, { uriPart: syntax.uriPart, defaultPort: scheme.port });
    if (!address.ok) {
      this.#problems.add(pass, `${address.error} in upstream "${rest}"`, place(scheme.length, rest.length).span);
      return;
    }
    const target = place(scheme.length, address.length);
    const upstream = this.space.upstreams.get(address.host.toLowerCase());
    const host = address.family === "ipv6" ? `[${address.host}]` : address.host;
    const found = upstream ?? (address.family === "ipv6" ? this.space.upstreams.get(host.toLowerCase()) : undefined);
    if (found !== undefined) {
      if (!address.noPort) {
        // nginx finds out at whichever comes second, and names it as it is written there.
        const name = found.passesBefore > this.#passesDone ? found.name : host;
        this.#problems.add(pass, `upstream "${name}" may not have port ${address.port}`, target.span);
        return;
      }
      this.#checkUri(pass, address, target);
      if (connects) this.#addUse(pass, found, target, true, null);
      return;
    }
    const port = this.#implicitPort(address, host);
    this.#checkUri(pass, address, target);
    if (address.family !== "unix" && this.space.unseen && address.noPort && isPerhapsUpstream(address)) {
      if (connects) {
        const reason = `"${address.host}" may be an upstream of a file that is not seen here`;
        this.#unknownPort(pass, target, address.host, reason);
      }
      return;
    }
    if (address.family !== "unix" && port === 0) {
      if (this.space.unseen && address.family === "name") {
        this.#unknownPort(
          pass,
          target,
          address.host,
          `"${address.host}" may be an upstream of a file that is not seen here`,
        );
      } else {
        this.#problems.add(pass, `no port in upstream "${host}"`, target.span);
      }
      return;
    }
    if (connects) this.#connect(pass, target, { ...address, port }, "certain", null);
  }

  /** The port that an address without an upstream gets: its own, or that of the first pass to the same host. */
  #implicitPort(address: Address, host: string): number {
    if (address.family === "unix") return 0;
    const key = host.toLowerCase();
    const first = this.#implicit.get(key);
    if (first === undefined) {
      this.#implicit.set(key, address.port);
      return address.port;
    }
    // ngx_http_upstream_add: an implicit upstream with any port serves a pass that has none.
    return address.port === 0 ? first : address.port;
  }

  /** `proxy_pass` with a URI where the location's own part of the URI is not known. */
  #checkUri(pass: Pass, address: Address, place: Place): void {
    if (pass.directive !== "proxy_pass" || address.uri === "" || this.space.kind !== "http") return;
    const { block } = pass;
    const nameless = block.kind === "if-in-location" || block.kind === "limit_except";
    if (!nameless && !(block.kind === "location" && (block.has(BlockFlag.named) || this.#isRegex(block)))) return;
    this.#problems.add(
      pass,
      '"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, or inside "if" statement, or inside "limit_except" block',
      place.span,
    );
  }

  #isRegex(location: Node): boolean {
    if (location.statement < 0) return false;
    const tree = treeOf(this.#configuration, location.file);
    return tree.wordCount(location.statement) > 1 && tree.word(location.statement, 1).startsWith("~");
  }

  #variablePass(pass: Pass, syntax: PassSyntax, text: string): void {
    const place = this.#variablePlace(pass, syntax, text);
    const evaluated = this.variables.evaluate(text, pass.block);
    if ("error" in evaluated) {
      if (hasPlaceholder(text)) this.#unknownPort(pass, place, null, "a template placeholder");
      else this.#problems.add(pass, evaluated.error, wordPlace(this.#configuration, pass, 1).span);
      return;
    }
    const undefinedName = this.#undefined.find(text);
    if (undefinedName !== null) {
      this.#problems.add(pass, `unknown "${undefinedName}" variable`, wordPlace(this.#configuration, pass, 1).span);
      return;
    }
    if (pass.block.pass !== pass) return;
    const variable = /\$\{?(\w+)/.exec(text)?.[1] ?? "";
    const isCapturePath = captureIsPathIn(this.#configuration, pass.block);
    /** What each value leads to; equal ones are one access. */
    const connects = new Map<string, Address>();
    const names = new Map<string, Upstream>();
    const unknown = new Map<string, () => void>();
    let dead = 0;
    for (const value of evaluated.values) {
      const target = readTarget(syntax, value, isCapturePath);
      switch (target.kind) {
        case "none":
          dead++;
          break;
        case "address": {
          const { address } = target;
          if (hasPlaceholder(address.host)) {
            unknown.set("placeholder", () => this.#unknownPort(pass, place, null, "a template placeholder"));
            break;
          }
          const upstream = address.noPort ? this.space.upstreams.get(address.host.toLowerCase()) : undefined;
          if (upstream !== undefined) names.set(upstream.name, upstream);
          else if (address.noPort && this.space.unseen && isPerhapsUpstream(address)) {
            const reason = `"${address.host}" may be an upstream of a file that is not seen here`;
            unknown.set(address.host, () => this.#unknownPort(pass, place, address.host, reason));
          } else if (address.family === "unix" || address.port !== 0) {
            connects.set(`${address.family} ${address.host.toLowerCase()} ${address.port}`, address);
          } else dead++;
          break;
        }
        case "port":
          connects.set(`* ${target.port}`, anyHost(target.port));
          break;
        case "host":
          unknown.set(`host ${target.host}`, () =>
            this.#unknownPort(pass, place, target.host, this.variables.whyMissing(target.variable)),
          );
          break;
        case "name":
          this.#open(pass, place, target.literals, target.variable);
          unknown.set("name", () => this.#unknownPort(pass, place, null, this.variables.whyMissing(target.variable)));
          break;
        case "socket":
          unknown.set("socket", () => this.#unknownSocket(pass, place, this.variables.whyMissing(target.variable)));
          break;
      }
    }
    const known = connects.size + names.size;
    const certain =
      known === 1 && unknown.size === 0 && dead === 0 && (evaluated.certain || evaluated.values.length > 1);
    const reason = `one of the values of $${variable}`;
    for (const address of connects.values()) {
      this.#connect(pass, place, address, certain ? "certain" : "one-of", certain ? null : reason);
    }
    for (const upstream of names.values()) this.#addUse(pass, upstream, place, certain, certain ? null : reason);
    for (const emit of unknown.values()) emit();
    if (known === 0 && unknown.size === 0 && dead > 0) {
      // Empty in the configuration, so something that we do not read (Lua, njs) fills it in.
      this.#unknownPort(pass, place, null, `no value of $${variable} in the configuration is an address`);
    }
  }

  /** The authority in an argument with variables, or the whole argument. */
  #variablePlace(pass: Pass, syntax: PassSyntax, text: string): Place {
    const tree = treeOf(this.#configuration, pass.file);
    const scheme = splitScheme(syntax, text);
    const from = scheme?.length ?? 0;
    const uri = scheme !== null && from > 0 ? text.slice(from).search(/[/?]/) : -1;
    const length = uri >= 0 && syntax.uriPart && !/^unix:/i.test(text.slice(from)) ? uri : text.length - from;
    return { file: pass.file, span: partSpan(tree, pass.statement, 1, text, from, length) };
  }

  #open(pass: Pass, place: Place, literals: readonly string[], variable: string): void {
    const key = literals.join("\0").toLowerCase();
    let open = this.#openNames.get(key);
    if (open === undefined) {
      open = { literals, variable, steps: [], tcp: false, udp: false };
      this.#openNames.set(key, open);
    }
    open.steps.push({ ...place, directive: pass.directive });
    for (const protocol of this.#protocols(pass)) open[protocol] = true;
  }

  #addUse(pass: Pass, upstream: Upstream, place: Place, certain: boolean, reason: string | null): void {
    const use = this.#use(upstream);
    const step = { file: place.file, span: place.span, directive: pass.directive };
    if (use.steps.length === 0) use.steps = [step];
    else use.steps.push(step);
    use.certain ||= certain;
    use.reason ??= reason;
    for (const protocol of this.#protocols(pass)) use[protocol] = true;
  }

  #connect(pass: Pass, place: Place, address: Address, certainty: Certainty, reason: string | null): void {
    const origin = { directive: pass.directive, via: noSteps, certainty, reason };
    this.#emit(place.file, place.span, address, this.#protocols(pass), origin);
  }

  /** One access for each protocol. Written out: there can be a million. */
  #emit(file: number, span: Span, address: Address, protocols: readonly Protocol[], origin: Origin): void {
    const { directive, via, certainty, reason } = origin;
    const why = reason === null ? noReason : { reason };
    if (address.family === "unix") {
      const path = address.host;
      for (const protocol of protocols) {
        const socket = socketOf(protocol);
        this.#output.add({
          file,
          span,
          kind: "connect",
          protocol: "unix",
          path,
          socket,
          directive,
          via,
          certainty,
          ...why,
        });
      }
      return;
    }
    const host = address.host === "" ? null : address.host;
    const { port } = address;
    for (const protocol of protocols) {
      if (reason === null)
        this.#output.add({ file, span, kind: "connect", protocol, host, port, directive, via, certainty });
      else this.#output.add({ file, span, kind: "connect", protocol, host, port, directive, via, certainty, reason });
    }
  }

  #unknownPort(pass: Pass, place: Place, host: string | null, reason: string): void {
    for (const protocol of this.#protocols(pass)) {
      this.#output.add({
        ...place,
        kind: "connect",
        protocol,
        host,
        port: null,
        directive: pass.directive,
        via: [],
        certainty: "unknown",
        reason,
      });
    }
  }

  #unknownSocket(pass: Pass, place: Place, reason: string): void {
    const { directive } = pass;
    for (const protocol of this.#protocols(pass)) {
      this.#output.add({
        ...place,
        kind: "connect",
        protocol: "unix",
        path: null,
        socket: socketOf(protocol),
        directive,
        via: [],
        certainty: "unknown",
        reason,
      });
    }
  }

  /** The accesses of an upstream's servers, where something uses it. */
  emitUpstream(upstream: Upstream): void {
    let { use } = upstream;
    if (use === null) {
      if (this.#configuration.fragmentContext === null) return;
      use = { steps: [], certain: false, reason: fragmentReason, tcp: true, udp: false };
    }
    const protocols: Protocol[] = [];
    if (use.tcp) protocols.push("tcp");
    if (use.udp) protocols.push("udp");
    const certainty = use.certain ? "certain" : "one-of";
    if (upstream.balancer !== null) {
      const place = wordPlace(this.#configuration, upstream.balancer, 0);
      const directive = treeOf(this.#configuration, place.file).name(upstream.balancer.statement);
      const reason = `${directive} chooses the peer`;
      for (const protocol of protocols) {
        this.#output.add({
          ...place,
          kind: "connect",
          protocol,
          host: null,
          port: null,
          directive,
          via: use.steps,
          certainty: "unknown",
          reason,
        });
      }
      return;
    }
    const tree = { file: -1, tree: treeOf(this.#configuration, upstream.file) };
    const origin: Origin = { directive: "server", via: use.steps, certainty, reason: use.certain ? null : use.reason };
    for (const server of upstream.servers) {
      if (server.down) continue;
      if (server.file !== tree.file) {
        tree.file = server.file;
        tree.tree = treeOf(this.#configuration, server.file);
      }
      const { file } = server;
      const span = tree.tree.wordSpan(server.statement, 1);
      if (server.address !== null && server.reason === null) {
        this.#emit(file, span, server.address, protocols, origin);
        continue;
      }
      const host = server.address?.host ?? null;
      const reason = server.reason ?? "";
      for (const protocol of protocols) {
        this.#output.add({
          file,
          span,
          kind: "connect",
          protocol,
          host,
          port: null,
          directive: "server",
          via: use.steps,
          certainty: "unknown",
          reason,
        });
      }
    }
  }
}

/** What `listen ... udp` is passed on to over a unix socket is datagrams, too (`ngx_event_connect_peer`). */
function socketOf(protocol: Protocol): "stream" | "dgram" {
  return protocol === "tcp" ? "stream" : "dgram";
}

interface Origin {
  readonly directive: string;
  readonly via: readonly Step[];
  readonly certainty: Certainty;
  readonly reason: string | null;
}

const noReason = {};

function anyHost(port: number): Address {
  return { ok: true, family: "name", host: "", port, lastPort: port, noPort: false, uri: "", length: 0 };
}

/** A bare word that people use as the name of an upstream: no address, no domain. */
function isPerhapsUpstream(address: Address): boolean {
  if (address.family !== "name" || address.host.includes(".")) return false;
  return address.host.toLowerCase() !== "localhost" && !isIpv4(address.host);
}
