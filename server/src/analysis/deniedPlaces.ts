/** Where in a configuration a refusal comes from: the accesses that it can have been, best first. */
import { directoryNamed, type Refusal } from "../denials/gather.ts";
import type { Subject } from "../denials/subject.ts";
import { isSharedParent } from "../fixes/directories.ts";
import type { NginxLine } from "../denials/denial.ts";
import type { Access, Certainty, FileAccess, Place } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { AccessIndex } from "./accessIndex.ts";
import { operationOf, type Operation } from "./deniedOperation.ts";
import { fitOf, requestOf } from "./surroundingBlocks.ts";

/** A place that a refusal can have come from. */
export interface DeniedPlace extends Place {
  readonly directive: string;
  readonly certainty: Certainty;
  /** Null for a place that is found by its directive alone: `pcre_jit`, `proxy_bind`. */
  readonly access: Access | null;
}

/** A configuration, ready to be searched for many refusals. */
export interface SearchedConfiguration {
  readonly configuration: Configuration;
  readonly index: AccessIndex;
  /** As the policy spells a path. */
  canonical(path: string): string;
  portType(protocol: "tcp" | "udp", port: number): string;
  /** False where a directory has another type for certain, on the host or by default. */
  mayHaveType(directory: string, type: string): boolean;
}

/** More candidates than this tell nothing. */
const MOST_PLACES = 50;

/** The places of a refusal; empty where none explains it. `refuses`: whether the policy refuses an access. */
export function placesOf(
  refusal: Refusal,
  searched: SearchedConfiguration,
  refuses: (access: Access) => boolean,
): readonly DeniedPlace[] {
  if (refusal.subject.nginx === false) return [];
  const named = placeNamed(refusal, searched);
  const accesses = named.length > 0 ? named : accessesOf(refusal, searched);
  const found = accesses.length > 0 ? ranked(accesses, refusal, searched, refuses) : [];
  if (found.length > 0) return found;
  return directivePlaces(refusal, searched);
}

function accessesOf({ subject, denial, also }: Refusal, searched: SearchedConfiguration): readonly Access[] {
  const { index } = searched;
  const line = [denial, ...also].find((each) => each.kind === "nginx");
  const operation = operationOf(denial, line);
  if (operation === "limit") return index.limits;
  if (operation === "connect" && subject.port !== null) {
    const sure = index
      .connects(subject.port)
      .filter((access) => isHost(access, subject.host) && isProtocol(access, subject.protocol));
    return sure.length > 0 ? sure : unknownTargets(index, subject.host, subject.port);
  }
  if (operation === "bind" && subject.port !== null)
    return index.binds(subject.port).filter((access) => isProtocol(access, subject.protocol));
  if (
    (operation === "connect" || operation === "bind") &&
    subject.port === null &&
    subject.cls?.endsWith("p_socket") === true
  )
    return index.portAccesses.filter(
      (access) => access.kind === operation && isOfType(access, subject.target, searched),
    );
  if (operation === "connect" && subject.port === null && subject.path === null && denial.kind === "nginx") return [];
  if (subject.port !== null && operation === "send")
    return index.binds(subject.port).filter((access) => access.protocol === "udp");
  return pathAccesses(subject, operation, searched);
}

/** A tcp connection of a bare name: `localhost` is both loopbacks, another name any address. */
function isHost(access: Access, host: string | null): boolean {
  if (host === null || access.kind !== "connect" || access.protocol === "unix" || access.host === null) return true;
  const said = access.host.replace(/^\[|\]$/gu, "").toLowerCase();
  if (said === host.toLowerCase()) return true;
  if (said === "localhost") return host === "127.0.0.1" || host === "::1";
  return !/^[\d.]+$|:/u.test(said);
}

/** A table or a rule has the type of the port alone. */
function isOfType(access: Access, type: string | null, { portType }: SearchedConfiguration): boolean {
  if (access.protocol !== "tcp" && access.protocol !== "udp") return false;
  return access.port !== null && portType(access.protocol, access.port) === type;
}

function isProtocol(access: Access, protocol: string | null): boolean {
  return protocol === null || access.protocol === protocol;
}

/** Variables, Lua and modules whose target is known only while nginx runs: any of them may have been it. */
function unknownTargets(index: AccessIndex, host: string | null, port: number): readonly Access[] {
  return index.unknownConnects.filter(
    (access) =>
      access.kind === "connect" &&
      access.protocol !== "unix" &&
      (access.port === null || access.port === port) &&
      isHost(access, host),
  );
}

function pathAccesses(subject: Subject, operation: Operation, searched: SearchedConfiguration): readonly Access[] {
  const { path, name, cls, target } = subject;
  const { index, canonical } = searched;
  if (path !== null) {
    const whole = canonical(path);
    const exact = index.at(whole).filter((access) => suits(access, operation));
    if (exact.length > 0) return exact;
    for (let at = whole; at !== "" && at !== "/"; at = at.slice(0, at.lastIndexOf("/"))) {
      const inside = index.inside(at).filter((access) => suits(access, operation));
      if (inside.length > 0) return inside;
    }
    // mkdir of a directory above the one that is named, and search on the way to it.
    if (cls === "dir")
      return index
        .through(whole.slice(whole.lastIndexOf("/") + 1))
        .filter((access) => isBelow(access, whole, searched));
    return [];
  }
  if (name === null || name === "/") return [];
  const exact = index
    .named(name)
    .filter((access) => suits(access, operation) && isSocket(access) === isSocketClass(cls));
  if (exact.length > 0) return exact;
  if (cls === "file" && operation === "write") return index.writers.filter((access) => mayHold(access, name));
  if (cls === "file" && operation === "read") return readersOf(index, name);
  if (cls === "dir")
    return best(
      index
        .through(name)
        .filter((access) => suits(access, operation) && (target === null || mayBe(access, name, target, searched))),
      name,
    );
  return [];
}

/** The system's own directories (`/run`) keep their label: one that is named so and has another label lies elsewhere. */
function mayBe(access: Access, name: string, target: string, { mayHaveType }: SearchedConfiguration): boolean {
  const directory = directoryNamed(`${pathOf(access) ?? ""}/`, name);
  return directory === null || !isSharedParent(directory) || mayHaveType(directory, target);
}

/** A part of a configuration that a wildcard finds has a name of its kind; a page may have any. */
function readersOf({ readers }: AccessIndex, name: string): readonly FileAccess[] {
  const included = readers.filter(({ use }) => use === "include");
  return included.length > 0 && name.endsWith(".conf") ? included : readers.filter(({ use }) => use === "content");
}

/** A cache names its files by a hash, a temporary directory by a number; DAV and proxy_store by the request. */
function mayHold({ use }: FileAccess, name: string): boolean {
  if (/^[0-9a-f]{32}(?:\.\d+)?$/u.test(name)) return use === "cache";
  if (/^\d{10}$/u.test(name)) return use === "cache" || use === "temp";
  return use.startsWith("dav") || use === "store";
}

function isBelow(access: Access, directory: string, { canonical }: SearchedConfiguration): boolean {
  const path = pathOf(access);
  return path !== null && canonical(path).startsWith(`${directory}/`);
}

function pathOf(access: Access): string | null {
  if (access.protocol === "unix") return access.path;
  return access.protocol === "file" ? (access.path ?? access.below) : null;
}

/** Directories of exactly this name where there are some; else those that lie below one of that name. */
function best(accesses: readonly Access[], name: string): readonly Access[] {
  const exact = accesses.filter((access) => (pathOf(access) ?? "").replace(/\/+$/u, "").endsWith(`/${name}`));
  return exact.length > 0 ? exact : accesses;
}

function isSocket(access: Access): boolean {
  return access.protocol === "unix";
}

function isSocketClass(cls: string | null): boolean {
  return cls === "sock_file" || cls === "unix_stream_socket" || cls === "unix_dgram_socket";
}

/** True where such a use can have ended in such a call. */
function suits(access: Access, operation: Operation): boolean {
  if (access.protocol === "unix") return operation === access.kind || operation === "any";
  if (access.protocol !== "file") return false;
  switch (operation) {
    case "read":
      return access.kind === "read" || access.use === "pid";
    case "write":
      return access.kind !== "read";
    case "any":
      return true;
    default:
      return false;
  }
}

/** Best first: what the request fits, what the policy refuses, what is certain. What the request contradicts is left out. */
function ranked(
  accesses: readonly Access[],
  refusal: Refusal,
  { configuration }: SearchedConfiguration,
  refuses: (access: Access) => boolean,
): readonly DeniedPlace[] {
  const line = [refusal.denial, ...refusal.also].find((each) => each.kind === "nginx");
  const request = line === undefined ? null : requestOf(line.said);
  const some = accesses.slice(0, MOST_PLACES);
  const scored = some.flatMap((access) => {
    if (request === null) return [{ access, fit: 0 }];
    const fits = [access, ...access.via].map((place) => fitOf(configuration, place, request));
    // A step in an upstream is in no location: what leads to it decides.
    const fit = access.via.length === 0 ? fits[0] : Math.max(...fits.slice(1).map((each) => each ?? -1));
    return fit === null || fit === undefined || fit < 0 ? [] : [{ access, fit }];
  });
  const kept = scored.length > 0 ? scored : some.map((access) => ({ access, fit: 0 }));
  const most = Math.max(...kept.map(({ fit }) => fit));
  const fitting = kept.filter(({ fit }) => fit === most).map(({ access }) => access);
  const meant = line?.call === "fopen" ? fitting.filter((access) => isMeant(access, line.what)) : [];
  const likely = meant.length > 0 ? meant : fitting;
  const refused = likely.filter(refuses);
  const rest = refused.length > 0 ? refused : likely;
  return distinct(rest).map((access, _, all) => ({
    file: access.file,
    span: access.span,
    directive: access.directive,
    certainty:
      access.certainty === "unknown"
        ? "unknown"
        : all.length > 1 || access.certainty === "one-of"
          ? "one-of"
          : "certain",
    access,
  }));
}

/** OpenSSL's words tell a key from a certificate, and both from a list of revoked ones. */
function isMeant({ directive }: Access, what: string | null): boolean {
  const isKey = directive.endsWith("_key");
  if (what === "certificate key" || /PrivateKey/u.test(what ?? "")) return isKey;
  if (what === "CRL" || what?.startsWith("X509_LOOKUP") === true) return directive.endsWith("_crl");
  return !isKey && !directive.endsWith("_crl");
}

/** One access for each place. */
function distinct(accesses: readonly Access[]): readonly Access[] {
  const seen = new Set<string>();
  return accesses.filter(({ file, span }) => {
    const key = `${file}:${span.start}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The accesses on the line that nginx names itself: ` in /etc/nginx/nginx.conf:4`. */
function placeNamed(
  { denial }: Refusal,
  { configuration, index, canonical }: SearchedConfiguration,
): readonly Access[] {
  if (denial.kind !== "nginx" || denial.confFile === null || denial.confLine === null || denial.path === null)
    return [];
  const file = fileNamed(configuration, denial.confFile);
  if (file < 0) return [];
  const tree = configuration.files[file]?.tree;
  return index.at(canonical(denial.path)).filter((access) => {
    if (tree === undefined || access.file !== file) return false;
    return lineOf(tree.bytes, access.span.start) === denial.confLine;
  });
}

/** The file that nginx names, where the main file may stand for /etc/nginx/nginx.conf. */
function fileNamed(configuration: Configuration, name: string): number {
  const exact = configuration.files.findIndex(({ path }) => path === name);
  if (exact >= 0) return exact;
  const main = configuration.files[0]?.path ?? "";
  if (name === "/etc/nginx/nginx.conf") return configuration.files.length > 0 ? 0 : -1;
  const directory = main.slice(0, main.lastIndexOf("/"));
  const below = /^\/etc\/nginx\/(.*)$/u.exec(name)?.[1];
  return below === undefined ? -1 : configuration.files.findIndex(({ path }) => path === `${directory}/${below}`);
}

function lineOf(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset; i++) if (bytes[i] === 10) line++;
  return line;
}

/** Places that make no access: found by the directive that a line or a permission points to. */
function directivePlaces(
  { denial, subject, also }: Refusal,
  { configuration }: SearchedConfiguration,
): readonly DeniedPlace[] {
  if (subject.permissions.includes("execmem")) return statementsOf(configuration, "pcre_jit", "on");
  const line = [denial, ...also].find((each) => each.kind === "nginx");
  if (line === undefined) return [];
  const byLine = statementAtLine(configuration, line);
  if (byLine.length > 0) return byLine;
  if (line.said.resolver !== undefined)
    return statementsOf(configuration, "resolver", line.said.resolver.replace(/:53$/u, ""));
  if (line.call === "bind" && line.address !== null && line.phase !== null)
    return bindDirectives(configuration, line.address);
  const quoted = /"([a-z][a-z0-9_]{2,40})" directive/u.exec(line.message)?.[1];
  return quoted === undefined ? [] : statementsOf(configuration, quoted, null);
}

function bindDirectives(configuration: Configuration, address: string): readonly DeniedPlace[] {
  return ["proxy_bind", "fastcgi_bind", "uwsgi_bind", "scgi_bind", "grpc_bind", "memcached_bind"].flatMap((name) =>
    statementsOf(configuration, name, address),
  );
}

function statementAtLine(configuration: Configuration, { confFile, confLine }: NginxLine): readonly DeniedPlace[] {
  if (confFile === null || confLine === null) return [];
  const file = fileNamed(configuration, confFile);
  const tree = configuration.files[file]?.tree;
  if (tree === undefined) return [];
  for (let s = 0; s < tree.size && tree.line(s) <= confLine; s++) {
    if (tree.line(s) === confLine) return [placeOf(file, tree.wordSpan(s, 0), tree.name(s), "certain")];
  }
  return [];
}

/** Statements of a name, those with a word that begins so. */
function statementsOf(configuration: Configuration, name: string, word: string | null): readonly DeniedPlace[] {
  const places: DeniedPlace[] = [];
  configuration.files.forEach(({ tree }, file) => {
    for (let s = 0; s < tree.size && places.length < MOST_PLACES; s++) {
      if (tree.name(s) !== name || tree.wordCount(s) < 2) continue;
      if (
        word !== null &&
        !Array.from({ length: tree.wordCount(s) - 1 }, (_, i) => tree.word(s, i + 1)).some((each) =>
          each.startsWith(word),
        )
      )
        continue;
      places.push(placeOf(file, tree.wordSpan(s, 0), name, "certain"));
    }
  });
  return places.length < 2 ? places : places.map((place) => ({ ...place, certainty: "one-of" }));
}

function placeOf(file: number, span: Place["span"], directive: string, certainty: Certainty): DeniedPlace {
  return { file, span, directive, certainty, access: null };
}
