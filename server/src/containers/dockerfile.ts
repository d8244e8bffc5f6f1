/**
 * Dockerfiles: does one copy a configuration to where nginx reads it?
 *
 * Read as docs.docker.com/reference/dockerfile says, as far as files move: stages, COPY and ADD in both forms, variables,
 * WORKDIR, ONBUILD of a stage of the same file, and `cp`, `mv`, `ln` inside of RUN, its here-documents and mounts
 * included. No shell is understood beyond that.
 */
import { nameOf } from "../base/paths.ts";
import { instructionsOf, isHereDocument, rawWords, type Instruction } from "./dockerInstructions.ts";
import { excludes } from "./excludes.ts";
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
  /** Instructions of ONBUILD, which run in a stage that is made from this one. */
  readonly triggers: Instruction[];
  /** Line that put it somewhere else, which counts where the stage turns out to hold an nginx. */
  elsewhere: number | null;
}

/** Instructions that are read; no build has nearly as many. */
const MOST_INSTRUCTIONS = 5000;
/** Where the builders of source-to-image take configurations from, a whole project at once. */
const S2I_SOURCES = "/tmp/src/";
/** Instructions of ONBUILD that are kept of one stage. */
const MOST_TRIGGERS = 100;
/** Places that are kept of one stage. */
const MOST_PLACES = 16;

/** The line, from 1, that puts the configuration where nginx reads it; null where none does. */
export function lineThatCopies(text: string, request: BuildRequest): number | null {
  const build = new Build(request);
  let instructionCount = 0;
  for (const instruction of instructionsOf(text)) {
    if (++instructionCount > MOST_INSTRUCTIONS) break;
    const { value, documents } = instruction;
    const found = build.follow({ ...instruction, value: build.expanded(value), documents: build.expanded(documents) });
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
        return over ?? this.#begin(value);
      }
      case "ONBUILD": {
        const [, trigger = "", rest = ""] = /^([a-z]+)\s+(.*)$/is.exec(value) ?? [];
        if (this.#stage.triggers.length < MOST_TRIGGERS)
          this.#stage.triggers.push({ ...instruction, name: trigger.toUpperCase(), value: rest });
        return null;
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

  /** Begins a stage, and runs what the stage that it is made from has for it. */
  #begin(value: string): number | null {
    const [image = "", as = "", alias = ""] = wordsOf(value).filter((word) => !word.startsWith("--"));
    const parent = this.#stages.get(image.toLowerCase());
    this.#stage =
      parent === undefined ? newStage(isServersImage(image)) : { ...parent, places: [...parent.places], triggers: [] };
    this.#stages.set(String(this.#stageCount++), this.#stage);
    if (/^as$/i.test(as)) this.#stages.set(alias.toLowerCase(), this.#stage);
    for (const trigger of parent?.triggers ?? []) {
      // ONBUILD FROM and ONBUILD ONBUILD are not allowed.
      const found = trigger.name === "FROM" || trigger.name === "ONBUILD" ? null : this.follow(trigger);
      if (found !== null) return found;
    }
    return null;
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
    const flags = words.slice(0, first);
    const excluded = flags.flatMap((flag) => (flag.startsWith("--exclude=") ? [flag.slice("--exclude=".length)] : []));
    const from = flags.find((flag) => flag.startsWith("--from="))?.slice("--from=".length);
    const found = (source: string): readonly Source[] =>
      this.#sources(from, source).filter(
        ({ file, rest }) => !excluded.some((pattern) => excludes(pattern, rest === "" ? nameOf(file) : (rest ?? ""))),
      );
    if (flags.some((flag) => /^--parents(?:=true)?$/.test(flag))) {
      // A source keeps its directories, those behind `/./` where it says so.
      return sources.some((source) =>
        this.#arrives(found(source), `${target}/${source.split("/./").at(-1) ?? ""}`, false, line),
      );
    }
    return this.#arrives(sources.flatMap(found), target, sources.length > 1, line);
  }

  /** What a source covers: of the context, or of the stage `from`. */
  #sources(from: string | undefined, source: string): readonly Source[] {
    if (from === undefined) return [this.#fromContext(source)];
    return this.#foundAt(this.#stages.get(from.toLowerCase())?.places ?? [], "/", [source]);
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
  #runs({ value, line, documents }: Instruction): boolean {
    const { flags, rest } = withoutFlags(value);
    const places = [...this.#stage.places, ...flags.flatMap((flag) => this.#mountedBy(flag))];
    let command: string[] = [];
    for (const word of [...shellWords(isScript(rest) ? documents : rest), ";"]) {
      if (word !== ";") {
        command.push(word);
        continue;
      }
      if (installsServer(command)) this.#stage.hasServer = true;
      const operands = command.filter((each) => !each.startsWith("-") && each !== "sudo");
      command = [];
      const [target, ...sources] = operands.slice(1).toReversed();
      if (target === undefined || !/^(?:cp|mv|ln|install|rsync)$/.test(operands[0] ?? "")) continue;
      const found = this.#foundAt(places, this.#stage.workdir, sources);
      if (this.#arrives(found, target, sources.length > 1, line)) return true;
    }
    return false;
  }

  /** Where `--mount=type=bind,...` of a RUN brings the configuration, for its command alone. */
  #mountedBy(flag: string): readonly string[] {
    if (!flag.startsWith("--mount=")) return [];
    const fields = new Map(
      flag
        .slice("--mount=".length)
        .split(",")
        .map((field) => [field.replace(/=.*$/s, ""), field.replace(/^[^=]*=?/s, "")] as const),
    );
    if ((fields.get("type") ?? "bind") !== "bind") return [];
    const target = fields.get("target") ?? fields.get("dst") ?? fields.get("destination");
    const place = target === undefined ? null : absolutePath(this.#stage.workdir, target);
    if (place === null) return [];
    return this.#sources(fields.get("from"), fields.get("source") ?? fields.get("src") ?? ".").flatMap(({ rest }) =>
      rest === null ? [] : [rest === "" ? place : `${place === "/" ? "" : place}/${rest}`],
    );
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
  return { hasServer, workdir: "/", places: [], triggers: [], elsewhere: null };
}

/** Words of COPY and ADD: flags, and then a JSON array or plain words. */
function argumentsOf(value: string): readonly string[] {
  const { flags, rest } = withoutFlags(value);
  return [...flags, ...(arrayOf(rest) ?? wordsOf(rest))];
}

function withoutFlags(value: string): { readonly flags: readonly string[]; readonly rest: string } {
  const flags = /^(?:--\S+\s+)*/.exec(value)?.[0] ?? "";
  return { flags: wordsOf(flags), rest: value.slice(flags.length) };
}

/** True for a RUN whose here-document is what the shell runs: `<<EOF`, `bash -e <<EOF`. */
function isScript(value: string): boolean {
  const words = rawWords(value);
  const first = words.findIndex(isHereDocument);
  return first === 0 || (first > 0 && /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(words[0] ?? "") && words.length === first + 1);
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
