/** Directives that pass requests and connections on. Where they lead is found in `passes/`, once all names are known. */
import type { BlockKind } from "../blocks.ts";
import { parseAddress } from "../address.ts";
import { hasPlaceholder } from "../template.ts";
import type { Handler } from "./handler.ts";
import { checked } from "./handler.ts";
import { isFirst } from "./once.ts";

const readPass: Handler = ({ found }, node, tree, block) => {
  const directive = tree.name(node.statement);
  if (block.space === null || !isFirst(directive, node, block, found.problems)) return;
  const text = tree.wordCount(node.statement) > 1 ? tree.word(node.statement, 1) : null;
  const { file, statement } = node;
  block.pass = { file, statement, directive, block, text };
  block.space.passes.push(block.pass);
};

/** `pass` of stream hands the connection to a listening socket of nginx: no connect, but an address is needed. */
const readStreamPass: Handler = ({ found }, node, tree) => {
  const text = tree.word(node.statement, 1);
  if (text.includes("$") || hasPlaceholder(text)) return;
  const address = parseAddress(text);
  if (address.ok && address.family === "name" && !address.noPort) {
    found.problems.add(node, '"pass" directive has no addresses', tree.wordSpan(node.statement, 1));
  }
};

const inLocations: readonly BlockKind[] = ["location", "if-in-location"];

/** A new one may need a syntax in `passes/passSyntax.ts`, and the list of what nginx takes once is in `once.ts`. */
export const passDirectives = [
  checked([...inLocations, "limit_except", "stream.server"], "proxy_pass", readPass),
  checked(inLocations, "fastcgi_pass uwsgi_pass scgi_pass grpc_pass memcached_pass", readPass),
  checked([...inLocations, "server"], "tunnel_pass", readPass),
  // Modules: memc-nginx-module, redis2-nginx-module, ngx_http_redis.
  checked(inLocations, "memc_pass redis2_pass redis_pass", readPass),
  checked(["stream.server"], "pass", readStreamPass),
];
