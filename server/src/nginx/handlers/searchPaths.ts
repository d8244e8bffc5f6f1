/** Directives in whose arguments paths stand among other things: Lua's search paths, rules of ModSecurity, PageSpeed. */
import type { FileAccess } from "../access.ts";
import { fileDirective } from "../blocks/fileDirectives.ts";
import type { FileDirective } from "../blocks/fileDirective.ts";
import { normalizePath } from "../load/pathMap.ts";
import type { StatementReader } from "../blocks/statementReader.ts";
import type { Handler } from "./handler.ts";
import { anyServer, foreign, own, webBlocks } from "./handler.ts";
import { readFile } from "./pathDirectives.ts";

/** An access to an absolute path in a part of the first argument. `below`: to what is in that directory. */
function partAccess(
  statement: StatementReader,
  { from, length }: { readonly from: number; readonly length: number },
  { kind, use, object, by }: FileDirective,
  target: Pick<FileAccess, "path" | "below" | "certainty"> & { readonly reason?: string },
): FileAccess {
  const { file, directive } = statement;
  const span = statement.part(1, from, length);
  return { file, span, directive, via: [], kind, protocol: "file", object, use, by, ...target };
}

const luaCode = fileDirective("read", "code", "cwd", { by: "worker" });

/** `lua_package_path '/opt/lua/?.lua;;'`: Lua searches these when code asks for a module. */
const readLuaPath: Handler = ({ configuration, found }, statement) => {
  let from = 0;
  for (const pattern of statement.argument(1).split(";")) {
    const part = { from, length: pattern.length };
    from += pattern.length + 1;
    const path = pattern.replace(/^\$prefix(?=\/)/, configuration.prefixes.prefix);
    if (!path.startsWith("/") || path.includes("$")) continue;
    const open = path.indexOf("?");
    const directory = path.slice(0, path.lastIndexOf("/", open < 0 ? undefined : open)) || "/";
    const reason = "Lua searches modules here when code asks for one";
    const target = { path: null, below: normalizePath(directory), certainty: "one-of", reason } as const;
    found.service(partAccess(statement, part, luaCode, target));
  }
};

/** Directives of ModSecurity that name what it writes. */
const securityLog = /(?:^|\s)(Sec(?:Audit|Debug)Log)\s+"?(\/[^\s"]+)/g;

/** `modsecurity_rules '...'`: libmodsecurity opens its logs when nginx loads the rules. */
const readSecurityRules: Handler = ({ found }, statement) => {
  const log = fileDirective("append", "log", "cwd");
  for (const match of statement.argument(1).matchAll(securityLog)) {
    const path = match[2] ?? "";
    const from = match.index + match[0].lastIndexOf(path);
    const target = { path: normalizePath(path), below: null, certainty: "certain" } as const;
    found.service(partAccess(statement, { from, length: path.length }, log, target));
  }
};

/** `pagespeed FileCachePath DIRECTORY` among PageSpeed's many settings. */
const readPageSpeed: Handler = (walk, statement, block) => {
  const name = statement.argument(1);
  if (name !== "FileCachePath" && name !== "LogDir") return;
  readFile(fileDirective("write", "cache", "cwd", { by: "worker", object: "dir", argument: 2 }))(
    walk,
    statement,
    block,
  );
};

export const searchPathDirectives = [
  own("lua_package_path lua_package_cpath", readLuaPath),
  foreign(["stream"], "1", "lua_package_path lua_package_cpath", readLuaPath),
  foreign(anyServer, "1", "modsecurity_rules", readSecurityRules),
  foreign(webBlocks, "1+", "pagespeed", readPageSpeed),
];
