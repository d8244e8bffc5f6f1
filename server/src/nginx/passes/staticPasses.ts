/** Passes whose argument has no variables: nginx reads them when it loads, and says what is wrong with them. */
import type { Place } from "../access.ts";
import type { Address } from "../blocks/address.ts";
import { parseAddress } from "../blocks/address.ts";
import type { Node, Pass, Space, Upstream } from "../blocks/blocks.ts";
import { BlockFlag } from "../blocks/blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import type { ProblemList } from "../blocks/places.ts";
import { partSpan, treeOf } from "../blocks/places.ts";
import type { Span } from "../../base/text.ts";
import { isNginxDirective } from "../tree/directives.ts";
import { hasPlaceholder, mayBeFilledIn } from "../tree/template.ts";
import type { Destinations } from "./destinations.ts";
import type { PassSyntax } from "./passSyntax.ts";
import { splitScheme } from "./passSyntax.ts";
import { mayBeUnseen, unseenReason } from "./unseenUpstreams.ts";

/** Reads the static passes of a space, in the order in which they stand. */
export class StaticPasses {
  readonly #configuration: Configuration;
  readonly #space: Space;
  readonly #problems: ProblemList;
  readonly #destinations: Destinations;
  /** First port of each host that nginx has made an implicit upstream for; 0 without one. */
  readonly #implicit = new Map<string, number>();

  constructor(configuration: Configuration, space: Space, problems: ProblemList, destinations: Destinations) {
    this.#configuration = configuration;
    this.#space = space;
    this.#problems = problems;
    this.#destinations = destinations;
  }

  /** @param index of the pass among all of the space */
  read(pass: Pass, syntax: PassSyntax, text: string, index: number): void {
    const scheme = splitScheme(syntax, text);
    const rest = scheme === null ? text : text.slice(scheme.length);
    const isWhole = this.#configuration.fragmentContext === null;
    const notRead = whyNotRead(syntax, text, rest, isWhole);
    if (notRead !== null) {
      this.#destinations.unknownPort(pass, this.#place(pass, text, 0, text.length), null, notRead);
      return;
    }
    if (scheme === null) {
      this.#reject(pass, "invalid URL prefix", this.#place(pass, text, 0, text.length).span);
      return;
    }
    const address = parseAddress(rest, { uriPart: syntax.uriPart, defaultPort: scheme.port });
    if (!address.ok || (!syntax.variables && !address.noPort && rest.includes("$"))) {
      const mistake = address.ok ? "host not found" : address.error;
      this.#reject(pass, `${mistake} in upstream "${rest}"`, this.#place(pass, text, scheme.length, rest.length).span);
      return;
    }
    const target = this.#place(pass, text, scheme.length, address.length);
    const host = address.family === "ipv6" ? `[${address.host}]` : address.host;
    const upstream = this.#upstreamOf(address, host);
    if (upstream === undefined) this.#readAddress(pass, address, host, target);
    else this.#readUpstream(pass, address, host, target, upstream, index);
  }

  /** The place of a part of the argument. */
  #place({ file, statement }: Pass, text: string, from: number, length: number): Place {
    return { file, span: partSpan(treeOf(this.#configuration, file), statement, 1, text, from, length) };
  }

  /** Other modules read their passes in their own way, so nothing is said of those. */
  #reject(pass: Pass, message: string, span: Span): void {
    if (isNginxDirective(pass.directive)) this.#problems.add(pass, message, span);
  }

  #upstreamOf(address: Address, host: string): Upstream | undefined {
    const { upstreams } = this.#space;
    const found = upstreams.get(address.host.toLowerCase());
    return found ?? (address.family === "ipv6" ? upstreams.get(host.toLowerCase()) : undefined);
  }

  #readUpstream(pass: Pass, address: Address, host: string, target: Place, upstream: Upstream, index: number): void {
    if (!address.noPort) {
      // nginx finds out at whichever comes second, and names it as it is written there.
      const name = upstream.passesBefore > index ? upstream.name : host;
      this.#reject(pass, `upstream "${name}" may not have port ${address.port}`, target.span);
      return;
    }
    this.#checkUri(pass, address, target);
    if (connects(pass)) this.#destinations.upstream(pass, upstream, target, true, null);
  }

  #readAddress(pass: Pass, address: Address, host: string, target: Place): void {
    const port = this.#implicitPort(address, host);
    this.#checkUri(pass, address, target);
    if (mayBeUnseen(this.#space, address)) {
      if (connects(pass)) this.#destinations.unknownPort(pass, target, address.host, unseenReason(address));
    } else if (address.family === "unix" || port !== 0) {
      if (connects(pass)) this.#destinations.address(pass, target, { ...address, port }, "certain", null);
    } else if (this.#space.unseen && address.family === "name") {
      this.#destinations.unknownPort(pass, target, address.host, unseenReason(address));
    } else {
      this.#reject(pass, `no port in upstream "${host}"`, target.span);
    }
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
    if (pass.directive !== "proxy_pass" || address.uri === "" || this.#space.kind !== "http") return;
    const { block } = pass;
    const nameless = block.kind === "if-in-location" || block.kind === "limit_except";
    if (!nameless && !(block.kind === "location" && (block.has(BlockFlag.named) || this.#isRegex(block)))) return;
    this.#reject(
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
}

/** Why the argument is not what nginx will read; null where it is. `rest`: what is behind the scheme. */
function whyNotRead(syntax: PassSyntax, text: string, rest: string, isWhole: boolean): string | null {
  if (!syntax.variables && rest.includes("$") && (!isWhole || mayBeFilledIn(rest))) {
    return `nginx does not expand variables here, so something else must replace "${text}"`;
  }
  const authority = syntax.uriPart ? (/^[^/?]*/.exec(rest)?.[0] ?? rest) : rest;
  return hasPlaceholder(authority) ? "a template placeholder" : null;
}

/** False where a later pass of the block wins. */
function connects(pass: Pass): boolean {
  return pass.block.pass === pass;
}
