/** Directives that name paths: those of the table in `fileDirectives.ts`, and those that say what is done below a root. */
import type { BlockKind } from "../blocks.ts";
import type { FileDirective } from "../fileDirectives.ts";
import { fileDirectivesIn, sslCommandFile } from "../fileDirectives.ts";
import type { Handler } from "./handler.ts";
import { unchecked } from "./handler.ts";

const readFile =
  (what: FileDirective): Handler =>
  ({ found }, { file, statement }, tree, block) => {
    if (tree.wordCount(statement) <= what.argument) return;
    found.fileStatements.push({ file, statement, directive: tree.name(statement), what, block });
  };

const readRoot =
  (what: FileDirective): Handler =>
  (_walk, { file, statement }, tree, block) => {
    block.ownFiles().root = { file, statement, directive: tree.name(statement), what, block };
  };

const readSslCommand: Handler = (walk, node, tree, block) => {
  const what = sslCommandFile(tree.word(node.statement, 1));
  if (what !== null) readFile(what)(walk, node, tree, block);
};

const readAutoindex: Handler = (_walk, node, tree, block) => {
  block.ownFiles().autoindex = tree.word(node.statement, 1) === "on";
};

const readDavMethods: Handler = (_walk, node, tree, block) => {
  block.ownFiles().dav = tree.word(node.statement, 1) !== "off";
};

const readStore: Handler = ({ found }, node, tree, block) => {
  if (tree.word(node.statement, 1) === "on") found.storesInRoot.push(block);
};

const readBodiesInFiles: Handler = ({ found }, node, tree) => {
  if (tree.word(node.statement, 1) !== "off") found.bodiesInFiles.push(node);
};

export const pathDirectives = [
  unchecked("autoindex fancyindex", readAutoindex),
  unchecked("dav_methods", readDavMethods),
  unchecked("client_body_in_file_only", readBodiesInFiles),
  unchecked("proxy_store fastcgi_store uwsgi_store scgi_store", readStore),
  unchecked(
    "ssl_conf_command proxy_ssl_conf_command grpc_ssl_conf_command uwsgi_ssl_conf_command lua_ssl_conf_command",
    readSslCommand,
  ),
];

/** What the table of paths has in a block, by name. */
export function pathHandlers(kind: BlockKind): readonly (readonly [name: string, run: Handler])[] {
  return fileDirectivesIn(kind).map(([name, what]) => [
    name,
    name === "root" || name === "alias" ? readRoot(what) : readFile(what),
  ]);
}
