/** `upstream` blocks and what stands in them. */
import type { BlockKind } from "../blocks.ts";
import { Upstream } from "../blocks.ts";
import { redisConnection } from "../services.ts";
import { hasPlaceholder } from "../template.ts";
import { readUpstreamServer } from "../upstreams.ts";
import type { Handler } from "./handler.ts";
import { checked, unchecked } from "./handler.ts";

const readUpstream: Handler = (walk, node, tree, parent) => {
  const name = tree.word(node.statement, 1);
  const { space } = parent;
  if (space === null) return;
  const block = walk.enter(space.kind === "http" ? "upstream" : "stream.upstream", node, tree, parent);
  const upstream = new Upstream(node, name, space);
  block.upstream = upstream;
  const key = name.toLowerCase();
  if (space.upstreams.has(key) && !hasPlaceholder(name)) {
    walk.found.problems.add(node, `duplicate upstream "${name}"`, tree.wordSpan(node.statement, 1));
  } else {
    space.upstreams.set(key, upstream);
  }
  walk.found.upstreams.push(upstream);
};

const readServerLine: Handler = ({ configuration, found }, node, _tree, block) => {
  if (block.upstream === null || block.space === null) return;
  readUpstreamServer(configuration, node, block.upstream, block.space.kind, found.problems);
};

const readZone: Handler = (_walk, _node, _tree, block) => {
  if (block.upstream !== null) block.upstream.hasZone = true;
};

const readBalancer: Handler = (_walk, node, _tree, block) => {
  if (block.upstream !== null) block.upstream.balancer = node;
};

const readRedis: Handler = ({ configuration, found }, node, _tree, block) => {
  // It takes the place of `server` lines.
  if (block.upstream !== null) block.upstream.unseen = true;
  found.service(redisConnection(configuration, node));
};

const inUpstreams: readonly BlockKind[] = ["upstream", "stream.upstream"];

export const upstreamDirectives = [
  checked(["http", "stream"], "upstream", readUpstream),
  checked(inUpstreams, "server", readServerLine),
  checked(inUpstreams, "zone", readZone),
  checked(inUpstreams, "balancer_by_lua_block balancer_by_lua_file", readBalancer),
  checked(["upstream"], "balancer_by_lua", readBalancer),
  unchecked("nchan_redis_url nchan_redis_server", readRedis),
];
