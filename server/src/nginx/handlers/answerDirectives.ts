/** Directives that decide whether a request is answered with a file: where something else answers, no root is read. */
import { BlockFlag } from "../blocks/blocks.ts";
import { directiveContexts } from "../tree/directives.ts";
import type { Handler } from "./handler.ts";
import { foreign, own, webBlocks } from "./handler.ts";
import { isEverything } from "./everything.ts";

const readAnswer: Handler = (_walk, _statement, block) => {
  block.flags |= BlockFlag.answers;
};

/** A `rewrite` of everything: of a server where it redirects, of a location where it does not end there. */
const readRewrite: Handler = (_walk, statement, block) => {
  if (block.kind !== "server" && block.kind !== "location") return;
  if (!isEverything(statement.argument(1))) return;
  const flag = statement.argument(3);
  const redirects = flag === "redirect" || flag === "permanent" || /^(?:https?:|\$scheme)/.test(statement.argument(2));
  if (redirects || (block.kind === "location" && flag !== "break")) block.flags |= BlockFlag.answers;
};

const readAllow: Handler = (_walk, _statement, block) => {
  block.flags |= BlockFlag.allowsSome;
};

const readDeny: Handler = (_walk, statement, block) => {
  if (statement.argument(1) === "all") block.flags |= BlockFlag.deniesAll;
};

const readTryFiles: Handler = (_walk, statement, block) => {
  const tried = statement.arguments();
  if (tried.at(-1)?.startsWith("@") !== true) return;
  // `try_files /nonexistent @app`: a file that is not meant to be there.
  if (tried.slice(0, -1).some((path) => path.includes("$"))) return;
  block.flags |= BlockFlag.answers;
};

export const answerDirectives = [
  own("return stub_status empty_gif perl content_by_lua_file", readAnswer),
  foreign(webBlocks, "1", "js_content", readAnswer),
  own("rewrite", readRewrite),
  own("allow", readAllow),
  own("deny", readDeny),
  own("try_files", readTryFiles),
];

/** `echo`, `nchan_subscriber`, `vhost_traffic_status_display`, `rtmp_stat`, `upload_pass`, `check_status`, `api`. */
const answering =
  /^(?:api|check_status|echo|hls|mono_.*|passenger_.*|push_stream_.*|upload_pass|vod|zstd_status)$|_(?:pass|publisher|subscriber|pubsub|display|stat|status|control|handler|content|exporter|endpoint)$/;

/** True for a directive of another module that by its name makes the response. */
export function isAnswerOfModule(name: string): boolean {
  return answering.test(name) && directiveContexts(name) === undefined;
}
