/** Directives that open blocks, and those that say what a block as a whole is. */
import { BlockFlag } from "../blocks.ts";
import { readListen } from "../listen.ts";
import { mailBackends } from "../services.ts";
import type { Handler } from "./handler.ts";
import { checked, enterAs } from "./handler.ts";
import { isEverything } from "./everything.ts";

const readLocation: Handler = (walk, node, tree, block) => {
  const location = walk.enter("location", node, tree, block);
  const s = node.statement;
  const count = tree.wordCount(s);
  const first = tree.word(s, 1);
  if (count === 2 && first.startsWith("@")) location.flags |= BlockFlag.named;
  if (
    count === 2
      ? first === "/"
      : first === "^~"
        ? tree.word(s, 2) === "/"
        : /^~\*?$/.test(first) && isEverything(tree.word(s, 2))
  ) {
    block.flags |= BlockFlag.hasCatchAll;
  }
};

const readMailServer: Handler = (walk, node, tree, block) => {
  const { configuration, found } = walk;
  walk.enter("mail.server", node, tree, block);
  if (block.parent === null || found.mailsTold.has(block)) return;
  found.mailsTold.add(block);
  found.service(mailBackends(configuration, block));
};

/** `listen` of any kind of server. */
export const readServerListen: Handler = ({ configuration, found }, node, _tree, block) => {
  const access = readListen(configuration, node, block, found.problems);
  if (access !== null) found.binds.push(access);
};

const readCertificate: Handler = (_walk, _node, _tree, block) => {
  if (block.space !== null) block.space.hasCertificate = true;
};

const readInternal: Handler = (_walk, _node, _tree, block) => {
  block.flags |= BlockFlag.internal;
};

const readProtocol: Handler = (_walk, _node, _tree, block) => {
  block.flags |= BlockFlag.hasProtocol;
};

/** Rows of blocks; `upstream` is with the rest of upstreams. */
export const blockDirectives = [
  checked(["main"], "http", enterAs("http")),
  checked(["main"], "stream", enterAs("stream")),
  checked(["main"], "mail", enterAs("mail")),
  checked(["http"], "server", enterAs("server")),
  checked(["stream"], "server", enterAs("stream.server")),
  checked(["mail"], "server", readMailServer),
  checked(["server", "location"], "location", readLocation),
  checked(["server"], "if", enterAs("if-in-server")),
  checked(["location"], "if", enterAs("if-in-location")),
  checked(["location"], "limit_except", enterAs("limit_except")),
  checked(["server", "stream.server", "mail.server"], "listen", readServerListen),
  checked(["location", "if-in-location"], "internal", readInternal),
  checked(["mail.server"], "protocol", readProtocol),
  checked(
    ["http", "server"],
    "ssl_certificate ssl_reject_handshake ssl_certificate_by_lua_block ssl_certificate_by_lua_file acme_certificate",
    readCertificate,
  ),
];
