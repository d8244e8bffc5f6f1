/** Directives that name paths: those of the table in `fileDirectives.ts`, and those that say what is done below a root. */
import type { FileDirective } from "../blocks/fileDirective.ts";
import { fileDirectives, sslCommandFile } from "../blocks/fileDirectives.ts";
import { directiveContexts } from "../tree/directives.ts";
import type { DirectiveRow, Handler } from "./handler.ts";
import { anyServer, foreign, own, webBlocks } from "./handler.ts";

/** Reads a directive whose argument is a path. */
export const readFile =
  (what: FileDirective): Handler =>
  ({ found }, { file, statement, directive, count }, block) => {
    if (count < Math.max(1, what.argument)) return;
    found.fileStatements.push({ file, statement, directive, what, block });
  };

const readRoot =
  (what: FileDirective): Handler =>
  (_walk, { file, statement, directive }, block) => {
    block.ownFiles().root = { file, statement, directive, what, block };
  };

/** Files of a cache that is made in place with `use_temp_path=off`. */
const readCache =
  (what: FileDirective): Handler =>
  (walk, statement, block) => {
    const inPlace = statement.arguments().includes("use_temp_path=off");
    readFile(inPlace ? { ...what, use: "cache" } : what)(walk, statement, block);
  };

const readSslCommand: Handler = (walk, statement, block) => {
  const what = sslCommandFile(statement.argument(1));
  if (what !== null) readFile(what)(walk, statement, block);
};

const readAutoindex: Handler = (_walk, statement, block) => {
  block.ownFiles().autoindex = statement.argument(1) === "on";
};

const readDavMethods: Handler = (_walk, statement, block) => {
  const methods = statement.arguments().map((method) => method.toUpperCase());
  // PUT renames the request's body into place; the others work on what is there already, or make it in place.
  const moves = methods.includes("PUT") && !methods.includes("COPY") && !methods.includes("MKCOL");
  block.ownFiles().dav = methods.includes("OFF") ? "off" : moves ? "dav-moved" : "dav";
};

const readStore: Handler = ({ found }, statement, block) => {
  if (statement.argument(1) === "on") found.storesInRoot.push(block);
};

const readBodiesInFiles: Handler = ({ found }, statement) => {
  if (statement.argument(1) !== "off") found.bodiesInFiles.push(statement);
};

function readerOf(name: string, what: FileDirective): Handler {
  if (name === "root" || name === "alias") return readRoot(what);
  return what.use === "cache-moved" ? readCache(what) : readFile(what);
}

/** The rows of the table of paths. */
const tableRows: readonly DirectiveRow[] = fileDirectives().map(({ name, what, form }) => {
  const run = readerOf(name, what);
  if (directiveContexts(name) !== undefined) return own(name, run);
  return foreign(form?.blocks ?? anyServer, form?.counts ?? "1+", name, run, form?.end);
});

export const pathDirectives = [
  own("autoindex", readAutoindex),
  foreign(webBlocks, "1", "fancyindex", readAutoindex),
  own("dav_methods", readDavMethods),
  own("client_body_in_file_only", readBodiesInFiles),
  own("proxy_store fastcgi_store uwsgi_store scgi_store", readStore),
  own("ssl_conf_command proxy_ssl_conf_command grpc_ssl_conf_command uwsgi_ssl_conf_command", readSslCommand),
  own("lua_ssl_conf_command", readSslCommand),
  ...tableRows,
];
