/** `upstream` blocks and what stands in them. */
import { Upstream } from "../blocks/blocks.ts";
import { hasPlaceholder } from "../tree/template.ts";
import { readUpstreamServer } from "../blocks/upstreams.ts";
import type { Handler } from "./handler.ts";
import { foreign, own, ownIn, upstreams } from "./handler.ts";

const readUpstream: Handler = (walk, statement, parent) => {
  const name = statement.argument(1);
  const { space } = parent;
  if (space === null) return;
  const block = walk.enter(space.kind === "http" ? "upstream" : "stream.upstream", statement, parent);
  const upstream = new Upstream(statement, name, space);
  block.upstream = upstream;
  const key = name.toLowerCase();
  if (space.upstreams.has(key) && !hasPlaceholder(name)) {
    walk.found.problems.add(statement, `duplicate upstream "${name}"`, statement.span(1));
  } else {
    space.upstreams.set(key, upstream);
  }
  walk.found.upstreams.push(upstream);
};

const readServerLine: Handler = ({ configuration, found }, statement, block) => {
  if (block.upstream === null || block.space === null) return;
  const isWhole = configuration.fragmentContext === null;
  readUpstreamServer(statement, block.upstream, block.space.kind, found.problems, isWhole);
};

const readZone: Handler = (_walk, _statement, block) => {
  if (block.upstream !== null) block.upstream.hasZone = true;
};

const readBalancer: Handler = (_walk, statement, block) => {
  if (block.upstream !== null) block.upstream.balancer = statement;
};

export const upstreamDirectives = [
  ownIn(["http", "stream"], "upstream", readUpstream),
  ownIn(upstreams, "server", readServerLine),
  ownIn(upstreams, "zone", readZone),
  own("balancer_by_lua_block balancer_by_lua_file", readBalancer),
  foreign(["upstream"], "1", "balancer_by_lua", readBalancer),
  foreign(["stream.upstream"], "0", "balancer_by_lua_block", readBalancer, "lua"),
  foreign(["stream.upstream"], "1", "balancer_by_lua_file", readBalancer),
];
