/**
 * Dockerfiles: does one copy a configuration to where nginx reads it?
 *
 * Read as docs.docker.com/reference/dockerfile says, as far as files move: stages, COPY and ADD in both forms, variables,
 * WORKDIR, here-documents, and `cp`, `mv`, `ln` inside of RUN. No shell is understood beyond that.
 */
import {
  absolutePath,
  createCover,
  isContent,
  isServersImage,
  isServersName,
  isServersPlace,
  landingOf,
} from "./serverPlaces.ts";
import { boundedValue, expand, wordsOf } from "./shellWords.ts";

export interface BuildRequest {
  /** Absolute path of the configuration. */
  readonly file: string;
  /** Directories from which it may be built: that of the Dockerfile first, then those above it. */
  readonly contexts: readonly string[];
  /** True for the name of something that lies beside the Dockerfile; such a source is no other directory's. */
  readonly isBeside: (name: string) => boolean;
}

interface Stage {
  hasServer: boolean;
  workdir: string;
  /** Where the configuration lies in the stage. */
  readonly places: string[];
  /** Line that put it somewhere else, which counts where the stage turns out to hold an nginx. */
  elsewhere: number | null;
}

interface Instruction {
  /** In capitals. */
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/** Instructions that are read; no build has nearly as many. */
const MOST_INSTRUCTIONS = 5000;
/** Where the builders of source-to-image take configurations from, a whole project at once. */
const S2I_SOURCES = "/tmp/src/";
/** Places that are kept of one stage. */
const MOST_PLACES = 16;

/** The line, from 1, that puts the configuration where nginx reads it; null where none does. */
export function lineThatCopies(text: string, request: BuildRequest): number | null {
  const build = new Build(request);
  let instructionCount = 0;
  for (const { name, value, line } of instructionsOf(text)) {
    if (++instructionCount > MOST_INSTRUCTIONS) break;
    const found = build.follow({ name, value: build.expanded(value), line });
    if (found !== null) return found;
  }
  return build.elsewhere();
}

/** A build as far as it was read: its variables, its stages, and where the configuration lies in them. */
class Build {
  readonly #request: BuildRequest;
  readonly #stages = new Map<string, Stage>();
  readonly #variables = new Map<string, string>();
  readonly #covers = createCover();
  #stageCount = 0;
  #stage = newStage(false);

  constructor(request: BuildRequest) {
    this.#request = request;
  }

  expanded(value: string): string {
    return expand(value, (name) => this.#variables.get(name));
  }

  /** The line that put the configuration somewhere else than nginx's places, where the stage holds an nginx. */
  elsewhere(): number | null {
    return this.#stage.hasServer ? this.#stage.elsewhere : null;
  }

  /** Reads one instruction. The line that puts the configuration where nginx reads it; null where none is known yet. */
  follow(instruction: Instruction): number | null {
    const { name, value, line } = instruction;
    switch (name) {
      case "FROM": {
        const over = this.elsewhere();
        if (over === null) this.#begin(value);
        return over;
      }
      case "ARG":
      case "ENV":
        for (const [key, set] of assignmentsOf(value)) this.#variables.set(key, boundedValue(set));
        return null;
      case "WORKDIR":
        this.#stage.workdir = absolutePath(this.#stage.workdir, wordsOf(value)[0] ?? "") ?? "/";
        return null;
      case "COPY":
      case "ADD":
        return this.#copies(instruction) ? line : null;
      case "RUN":
        return this.#runs(instruction) ? line : null;
      case "CMD":
      case "ENTRYPOINT":
        return this.#starts(instruction) ? (this.#stage.elsewhere ?? line) : null;
      default:
        return null;
    }
  }

  #begin(value: string): void {
    const [image = "", as = "", alias = ""] = wordsOf(value).filter((word) => !word.startsWith("--"));
    const parent = this.#stages.get(image.toLowerCase());
    this.#stage = parent === undefined ? newStage(isServersImage(image)) : { ...parent, places: [...parent.places] };
    this.#stages.set(String(this.#stageCount++), this.#stage);
    if (/^as$/i.test(as)) this.#stages.set(alias.toLowerCase(), this.#stage);
  }

  #fromContext(source: string): Source {
    const { file, contexts, isBeside } = this.#request;
    const none: Source = { file, rest: null, isChosen: false };
    const inside = absolutePath("/", `/${source}`);
    if (inside === null) return none;
    const first = inside.split("/")[1] ?? "";
    const isChosen = first !== "" && first !== "*";
    const isAmbiguous = first === "" || isBeside(first);
    for (const context of isAmbiguous ? contexts.slice(0, 1) : contexts) {
      const path = absolutePath(context, `.${inside}`);
      const rest = path === null ? null : this.#covers(path, file);
      if (rest !== null) return { file, rest, isChosen };
    }
    return none;
  }

  /**
   * Notes that sources come to `target`; true where nginx reads the configuration there.
   * `several`: the target is a directory, since more than one source was named.
   */
  #arrives(sources: readonly Source[], target: string, several: boolean, line: number): boolean {
    const stage = this.#stage;
    const destination = absolutePath(stage.workdir, target);
    if (destination === null) return false;
    const into = several || /(?:^|\/)\.?$/.test(target);
    for (const { file, rest, isChosen } of sources) {
      if (rest === null) continue;
      const landing = landingOf(file, rest, destination, into);
      if (stage.places.length < MOST_PLACES) stage.places.push(landing.path);
      if (isServersPlace(landing)) return true;
      const isMeant = landing.named || isChosen || landing.path.startsWith(S2I_SOURCES);
      if (isMeant && !isContent(landing.path)) stage.elsewhere ??= line;
    }
    return false;
  }

  #copies({ value, line }: Instruction): boolean {
    const words = argumentsOf(value);
    const first = words.findIndex((word) => !word.startsWith("--"));
    const [target, ...sources] = words.slice(Math.max(first, 0)).toReversed();
    if (first < 0 || target === undefined || sources.length === 0) return false;
    const from = words.slice(0, first).find((flag) => flag.startsWith("--from="));
    if (from === undefined) {
      const found = sources.map((source) => this.#fromContext(source));
      return this.#arrives(found, target, sources.length > 1, line);
    }
    const places = this.#stages.get(from.slice("--from=".length).toLowerCase())?.places ?? [];
    return this.#arrives(this.#foundAt(places, "/", sources), target, sources.length > 1, line);
  }

  /** The places in a stage that the sources cover; relative sources begin at `base`. */
  #foundAt(places: readonly string[], base: string, sources: readonly string[]): readonly Source[] {
    if (places.length === 0) return [];
    return sources.flatMap((source) => {
      const path = absolutePath(base, source);
      return places.map((file) => ({
        file,
        rest: path === null ? null : this.#covers(path, file),
        isChosen: false,
      }));
    });
  }

  /** True where a command moves the configuration to where nginx reads it. Notes that nginx is installed. */
  #runs({ value, line }: Instruction): boolean {
    let command: string[] = [];
    for (const word of [...shellWords(value), ";"]) {
      if (word !== ";") {
        command.push(word);
        continue;
      }
      if (installsServer(command)) this.#stage.hasServer = true;
      const operands = command.filter((each) => !each.startsWith("-") && each !== "sudo");
      command = [];
      const [target, ...sources] = operands.slice(1).toReversed();
      if (target === undefined || !/^(?:cp|mv|ln|install|rsync)$/.test(operands[0] ?? "")) continue;
      const found = this.#foundAt(this.#stage.places, this.#stage.workdir, sources);
      if (this.#arrives(found, target, sources.length > 1, line)) return true;
    }
    return false;
  }

  /** True where nginx is started with the configuration. Notes that it is started. */
  #starts({ value }: Instruction): boolean {
    const words = shellWords(value);
    if (!words.some(isServersName)) return false;
    const stage = this.#stage;
    stage.hasServer = true;
    return words.some((word) => stage.places.includes(absolutePath(stage.workdir, word) ?? ""));
  }
}

interface Source {
  readonly file: string;
  /** How it covers the file; null where it does not. */
  readonly rest: string | null;
  /** True for a part of what is built from; a whole project that is copied to somewhere says nothing of one file in it. */
  readonly isChosen: boolean;
}

function newStage(hasServer: boolean): Stage {
  return { hasServer, workdir: "/", places: [], elsewhere: null };
}

/** Words of COPY and ADD: flags, and then a JSON array or plain words. */
function argumentsOf(value: string): readonly string[] {
  const flags = /^(?:--\S+\s+)*/.exec(value)?.[0] ?? "";
  const rest = value.slice(flags.length);
  return [...wordsOf(flags), ...(arrayOf(rest) ?? wordsOf(rest))];
}

/** Words of RUN, CMD and ENTRYPOINT, with `;` for everything that ends a command. */
function shellWords(value: string): readonly string[] {
  const array = arrayOf(value);
  return wordsOf(array === null ? value : array.join(" "), true);
}

function arrayOf(value: string): readonly string[] | null {
  if (!value.startsWith("[")) return null;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) && parsed.every((each) => typeof each === "string") ? parsed : null;
  } catch {
    return null;
  }
}

/** `KEY=value ...`, `KEY value`, or `KEY` alone, which sets nothing. */
function assignmentsOf(value: string): readonly (readonly [string, string])[] {
  const words = wordsOf(value);
  const first = words[0] ?? "";
  if (!first.includes("=")) return words.length > 1 ? [[first, words.slice(1).join(" ")]] : [];
  return words.flatMap((word) => {
    const equals = word.indexOf("=");
    return equals > 0 ? [[word.slice(0, equals), word.slice(equals + 1)] as const] : [];
  });
}

/** `apt-get install nginx`, `apk add nginx`, `dnf -y install nginx-core`. */
function installsServer(command: readonly string[]): boolean {
  const verb = command.findIndex((word) => /^(?:install|add|in|-S\w*)$/.test(word));
  return verb > 0 && command.slice(verb + 1).some((word) => !word.includes("/") && isServersName(word));
}

/** Instructions with their continued lines joined; comments and the contents of here-documents are left out. */
function* instructionsOf(text: string): Generator<Instruction, void> {
  const lines = text.split("\n");
  const escape = /^#\s*escape\s*=\s*`/im.test(text.slice(0, 200)) ? "`" : "\\";
  for (let i = 0; i < lines.length; i++) {
    const line = i + 1;
    const parts: string[] = [];
    for (; i < lines.length; i++) {
      const now = (lines[i] ?? "").trim();
      if (now.startsWith("#") || (now === "" && parts.length > 0)) {
        if (parts.length === 0) break;
        continue;
      }
      const continues = now.endsWith(escape);
      parts.push(continues ? now.slice(0, -1) : now);
      if (!continues) break;
    }
    const match = /^([a-z]+)\s+/i.exec(parts[0] ?? "");
    if (match === null) continue;
    const value = parts.join(" ").slice(match[0].length).trim();
    const name = (match[1] ?? "").toUpperCase();
    if (name === "RUN" || name === "COPY" || name === "ADD") i = afterDocuments(lines, i, value);
    yield { name, value, line };
  }
}

/** The last line of the here-documents that begin in an instruction which ends at line `at`. */
function afterDocuments(lines: readonly string[], at: number, value: string): number {
  let i = at;
  for (const [, dash, name = ""] of value.matchAll(/(?<=^|\s)<<(-?)["']?([A-Za-z_]\w{0,99})/g)) {
    for (i++; i < lines.length; i++) {
      const line = (lines[i] ?? "").replace(/\r$/, "");
      if ((dash === "-" ? line.replace(/^\t+/, "") : line) === name) break;
    }
  }
  return i;
}
