/** Every directive in every block, with too few, enough and too many arguments of every kind. */
import type { Access } from "../../../server/src/nginx/access.ts";
import type { BlockKind } from "../../../server/src/nginx/blocks/blocks.ts";
import { blockKinds } from "../../../server/src/nginx/blocks/blocks.ts";
import { collectAccesses } from "../../../server/src/nginx/collectAccesses.ts";
import type { Configuration } from "../../../server/src/nginx/load/configuration.ts";
import { directiveNames } from "../../../server/src/nginx/tree/directives.ts";
import { parse } from "../../../server/src/nginx/tree/parse.ts";
import { usualPrefixes } from "../../../server/src/nginx/load/pathMap.ts";
import { directiveRows } from "../../../server/src/nginx/walk/directiveTables.ts";
import type { Random } from "../random.ts";
import type { Failure, FuzzTarget } from "../target.ts";

/** Configurations around a statement that put it into a block of each kind. */
const around: Readonly<Record<BlockKind, readonly [before: string, after: string]>> = {
  main: ["", ""],
  events: ["events {", "}"],
  http: ["http {", "}"],
  server: ["http { server {", "} }"],
  location: ["http { server { location / {", "} } }"],
  "if-in-server": ["http { server { if ($a) {", "} } }"],
  "if-in-location": ["http { server { location / { if ($a) {", "} } } }"],
  limit_except: ["http { server { location / { limit_except GET {", "} } } }"],
  upstream: ["http { upstream b {", "} server { location / { proxy_pass http://b; } } }"],
  stream: ["stream {", "}"],
  "stream.server": ["stream { server { listen 1;", "} }"],
  "stream.upstream": ["stream { upstream b {", "} server { listen 1; proxy_pass b; } }"],
  mail: ["mail {", "}"],
  "mail.server": ["mail { server {", "} }"],
  rtmp: ["rtmp {", "}"],
  "rtmp.server": ["rtmp { server {", "} }"],
  "rtmp.application": ["rtmp { server { application a {", "} } }"],
  module: ["http { otel_exporter {", "} }"],
};

const words = [
  `""`,
  ..."on off / /x x/y $a ${ ${A} $1 @a ~ = all 80 80-90 :80 * [::1]:80 [ 127.0.0.1 127.0.0.1:80 a:b".split(" "),
  ..."unix: unix:/run/a unix:/a:/b http:// http://a https://$a:1/x http://127.0.0.1:80$1 http://unix:/a:/b".split(" "),
  ..."syslog: syslog:server= syslog:server=unix: syslog:server=$a,tag=b zone= zone=a:1m state= state=/x".split(" "),
  ..."ssl quic udp resolve service= down backup redirect data:x engine:x \uFFFE\uFFFF é '{{ a }}' @A@ a=b=c".split(" "),
  "'ldap://h:1/x?y'",
  "'host=h port=1'",
] as const;

/** The names of nginx's table and of all rows, each once. */
export const fuzzedNames: readonly string[] = [
  ...new Set([...directiveNames(), ...directiveRows.flatMap((row) => row.names), "nothing_knows_this"]),
];

/** The most arguments that are tried. */
const MOST_ARGUMENTS = 6;

/** A configuration of one file. */
function configurationOf(text: string, fragmentContext: string | null): Configuration {
  const files = [{ path: "/etc/nginx/nginx.conf", tree: parse(new TextEncoder().encode(text)) }];
  const none = { includes: new Map(), problems: [], notes: [] };
  return { files, ...none, fragmentContext, template: [text.includes("{{")], prefixes: usualPrefixes };
}

/**
 * Collects the accesses of a text and checks what holds of all of them.
 *
 * @throws whatever the walk throws, and an Error for an access that lies outside of the text
 */
export function tryText(text: string, fragmentContext: string | null = null): void {
  const configuration = configurationOf(text, fragmentContext);
  const size = configuration.files[0]?.tree.bytes.length ?? 0;
  const { accesses, problems } = collectAccesses(configuration);
  const places: readonly Pick<Access, "span">[] = [...accesses, ...problems];
  for (const { span } of places) {
    if (span.start < 0 || span.end < span.start || span.end > size) throw new Error(`a place outside: ${span.start}`);
  }
}

/** One statement in its block. */
export function statementIn(kind: BlockKind, name: string, count: number, random: Random): string {
  const [before, after] = around[kind];
  const chosen = Array.from({ length: count }, () => random.pick([words[0], ...words]));
  const end = name.endsWith("_by_lua_block") || random.below(8) === 0 ? "{}" : ";";
  return `${before} ${name} ${chosen.join(" ")} ${end} ${after}\n`;
}

function* round(random: Random): Generator<Failure, number> {
  let tried = 0;
  for (const name of fuzzedNames) {
    for (const kind of blockKinds) {
      for (let count = 0; count <= MOST_ARGUMENTS; count++) {
        const text = statementIn(kind, name, count, random);
        tried++;
        try {
          tryText(text, random.below(16) === 0 ? "http" : null);
        } catch (error) {
          yield { input: text, error };
        }
      }
    }
  }
  return tried;
}

/** Names x blocks x 0-6 arguments, about 130,000 inputs a round, with other arguments in each round. */
export const directives: FuzzTarget = { name: "directives", round };
