/** Where the pass directives of http, or of stream, lead. */
import type { AccessSink } from "./accessList.ts";
import type { Space } from "../blocks/blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import type { ProblemList } from "../blocks/places.ts";
import { wordPlace } from "../blocks/places.ts";
import type { Variables } from "../blocks/variables.ts";
import { Destinations } from "./destinations.ts";
import { passSyntax } from "./passSyntax.ts";
import { StaticPasses } from "./staticPasses.ts";
import { VariablePasses } from "./variablePasses.ts";

/**
 * Adds the connections that passes make to addresses, and marks the upstreams that they use: those of `upstream.use`.
 *
 * @param problems takes what nginx rejects
 */
export function resolvePasses(
  configuration: Configuration,
  space: Space,
  variables: Variables,
  problems: ProblemList,
  list: AccessSink,
): void {
  const destinations = new Destinations(space, list);
  const statics = new StaticPasses(configuration, space, problems, destinations);
  const variable = new VariablePasses(configuration, space, variables, problems, destinations);
  let index = -1;
  for (const pass of space.passes) {
    index++;
    const { text, directive } = pass;
    const syntax = passSyntax(directive, space.kind);
    if (text === null) {
      // `tunnel_pass;` goes where the CONNECT request asks: $host:$request_port.
      const place = wordPlace(configuration, pass, 0);
      const reason = "the client names the host and the port ($host:$request_port)";
      destinations.unknownPort(pass, place, null, reason);
    } else if (syntax.variables && text.includes("$")) variable.read(pass, syntax, text);
    else statics.read(pass, syntax, text, index);
  }
  destinations.settleOpenNames();
}
