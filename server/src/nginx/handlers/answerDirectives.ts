/** Directives that decide whether a request is answered with a file: where something else answers, no root is read. */
import { BlockFlag } from "../blocks.ts";
import { directiveContexts } from "../directives.ts";
import type { Handler } from "./handler.ts";
import { unchecked } from "./handler.ts";
import { isEverything } from "./everything.ts";

const readAnswer: Handler = (_walk, _node, _tree, block) => {
  block.flags |= BlockFlag.answers;
};

/** A `rewrite` of everything: of a server where it redirects, of a location where it does not end there. */
const readRewrite: Handler = (_walk, node, tree, block) => {
  const s = node.statement;
  if (block.kind !== "server" && block.kind !== "location") return;
  if (!isEverything(tree.word(s, 1))) return;
  const flag = tree.wordCount(s) > 3 ? tree.word(s, 3) : "";
  const redirects = flag === "redirect" || flag === "permanent" || /^(?:https?:|\$scheme)/.test(tree.word(s, 2));
  if (redirects || (block.kind === "location" && flag !== "break")) block.flags |= BlockFlag.answers;
};

const readAllow: Handler = (_walk, _node, _tree, block) => {
  block.flags |= BlockFlag.allowsSome;
};

const readDeny: Handler = (_walk, node, tree, block) => {
  if (tree.word(node.statement, 1) === "all") block.flags |= BlockFlag.deniesAll;
};

const readTryFiles: Handler = (_walk, node, tree, block) => {
  const s = node.statement;
  const last = tree.wordCount(s) - 1;
  if (!tree.word(s, last).startsWith("@")) return;
  // `try_files /nonexistent @app`: a file that is not meant to be there.
  for (let i = 1; i < last; i++) if (tree.word(s, i).includes("$")) return;
  block.flags |= BlockFlag.answers;
};

export const answerDirectives = [
  unchecked("return stub_status empty_gif perl js_content content_by_lua_file", readAnswer),
  unchecked("rewrite", readRewrite),
  unchecked("allow", readAllow),
  unchecked("deny", readDeny),
  unchecked("try_files", readTryFiles),
];

/** `echo`, `nchan_subscriber`, `vhost_traffic_status_display`, `rtmp_stat`, `upload_pass`, `check_status`, `api`. */
const answering =
  /^(?:api|check_status|echo|hls|mono_.*|passenger_.*|push_stream_.*|upload_pass|vod|zstd_status)$|_(?:pass|publisher|subscriber|pubsub|display|stat|status|control|handler|content|exporter|endpoint)$/;

/** True for a directive of another module that by its name makes the response. */
export function isAnswerOfModule(name: string): boolean {
  return answering.test(name) && directiveContexts(name) === undefined;
}
