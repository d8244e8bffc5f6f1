/** What nginx checks, or does, when a block is complete. */
import type { Block, Upstream } from "../blocks/blocks.ts";
import { BlockFlag } from "../blocks/blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import { implicitListen } from "../blocks/listen.ts";
import type { ProblemList } from "../blocks/places.ts";
import type { Gathering } from "../blocks/gathering.ts";

/** Gathers what follows of a whole block, and what nginx rejects in it. */
export function finishBlock(configuration: Configuration, found: Gathering, block: Block): void {
  if (mayServeFiles(block)) found.servesFiles.push(block);
  if (block.kind === "server" && block.parent !== null) {
    if (!block.has(BlockFlag.hasListen | BlockFlag.unseen)) found.binds.push(implicitListen(configuration, block));
  } else if (block.kind === "stream.server" || block.kind === "mail.server") {
    finishServer(configuration, block, found.problems);
  } else if (block.upstream !== null && block.parent !== null) {
    finishUpstream(block.upstream, found.problems);
  }
}

function mayServeFiles(block: Block): boolean {
  if (block.kind === "location") return block.pass === null && !block.has(BlockFlag.answers);
  if (block.kind === "if-in-location") return block.files !== null;
  return block.kind === "server" && !block.has(BlockFlag.hasCatchAll | BlockFlag.answers);
}

/** Of stream and mail, where nothing listens by itself. */
function finishServer(configuration: Configuration, block: Block, problems: ProblemList): void {
  if (block.parent === null || block.has(BlockFlag.unseen)) return;
  if (!block.has(BlockFlag.hasListen)) problems.add(block, 'no "listen" is defined for server');
  else if (
    block.kind === "mail.server" &&
    !block.has(BlockFlag.hasProtocol) &&
    configuration.fragmentContext === null
  ) {
    problems.add(block, "unknown mail protocol for server");
  }
}

function finishUpstream(upstream: Upstream, problems: ProblemList): void {
  if (upstream.rejected || upstream.unseen) return;
  if (upstream.servers.length === 0) {
    if (upstream.balancer === null) problems.add(upstream, "no servers are inside upstream", undefined, true);
  } else if (upstream.servers.every((server) => server.backup)) {
    problems.add(upstream, `no servers in upstream "${upstream.name}"`);
  }
}
