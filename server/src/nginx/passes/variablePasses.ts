/** Passes whose argument has variables: nginx reads them at each request. */
import type { Place } from "../access.ts";
import type { Address } from "../blocks/address.ts";
import type { Pass, Space, Upstream } from "../blocks/blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import type { ProblemList } from "../blocks/places.ts";
import { partSpan, treeOf, wordPlace } from "../blocks/places.ts";
import { hasPlaceholder } from "../tree/template.ts";
import { UndefinedVariables } from "../blocks/undefinedVariables.ts";
import type { Values, Variables } from "../blocks/variables.ts";
import { captureIsPathIn } from "./captures.ts";
import type { Destinations } from "./destinations.ts";
import type { PassSyntax } from "./passSyntax.ts";
import { splitScheme } from "./passSyntax.ts";
import type { Target } from "./targets.ts";
import { readTarget } from "./targets.ts";
import { mayBeUnseen, unseenReason } from "./unseenUpstreams.ts";

/** What the values of an argument lead to; equal ones are one. */
interface Outcome {
  readonly addresses: Map<string, Address>;
  readonly upstreams: Map<string, Upstream>;
  /** What tells of each that is not known. */
  readonly unknown: Map<string, () => void>;
  /** Values with which nginx answers with an error. */
  dead: number;
}

/** Reads the passes with variables of a space. */
export class VariablePasses {
  readonly #configuration: Configuration;
  readonly #space: Space;
  readonly #variables: Variables;
  readonly #problems: ProblemList;
  readonly #destinations: Destinations;
  readonly #undefined: UndefinedVariables;

  constructor(
    configuration: Configuration,
    space: Space,
    variables: Variables,
    problems: ProblemList,
    destinations: Destinations,
  ) {
    this.#configuration = configuration;
    this.#space = space;
    this.#variables = variables;
    this.#problems = problems;
    this.#destinations = destinations;
    this.#undefined = new UndefinedVariables(configuration, space);
  }

  read(pass: Pass, syntax: PassSyntax, text: string): void {
    const place = this.#place(pass, syntax, text);
    const evaluated = this.#variables.evaluate(text, pass.block);
    if ("error" in evaluated) {
      if (hasPlaceholder(text)) this.#destinations.unknownPort(pass, place, null, "a template placeholder");
      else this.#reject(pass, evaluated.error);
      return;
    }
    const undefinedName = this.#undefined.find(text);
    if (undefinedName !== null) {
      this.#reject(pass, `unknown "${undefinedName}" variable`);
      return;
    }
    if (pass.block.pass !== pass) return;
    const isCapturePath = captureIsPathIn(this.#configuration, pass.block);
    const outcome: Outcome = { addresses: new Map(), upstreams: new Map(), unknown: new Map(), dead: 0 };
    for (const value of evaluated.values) this.#add(outcome, pass, place, readTarget(syntax, value, isCapturePath));
    this.#tell(outcome, pass, place, evaluated, /\$\{?(\w+)/.exec(text)?.[1] ?? "");
  }

  #reject(pass: Pass, message: string): void {
    this.#problems.add(pass, message, wordPlace(this.#configuration, pass, 1).span);
  }

  /** The authority in an argument with variables, or the whole argument. */
  #place(pass: Pass, syntax: PassSyntax, text: string): Place {
    const tree = treeOf(this.#configuration, pass.file);
    const scheme = splitScheme(syntax, text);
    const from = scheme?.length ?? 0;
    const uri = scheme !== null && from > 0 ? text.slice(from).search(/[/?]/) : -1;
    const length = uri >= 0 && syntax.uriPart && !/^unix:/i.test(text.slice(from)) ? uri : text.length - from;
    return { file: pass.file, span: partSpan(tree, pass.statement, 1, text, from, length) };
  }

  #add(outcome: Outcome, pass: Pass, place: Place, target: Target): void {
    const { addresses, unknown } = outcome;
    const destinations = this.#destinations;
    switch (target.kind) {
      case "none":
        outcome.dead++;
        break;
      case "address":
        this.#addAddress(outcome, pass, place, target.address);
        break;
      case "port":
        addresses.set(`* ${target.port}`, anyHost(target.port));
        break;
      case "host": {
        const reason = this.#variables.whyMissing(target.variable);
        unknown.set(`host ${target.host}`, () => destinations.unknownPort(pass, place, target.host, reason));
        break;
      }
      case "name": {
        destinations.openName(pass, place, target.literals, target.variable);
        const reason = this.#variables.whyMissing(target.variable);
        unknown.set("name", () => destinations.unknownPort(pass, place, null, reason));
        break;
      }
      case "socket": {
        const reason = this.#variables.whyMissing(target.variable);
        unknown.set("socket", () => destinations.unknownSocket(pass, place, reason));
        break;
      }
    }
  }

  #addAddress(outcome: Outcome, pass: Pass, place: Place, address: Address): void {
    const { addresses, upstreams, unknown } = outcome;
    const destinations = this.#destinations;
    if (hasPlaceholder(address.host)) {
      unknown.set("placeholder", () => destinations.unknownPort(pass, place, null, "a template placeholder"));
      return;
    }
    const upstream = address.noPort ? this.#space.upstreams.get(address.host.toLowerCase()) : undefined;
    if (upstream !== undefined) {
      upstreams.set(upstream.name, upstream);
    } else if (mayBeUnseen(this.#space, address)) {
      unknown.set(address.host, () => destinations.unknownPort(pass, place, address.host, unseenReason(address)));
    } else if (address.family === "unix" || address.port !== 0) {
      addresses.set(`${address.family} ${address.host.toLowerCase()} ${address.port}`, address);
    } else {
      outcome.dead++;
    }
  }

  #tell(
    { addresses, upstreams, unknown, dead }: Outcome,
    pass: Pass,
    place: Place,
    evaluated: Values,
    variable: string,
  ): void {
    const known = addresses.size + upstreams.size;
    const certain =
      known === 1 && unknown.size === 0 && dead === 0 && (evaluated.certain || evaluated.values.length > 1);
    const reason = certain ? null : `one of the values of $${variable}`;
    for (const address of addresses.values()) {
      this.#destinations.address(pass, place, address, certain ? "certain" : "one-of", reason);
    }
    for (const upstream of upstreams.values()) this.#destinations.upstream(pass, upstream, place, certain, reason);
    for (const tellUnknown of unknown.values()) tellUnknown();
    if (known === 0 && unknown.size === 0 && dead > 0) {
      // Empty in the configuration, so something that we do not read (Lua, njs) fills it in.
      const empty = `no value of $${variable} in the configuration is an address`;
      this.#destinations.unknownPort(pass, place, null, empty);
    }
  }
}

function anyHost(port: number): Address {
  return { ok: true, family: "name", host: "", port, lastPort: port, noPort: false, uri: "", length: 0 };
}
