/** Completion: directives by context, names of the configuration, paths to include, and the ports that SELinux allows already. */
import type { CompletionItem, CompletionItemKind } from "vscode-languageserver";
import { acceptedArguments, directivesIn, isBlockDirective } from "../../nginx/tree/directives.ts";
import { passNames } from "../../nginx/handlers/passNames.ts";
import type { RuleContext } from "../../rules/context.ts";
import { releaseName } from "../../rules/phrases.ts";
import type { DirectoryEntry } from "../../base/directoryEntry.ts";
import type { Position } from "../../base/text.ts";
import { offsetIn, rangeIn, type TreeView } from "../fileView.ts";
import { directiveDescription } from "../directiveDescriptions.ts";
import { contextsInside } from "../names/fileContexts.ts";
import type { NameKind } from "../names/nameSite.ts";
import { nameSites } from "../names/nameSites.ts";
import { allowedPorts, type AllowedPort } from "./allowedPorts.ts";
import { includeItems } from "./includePaths.ts";
import { typedTextAt, type TypedText } from "./typedText.ts";
import { nginxVariables } from "../names/nginxVariables.ts";

const keyword: CompletionItemKind = 14;
const reference: CompletionItemKind = 18;
const variable: CompletionItemKind = 6;
const value: CompletionItemKind = 12;

/** What the items of one answer share. */
interface Request {
  readonly view: TreeView;
  readonly typed: TypedText;
  /** Null where no policy answers: then nothing is said of ports. */
  readonly policy: RuleContext | null;
  /** Entries of the directory that an `include` begins with. */
  readonly entries: readonly DirectoryEntry[];
}

/**
 * The items for a position, the most useful first in `sortText`; none where nothing sensible can be typed. `entries`: those of
 * the directory that `includeDirectoryAt` names.
 */
export function completionsAt(
  view: TreeView,
  position: Position,
  policy: RuleContext | null,
  entries: readonly DirectoryEntry[] = [],
): readonly CompletionItem[] {
  const typed = typedTextAt(view.tree, offsetIn(view, position));
  if (typed === null) return [];
  const request = { view, typed, policy, entries };
  const [directive] = typed.words;
  const range = rangeIn(view, typed.span);
  const items = directive === undefined ? directiveItems(request) : argumentItems(request, directive);
  return items.map(({ label, ...rest }) => ({ label, ...rest, textEdit: { range, newText: label } }));
}

function directiveItems({ view, typed }: Request): readonly CompletionItem[] {
  if (typed.isQuoted) return [];
  const contexts = contextsInside(view.configuration, view.file, typed.block);
  const names = new Map<string, string>();
  for (const context of contexts) for (const name of directivesIn(context)) names.set(name, context);
  return [...names].map(([label, context]) => ({
    label,
    kind: keyword,
    detail: isBlockDirective(label, context) === true ? `${label} ... { }` : acceptedArguments(label, context),
    documentation: directiveDescription(label) ?? "",
  }));
}

function argumentItems(request: Request, directive: string): readonly CompletionItem[] {
  const { typed } = request;
  if (typed.word.includes("$")) return variableItems(request);
  if (typed.isQuoted) return [];
  const first = typed.words.length === 1;
  const rule = rules.find((each) => each.directives.test(directive) && (!each.firstOnly || first));
  return rule === undefined ? [] : rule.items(request, directive);
}

interface ArgumentRule {
  readonly directives: RegExp;
  readonly firstOnly: boolean;
  readonly items: (request: Request, directive: string) => readonly CompletionItem[];
}

const passes = new RegExp(`^(?:${passNames.join("|")})$`, "u");
const rules: readonly ArgumentRule[] = [
  { directives: passes, firstOnly: true, items: passItems },
  { directives: /^server$/u, firstOnly: true, items: (request) => portItems(request, "connect", "", "127.0.0.1:") },
  { directives: /^include$/u, firstOnly: true, items: ({ typed, entries }) => includeItems(typed.word, entries) },
  { directives: /^listen$/u, firstOnly: true, items: (request) => portItems(request, "bind", "", "") },
  {
    directives: /^(?:try_files|error_page|post_action)$/u,
    firstOnly: false,
    items: (request) => nameItems(request, "location"),
  },
  {
    directives: /^(?:proxy|fastcgi|uwsgi|scgi)_cache$/u,
    firstOnly: true,
    items: (request) => nameItems(request, "cache"),
  },
  { directives: /^limit_req$/u, firstOnly: false, items: (request) => nameItems(request, "request zone", "zone=") },
  { directives: /^limit_conn$/u, firstOnly: true, items: (request) => nameItems(request, "connection zone") },
  { directives: /^access_log$/u, firstOnly: false, items: (request) => nameItems(request, "log format") },
];

/** An upstream of this configuration, or a port of this host that nginx may connect to. `proxy_pass` of http wants a scheme. */
function passItems(request: Request, directive: string): readonly CompletionItem[] {
  const { view, typed } = request;
  const contexts = contextsInside(view.configuration, view.file, typed.block);
  const isStream = [...contexts].some((context) => context.startsWith("stream"));
  const scheme = /^[a-z]+:\/\//u.exec(typed.word)?.[0] ?? (directive === "proxy_pass" && !isStream ? "http://" : "");
  return [...nameItems(request, "upstream", scheme), ...portItems(request, "connect", scheme, "127.0.0.1:")];
}

/** A host with its colon, where a port begins behind it. */
const typedHost = /^(?:\[[^\]]*\]|[^:/[\]]+):(?=\d*$)/u;

/** The ports behind the host that is typed, or behind `host`. */
function portItems(
  { policy, typed }: Request,
  kind: AllowedPort["kind"],
  scheme: string,
  host: string,
): readonly CompletionItem[] {
  const address = typed.word.slice(typed.word.startsWith(scheme) ? scheme.length : 0);
  if (policy === null || address.startsWith("unix:")) return [];
  const prefix = scheme + (typedHost.exec(address)?.[0] ?? host);
  return allowedPorts(policy, kind).map(({ port, type }, i) => ({
    label: `${prefix}${port}`,
    kind: value,
    detail: `${type}: allowed on ${releaseName(policy.policy.facts.info)}`,
    sortText: `1${String(i).padStart(4, "0")}`,
  }));
}

function nameItems({ view, typed }: Request, kind: NameKind, prefix = ""): readonly CompletionItem[] {
  const names = nameSites(view.configuration).within(kind, view.file, typed.block);
  return [...new Set(names.map(({ name }) => name))].map((name) => ({
    label: `${prefix}${name}`,
    kind: reference,
    detail: kind,
    sortText: `0${name}`,
  }));
}

/** The part before the last `$` stays as it is typed, and so does a brace behind it. */
function variableItems({ view, typed }: Request): readonly CompletionItem[] {
  const dollar = typed.word.lastIndexOf("$");
  const isBraced = typed.word[dollar + 1] === "{";
  const opening = typed.word.slice(0, dollar + (isBraced ? 2 : 1));
  const closing = isBraced && view.tree.bytes[typed.span.end] !== 0x7d ? "}" : "";
  const own = nameSites(view.configuration).within("variable", view.file, typed.block);
  const names = new Map<string, string>(nginxVariables.map((name) => [name, "variable of nginx"]));
  for (const { name } of own) names.set(name, "variable of this configuration");
  return [...names].map(([name, detail]) => ({
    label: opening + name + closing,
    kind: variable,
    detail,
    filterText: opening + name + closing,
  }));
}
