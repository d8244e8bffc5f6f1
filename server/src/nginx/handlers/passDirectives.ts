/** Directives that pass requests and connections on. Where they lead is found in `passes/`, once all names are known. */
import { parseAddress } from "../blocks/address.ts";
import { directiveContexts } from "../tree/directives.ts";
import { hasPlaceholder } from "../tree/template.ts";
import type { Handler } from "./handler.ts";
import { foreign, own } from "./handler.ts";
import { isFirst } from "./once.ts";
import { passNames } from "./passNames.ts";

const readPass: Handler = ({ found }, statement, block) => {
  const { directive, file } = statement;
  if (block.space === null || !isFirst(directive, statement, block, found.problems)) return;
  const text = statement.count > 0 ? statement.argument(1) : null;
  block.pass = { file, statement: statement.statement, directive, block, text };
  block.space.passes.push(block.pass);
};

/** `pass` of stream hands the connection to a listening socket of nginx: no connect, but an address is needed. */
const readStreamPass: Handler = ({ found }, statement) => {
  const text = statement.argument(1);
  if (text.includes("$") || hasPlaceholder(text)) return;
  const address = parseAddress(text);
  const reject = (message: string): void => {
    found.problems.add(statement, message, statement.span(1));
  };
  if (!address.ok) reject(`${address.error} in "${text}" of the "pass" directive`);
  else if (address.family === "name") reject('"pass" directive has no addresses');
  else if (address.noPort) reject('"pass" directive has no port');
};

/** A new one is a name in `passNames.ts`, and a syntax in `passes/passSyntax.ts` where it has schemes or a URI. */
export const passDirectives = [
  ...passNames.map((name) =>
    directiveContexts(name) === undefined
      ? foreign(["location", "if-in-location"], "1+", name, readPass)
      : own(name, readPass),
  ),
  own("pass", readStreamPass),
];
