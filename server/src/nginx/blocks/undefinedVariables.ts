/**
 * Variables that nothing defines, which nginx rejects as `unknown "x" variable`.
 *
 * Modules bring variables of their own, and we do not know them all. So a name counts as undefined only where the whole
 * configuration is seen, all of its directives and modules are nginx's own, and the name resembles no built-in one.
 */
import { blockKinds, type Space } from "./blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import { isBlockDirective } from "../tree/directives.ts";
import { isRawBlock } from "../tree/names.ts";
import { compileScript } from "./script.ts";
import type { Tree } from "../tree/tree.ts";
import { ROOT } from "../tree/tree.ts";

/** First words of the names of nginx's variables, and of those of modules that come without a directive. */
const families: ReadonlySet<string> = new Set(
  (
    "acme ancient angie api args arg auth basic binary body brotli bytes cache certificate client connection connections content " +
    "context cookie date document ech echo fastcgi geoip geoip2 grpc gzip headers host hostname http http2 http3 https " +
    "internal invalid is jwt keepalive lb limit mail memcached modern msec msie mtime nginx njs oidc otel p8s pid pipe " +
    "process protocol proxy query quic realip realpath redis referer remote request resolver response route scgi scheme " +
    "secure sent server session slice spdy ssi ssl status sticky stream tcpinfo time trace tunnel uid upload upstream uri uwsgi zstd"
  ).split(" "),
);

/** nginx's own dynamic modules, whose variables belong to the families above or to directives that we know. */
const ownModule =
  /(?:^|\/)ngx_(?:stream|mail|http_geoip|stream_geoip|http_image_filter|http_perl|http_xslt_filter)_module\.so$/;

/** Names for which the text of all files is searched for captures; many more are made to cost time. */
const MAX_SEARCHES = 20;

export class UndefinedVariables {
  readonly #configuration: Configuration;
  readonly #space: Space;
  readonly #answers = new Map<string, boolean>();
  #isKnownWhole: boolean | null = null;

  constructor(configuration: Configuration, space: Space) {
    this.#configuration = configuration;
    this.#space = space;
  }

  /** The first variable in a word that nginx does not know; null where there is none, or where it is not certain. */
  find(text: string): string | null {
    const script = compileScript(text);
    if (!script.ok) return null;
    for (const part of script.parts) {
      // `${NAME}` and `$NAME` in capitals are what envsubst replaces.
      if (typeof part === "string" || text.includes(`\${${part.name}}`) || /^[A-Z0-9_]+$/.test(part.name)) continue;
      if (this.#isUndefined(part.name.toLowerCase())) return part.name;
    }
    return null;
  }

  #isUndefined(name: string): boolean {
    const { values, computed, assigned, unseenBelow } = this.#space;
    if (unseenBelow || values.has(name) || computed.has(name) || assigned.has(name)) return false;
    if (families.has(/^[a-z0-9]+/.exec(name)?.[0] ?? "") || this.#configuration.fragmentContext !== null) return false;
    let answer = this.#answers.get(name);
    if (answer === undefined) {
      if (this.#answers.size >= MAX_SEARCHES) return false;
      this.#isKnownWhole ??= isKnownWhole(this.#configuration);
      answer = this.#isKnownWhole && !this.#configuration.files.some(({ tree }) => hasCapture(tree, name));
      this.#answers.set(name, answer);
    }
    return answer;
  }
}

/** True where every directive is one of nginx's own or of lua-nginx-module, which defines no variables. */
function isKnownWhole(configuration: Configuration): boolean {
  if (configuration.template.includes(true)) return false;
  const known = new Set<string>(["include"]);
  for (const { tree } of configuration.files) {
    if (tree.problems.length > 0) return false;
    for (let s = 0; s < tree.size; s++) {
      const name = tree.name(s);
      if (name === "load_module" && !ownModule.test(tree.wordCount(s) > 1 ? tree.word(s, 1) : "")) return false;
      if (known.has(name)) continue;
      const parent = tree.parent(s);
      if (parent !== ROOT && isRawBlock(tree.name(parent))) continue;
      if (!isAnywhere(name)) return false;
      known.add(name);
    }
  }
  return true;
}

function isAnywhere(name: string): boolean {
  return blockKinds.some((context) => isBlockDirective(name, context) !== undefined);
}

const LESS = 0x3c;
const QUOTE = 0x27;

/** True where a regular expression may capture under that name: `(?<name>...)`, `(?P<name>...)`, `(?'name'...)`. */
function hasCapture(tree: Tree, name: string): boolean {
  const { bytes } = tree;
  for (const open of [LESS, QUOTE]) {
    for (let i = bytes.indexOf(open); i >= 0; i = bytes.indexOf(open, i + 1)) {
      let j = 0;
      while (j < name.length && ((bytes[i + 1 + j] ?? 0) | 0x20) === (name.charCodeAt(j) | 0x20)) j++;
      if (j === name.length) return true;
    }
  }
  return false;
}
