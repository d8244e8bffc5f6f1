/** Where the passes of http, or of stream, lead: accesses, and uses of upstreams. */
import type { Certainty, Place, Step } from "../access.ts";
import type { AccessSink } from "./accessList.ts";
import type { Address } from "../blocks/address.ts";
import type { Pass, Space, Upstream, Use } from "../blocks/blocks.ts";
import { BlockFlag } from "../blocks/blocks.ts";
import type { Protocol } from "./connections.ts";
import { addConnections, addUnknownPorts, addUnknownSockets, protocolsOf } from "./connections.ts";
import { nameMatches } from "./targets.ts";

const noSteps: readonly Step[] = [];
/** What a use begins with. Never written to: the first step replaces it. */
const unused: Step[] = [];

/** Comparisons of open names with upstreams; more are not made, so that many of both stay linear. */
const MAX_COMPARISONS = 2_000_000;

/** Passes whose host is missing a variable, and the upstream names that they may mean. */
interface OpenName {
  readonly literals: readonly string[];
  readonly variable: string;
  readonly steps: Step[];
  tcp: boolean;
  udp: boolean;
}

/** Takes what is found out of passes. `settleOpenNames` comes after the last one. */
export class Destinations {
  readonly #space: Space;
  readonly #list: AccessSink;
  readonly #openNames = new Map<string, OpenName>();

  constructor(space: Space, list: AccessSink) {
    this.#space = space;
    this.#list = list;
  }

  /** A pass connects to an address. */
  address(pass: Pass, place: Place, address: Address, certainty: Certainty, reason: string | null): void {
    const origin = { directive: pass.directive, via: noSteps, certainty, reason };
    addConnections(this.#list, place.file, place.span, address, this.#protocols(pass), origin);
  }

  /** A pass connects to a port that is not known, of a host that perhaps is. */
  unknownPort(pass: Pass, place: Place, host: string | null, reason: string): void {
    const origin = { directive: pass.directive, via: noSteps, reason };
    addUnknownPorts(this.#list, place, host, this.#protocols(pass), origin);
  }

  /** A pass connects to a unix socket that is not known. */
  unknownSocket(pass: Pass, place: Place, reason: string): void {
    addUnknownSockets(this.#list, place, this.#protocols(pass), { directive: pass.directive, via: noSteps, reason });
  }

  /** A pass leads to the servers of an upstream. `reason`: why that is not certain. */
  upstream(pass: Pass, upstream: Upstream, place: Place, certain: boolean, reason: string | null): void {
    const use = useOf(upstream);
    const step = { file: place.file, span: place.span, directive: pass.directive };
    if (use.steps.length === 0) use.steps = [step];
    else use.steps.push(step);
    use.certain ||= certain;
    use.reason ??= reason;
    for (const protocol of this.#protocols(pass)) use[protocol] = true;
  }

  /** A pass leads to any upstream that has these texts in its name. */
  openName(pass: Pass, place: Place, literals: readonly string[], variable: string): void {
    const key = literals.join("\0").toLowerCase();
    let open = this.#openNames.get(key);
    if (open === undefined) {
      open = { literals, variable, steps: [], tcp: false, udp: false };
      this.#openNames.set(key, open);
    }
    open.steps.push({ ...place, directive: pass.directive });
    for (const protocol of this.#protocols(pass)) open[protocol] = true;
  }

  /** Uses the upstreams that open names may mean, where no pass certainly does. */
  settleOpenNames(): void {
    let comparisons = 0;
    for (const open of this.#openNames.values()) {
      for (const upstream of this.#space.upstreams.values()) {
        if (++comparisons > MAX_COMPARISONS) return;
        if (!nameMatches(open.literals, upstream.name)) continue;
        const use = useOf(upstream);
        if (use.certain) continue;
        use.reason ??= `the host of the pass comes from $${open.variable}, which may name this upstream`;
        if (use.steps.length === 0) use.steps = open.steps;
        use.tcp ||= open.tcp;
        use.udp ||= open.udp;
      }
    }
  }

  #protocols(pass: Pass): readonly Protocol[] {
    const udp = this.#space.kind === "stream" && pass.block.has(BlockFlag.listensUdp);
    return protocolsOf(!udp || pass.block.has(BlockFlag.listensTcp), udp);
  }
}

function useOf(upstream: Upstream): Use {
  return (upstream.use ??= { steps: unused, certain: false, reason: null, tcp: false, udp: false });
}
