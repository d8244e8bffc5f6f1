/** `rtmp` of nginx-rtmp-module: what listens, relays streams, and asks over HTTP. */
import type { Access } from "../access.ts";
import type { Node } from "../blocks.ts";
import type { Configuration } from "../configuration.ts";
import { notifyConnection, relayConnection } from "../services.ts";
import { readServerListen } from "./blockDirectives.ts";
import type { Handler } from "./handler.ts";
import { checked, enterAs } from "./handler.ts";

/** Of directives that are not in nginx's own table the form is not checked. */
const ifArgument =
  (run: Handler): Handler =>
  (walk, node, tree, block) => {
    if (tree.terminator(node.statement) === "simple" && tree.wordCount(node.statement) > 1)
      run(walk, node, tree, block);
  };

const connecting = (connection: (configuration: Configuration, node: Node) => Access | null): Handler =>
  ifArgument(({ configuration, found }, node) => {
    found.service(connection(configuration, node));
  });

export const rtmpDirectives = [
  checked(["main"], "rtmp", enterAs("rtmp")),
  checked(["rtmp"], "server", enterAs("rtmp.server")),
  checked(["rtmp.server"], "application", enterAs("rtmp.application")),
  checked(["rtmp.server"], "listen", ifArgument(readServerListen)),
  checked(["rtmp.application"], "push pull", connecting(relayConnection)),
  checked(
    ["rtmp", "rtmp.server", "rtmp.application"],
    "on_connect on_disconnect on_play on_publish on_done on_play_done on_publish_done on_record_done on_update",
    connecting(notifyConnection),
  ),
];
