/** `rtmp` of nginx-rtmp-module: what listens, relays streams, and asks over HTTP. */
import type { Access } from "../access.ts";
import type { BlockKind } from "../blocks/blocks.ts";
import { notifyConnection, relayConnection } from "../blocks/services.ts";
import type { StatementReader } from "../blocks/statementReader.ts";
import { readServerListen } from "./blockDirectives.ts";
import type { Handler } from "./handler.ts";
import { enterAs, foreign } from "./handler.ts";

const connecting =
  (connection: (statement: StatementReader) => Access | null): Handler =>
  ({ found }, statement) => {
    found.service(connection(statement));
  };

const inRtmp: readonly BlockKind[] = ["rtmp", "rtmp.server", "rtmp.application"];

export const rtmpDirectives = [
  foreign(["main"], "0", "rtmp", enterAs("rtmp"), "block"),
  foreign(["rtmp"], "0", "server", enterAs("rtmp.server"), "block"),
  foreign(["rtmp.server"], "1", "application", enterAs("rtmp.application"), "block"),
  foreign(["rtmp.server"], "1+", "listen", readServerListen),
  foreign(["rtmp.application"], "1+", "push pull", connecting(relayConnection)),
  foreign(
    inRtmp,
    "1+",
    "on_connect on_disconnect on_play on_publish on_done on_play_done on_publish_done on_record_done on_update",
    connecting(notifyConnection),
  ),
];
