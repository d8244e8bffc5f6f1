/** Directives that open blocks, and those that say what a block as a whole is. */
import { BlockFlag, type BlockKind } from "../blocks/blocks.ts";
import { readListen } from "../blocks/listen.ts";
import { mailBackends } from "../blocks/services.ts";
import type { Handler } from "./handler.ts";
import { enterAs, foreign, own, ownIn } from "./handler.ts";
import { isEverything } from "./everything.ts";
import { isFirst } from "./once.ts";

const readLocation: Handler = (walk, statement, block) => {
  const location = walk.enter("location", statement, block);
  const isOneWord = statement.count === 1;
  const first = statement.argument(1);
  if (isOneWord && first.startsWith("@")) location.flags |= BlockFlag.named;
  if (
    isOneWord
      ? first === "/"
      : first === "^~"
        ? statement.argument(2) === "/"
        : /^~\*?$/.test(first) && isEverything(statement.argument(2))
  ) {
    block.flags |= BlockFlag.hasCatchAll;
  }
};

const readMailServer: Handler = (walk, statement, block) => {
  const { found } = walk;
  walk.enter("mail.server", statement, block);
  if (block.parent === null || found.mailsTold.has(block)) return;
  found.mailsTold.add(block);
  found.service(mailBackends(walk.configuration, block));
};

/** `listen` of any kind of server. */
export const readServerListen: Handler = ({ found }, statement, block) => {
  const access = readListen(statement, block, found.problems, found.listens);
  if (access === null) return;
  found.binds.push(access);
  if (access.protocol === "unix") return;
  const first = access.port ?? 0;
  const range = { first, last: access.lastPort ?? first };
  if (block.ports === null) block.ports = [range];
  else block.ports.push(range);
};

const readCertificate: Handler = (_walk, _statement, block) => {
  if (block.space !== null) block.space.hasCertificate = true;
};

const readInternal: Handler = (_walk, _statement, block) => {
  block.flags |= BlockFlag.internal;
};

/** `if ($name)`, `if ($name = text)`; not `if (-f $name)` (`ngx_http_rewrite_if_condition`). */
const readCondition: Handler = ({ found }, reader) => {
  const { file, statement } = reader;
  const name = /^\(\s*\$([A-Za-z0-9_]+)\s*(?:\)|!?[=~])/.exec(reader.arguments().join(" "))?.[1];
  if (name !== undefined) found.conditions.push({ file, statement, variable: `$${name}` });
};

/** A block of the main context, which nginx takes once. */
const enterOnce =
  (kind: BlockKind): Handler =>
  (walk, statement, block) => {
    isFirst(kind, statement, block, walk.found.problems);
    walk.enter(kind, statement, block);
  };

const readUser: Handler = ({ found }, statement, block) => {
  if (!isFirst("user", statement, block, found.problems)) return;
  found.user = { name: statement.argument(1), group: statement.count > 1 ? statement.argument(2) : null };
};

const readProtocol: Handler = (_walk, _statement, block) => {
  block.flags |= BlockFlag.hasProtocol;
};

/** Rows of blocks; `upstream` is with the rest of upstreams. */
export const blockDirectives = [
  ownIn(["main"], "events", enterOnce("events")),
  ownIn(["main"], "http", enterOnce("http")),
  ownIn(["main"], "stream", enterOnce("stream")),
  ownIn(["main"], "mail", enterOnce("mail")),
  ownIn(["http"], "server", enterAs("server")),
  ownIn(["stream"], "server", enterAs("stream.server")),
  ownIn(["mail"], "server", readMailServer),
  own("location", readLocation),
  ownIn(["server"], "if", enterAs("if-in-server")),
  ownIn(["location"], "if", enterAs("if-in-location")),
  own("if", readCondition),
  own("limit_except", enterAs("limit_except")),
  own("listen", readServerListen),
  own("internal", readInternal),
  own("protocol", readProtocol),
  own("user", readUser),
  ownIn(
    ["http", "server"],
    "ssl_certificate ssl_reject_handshake ssl_certificate_by_lua_block ssl_certificate_by_lua_file",
    readCertificate,
  ),
  foreign(["http", "server"], "1+", "acme_certificate", readCertificate),
];
