/** The connections to the servers of an upstream. */
import type { AccessSink } from "./accessList.ts";
import type { Upstream } from "../blocks/blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import { treeOf, wordPlace } from "../blocks/places.ts";
import type { Origin } from "./connections.ts";
import { addConnections, addUnknownPorts, protocolsOf } from "./connections.ts";

const fragmentReason = "this file is not reached from a main file; another file probably uses this upstream";

/** Adds them where something uses the upstream. */
export function addUpstreamConnections(configuration: Configuration, upstream: Upstream, list: AccessSink): void {
  let { use } = upstream;
  if (use === null) {
    if (configuration.fragmentContext === null) return;
    use = { steps: [], certain: false, reason: fragmentReason, tcp: true, udp: false };
  }
  const protocols = protocolsOf(use.tcp, use.udp);
  const via = use.steps;
  if (upstream.balancer !== null) {
    const place = wordPlace(configuration, upstream.balancer, 0);
    const directive = treeOf(configuration, place.file).name(upstream.balancer.statement);
    addUnknownPorts(list, place, null, protocols, { directive, via, reason: `${directive} chooses the peer` });
    return;
  }
  const directive = "server";
  const origin: Origin = use.certain
    ? { directive, via, certainty: "certain", reason: null }
    : { directive, via, certainty: "one-of", reason: use.reason };
  for (const { file, statement, address, reason, down } of upstream.servers) {
    if (down) continue;
    const span = treeOf(configuration, file).wordSpan(statement, 1);
    if (address !== null && reason === null) addConnections(list, file, span, address, protocols, origin);
    else {
      const host = address?.host ?? null;
      addUnknownPorts(list, { file, span }, host, protocols, { directive, via, reason: reason ?? "" });
    }
  }
}
