/** Writes small kernel policies of any version from 24 to 35, so that tests of the reader need no tools. */

interface Comparison {
  /** 4: two symbols or levels of the contexts; 5: a symbol of one context with names. */
  readonly kind: 4 | 5;
  readonly attribute: number;
  readonly operator: number;
  /** Values of the named symbols. */
  readonly names?: readonly number[];
}

/** Postfix; `not`, `and`, `or` beside comparisons. */
type ConstraintNode = Comparison | "not" | "and" | "or";

interface SyntheticRule {
  readonly kind: "allow" | "dontaudit" | "transition" | "allowxperm";
  readonly source: string;
  readonly target: string;
  readonly cls: string;
  /** Access vector for allow and dontaudit, by permission names. */
  readonly permissions?: readonly string[];
  readonly newType?: string;
}

export interface SyntheticPolicy {
  readonly version: number;
  readonly mls?: boolean;
  /** Bits 2 (reject) and 4 (allow) of the configuration flags. */
  readonly unknown?: 0 | 2 | 4;
  readonly capabilities?: readonly number[];
  readonly permissive?: readonly string[];
  readonly commons?: Readonly<Record<string, readonly string[]>>;
  readonly classes: Readonly<
    Record<
      string,
      {
        readonly common?: string;
        readonly permissions: readonly string[];
        readonly constraints?: readonly {
          readonly permissions: readonly string[];
          readonly expression: readonly ConstraintNode[];
        }[];
      }
    >
  >;
  readonly types: readonly string[];
  /** Attribute to its types; their values follow those of the types. */
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /** Attributes whose names the compiler did not keep. */
  readonly nameless?: readonly string[];
  readonly aliases?: Readonly<Record<string, string>>;
  readonly bounds?: Readonly<Record<string, string>>;
  readonly roles?: Readonly<Record<string, readonly string[]>>;
  readonly users?: Readonly<Record<string, readonly string[]>>;
  readonly booleans?: Readonly<Record<string, boolean>>;
  readonly rules?: readonly SyntheticRule[];
  /** Postfix expressions of boolean names and `!`, `||`, `&&`, `^`, `==`, `!=`. */
  readonly conditionals?: readonly {
    readonly expression: readonly string[];
    readonly whenTrue?: readonly SyntheticRule[];
    readonly whenFalse?: readonly SyntheticRule[];
  }[];
  readonly nameTransitions?: readonly {
    readonly name: string;
    readonly sources: readonly string[];
    readonly target: string;
    readonly cls: string;
    readonly newType: string;
  }[];
  readonly ports?: readonly {
    readonly protocol: number;
    readonly low: number;
    readonly high: number;
    readonly type: string;
  }[];
  readonly sids?: Readonly<Record<number, string>>;
  /** One record of each kind that the reader only walks over: network, file systems, roles, ranges. */
  readonly others?: boolean;
}

const OPERATORS = new Map([
  ["!", 2],
  ["||", 3],
  ["&&", 4],
  ["^", 5],
  ["==", 6],
  ["!=", 7],
]);

const CONSTRAINT_OPERATORS = { not: 1, and: 2, or: 3 } as const;

class Writer {
  readonly #bytes: number[] = [];

  u16(value: number): void {
    this.#bytes.push(value & 0xff, (value >>> 8) & 0xff);
  }

  u32(...values: readonly number[]): void {
    for (const value of values) {
      this.u16(value & 0xffff);
      this.u16(value >>> 16);
    }
  }

  text(text: string): void {
    this.#bytes.push(...new TextEncoder().encode(text));
  }

  /** Bits are zero-based. */
  ebitmap(bits: Iterable<number>): void {
    const maps = new Map<number, bigint>();
    for (const bit of bits) {
      const start = bit - (bit % 64);
      maps.set(start, (maps.get(start) ?? 0n) | (1n << BigInt(bit - start)));
    }
    const starts = [...maps.keys()].sort((left, right) => left - right);
    this.u32(64, starts.length === 0 ? 0 : (starts.at(-1) ?? 0) + 64, starts.length);
    for (const start of starts) {
      const map = maps.get(start) ?? 0n;
      this.u32(start, Number(map & 0xffffffffn), Number(map >> 32n));
    }
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** The policy's bytes. Throws for names that the policy itself does not define. */
export function encodePolicy(policy: SyntheticPolicy): Uint8Array {
  return new Encoder(policy).encode();
}

class Encoder {
  readonly #policy: SyntheticPolicy;
  readonly #out = new Writer();
  readonly #typeValues = new Map<string, number>();
  readonly #classValues: ReadonlyMap<string, number>;
  readonly #roleValues: ReadonlyMap<string, number>;

  constructor(policy: SyntheticPolicy) {
    this.#policy = policy;
    for (const name of [...policy.types, ...Object.keys(policy.attributes ?? {})]) {
      this.#typeValues.set(name, this.#typeValues.size + 1);
    }
    this.#classValues = valuesOf(Object.keys(policy.classes));
    this.#roleValues = valuesOf(Object.keys(this.#roles));
  }

  get #roles(): Readonly<Record<string, readonly string[]>> {
    return this.#policy.roles ?? { object_r: [], system_r: this.#policy.types };
  }

  get #users(): Readonly<Record<string, readonly string[]>> {
    return this.#policy.users ?? { system_u: Object.keys(this.#roles) };
  }

  #type(name: string): number {
    return lookup(this.#typeValues, name);
  }

  encode(): Uint8Array {
    const { version, mls, unknown, capabilities, permissive } = this.#policy;
    const out = this.#out;
    out.u32(0xf97cff8c, 8);
    out.text("SE Linux");
    out.u32(version, (mls === false ? 0 : 1) | (unknown ?? 0), 8, version >= 31 ? 9 : 7);
    out.ebitmap(capabilities ?? []);
    out.ebitmap((permissive ?? []).map((name) => this.#type(name)));
    if (version >= 35) {
      out.ebitmap([]);
    }
    this.#symbols();
    this.#items(this.#policy.rules ?? []);
    this.#conditionals();
    this.#roleRules();
    this.#nameTransitions();
    this.#objectContexts();
    this.#genfs();
    this.#rangeTransitions();
    this.#typeAttributes();
    return out.bytes();
  }

  #symbols(): void {
    const out = this.#out;
    const { version } = this.#policy;
    const commons = Object.entries(this.#policy.commons ?? {});
    out.u32(commons.length, commons.length);
    commons.forEach(([name, permissions], index) => {
      out.u32(name.length, index + 1, permissions.length, permissions.length);
      out.text(name);
      this.#permissions(permissions, 0);
    });
    const classes = Object.entries(this.#policy.classes);
    out.u32(classes.length, classes.length);
    classes.forEach(([name, { common, permissions, constraints }], index) => {
      const inherited = common === undefined ? 0 : (this.#policy.commons?.[common]?.length ?? 0);
      out.u32(name.length, common?.length ?? 0, index + 1, inherited + permissions.length, permissions.length);
      out.u32(constraints?.length ?? 0);
      out.text(name);
      out.text(common ?? "");
      this.#permissions(permissions, inherited);
      for (const constraint of constraints ?? []) {
        this.#constraint(name, constraint.permissions, constraint.expression);
      }
      out.u32(0); // validatetrans
      if (version >= 27) {
        out.u32(0, 0, 0);
      }
      if (version >= 28) {
        out.u32(0);
      }
    });
    const roles = Object.entries(this.#roles);
    out.u32(roles.length, roles.length);
    for (const [name, types] of roles) {
      const value = lookup(this.#roleValues, name);
      out.u32(name.length, value, 0);
      out.text(name);
      out.ebitmap([value - 1]);
      out.ebitmap(types.map((type) => this.#type(type) - 1));
    }
    this.#types();
    const users = Object.entries(this.#users);
    out.u32(users.length, users.length);
    users.forEach(([name, userRoles], index) => {
      out.u32(name.length, index + 1, 0);
      out.text(name);
      out.ebitmap(userRoles.map((role) => lookup(this.#roleValues, role) - 1));
      this.#range();
      this.#level();
    });
    const booleans = Object.entries(this.#policy.booleans ?? {});
    out.u32(booleans.length, booleans.length);
    booleans.forEach(([name, state], index) => {
      out.u32(index + 1, state ? 1 : 0, name.length);
      out.text(name);
    });
    out.u32(1, 1, 2, 0); // sensitivities: s0
    out.text("s0");
    this.#level();
    out.u32(1, 1, 2, 1, 0); // categories: c0
    out.text("c0");
  }

  #types(): void {
    const out = this.#out;
    const { types, attributes, nameless, aliases, bounds } = this.#policy;
    const named = Object.keys(attributes ?? {}).filter((name) => !(nameless ?? []).includes(name));
    const others = Object.entries(aliases ?? {});
    out.u32(this.#typeValues.size, types.length + named.length + others.length);
    for (const name of [...types, ...named]) {
      const bound = bounds?.[name];
      out.u32(name.length, this.#type(name), types.includes(name) ? 1 : 3, bound === undefined ? 0 : this.#type(bound));
      out.text(name);
    }
    for (const [alias, type] of others) {
      out.u32(alias.length, this.#type(type), 0, 0);
      out.text(alias);
    }
  }

  #permissions(names: readonly string[], inherited: number): void {
    names.forEach((name, index) => {
      this.#out.u32(name.length, inherited + index + 1);
      this.#out.text(name);
    });
  }

  #vector(cls: string, names: readonly string[]): number {
    const definition = this.#policy.classes[cls];
    const all = [
      ...(definition?.common === undefined ? [] : (this.#policy.commons?.[definition.common] ?? [])),
      ...(definition?.permissions ?? []),
    ];
    return names.reduce((vector, name) => (vector | (1 << all.indexOf(name))) >>> 0, 0);
  }

  #constraint(cls: string, permissions: readonly string[], expression: readonly ConstraintNode[]): void {
    const out = this.#out;
    out.u32(this.#vector(cls, permissions), expression.length);
    for (const node of expression) {
      if (typeof node === "string") {
        out.u32(CONSTRAINT_OPERATORS[node], 0, 0);
        continue;
      }
      out.u32(node.kind, node.attribute, node.operator);
      if (node.kind === 5) {
        out.ebitmap((node.names ?? []).map((value) => value - 1));
        if (this.#policy.version >= 29) {
          out.ebitmap([]);
          out.ebitmap([]);
          out.u32(0);
        }
      }
    }
  }

  #items(rules: readonly SyntheticRule[]): void {
    const out = this.#out;
    out.u32(rules.length);
    for (const rule of rules) {
      out.u16(this.#type(rule.source));
      out.u16(this.#type(rule.target));
      out.u16(lookup(this.#classValues, rule.cls));
      switch (rule.kind) {
        case "allow":
          out.u16(1);
          out.u32(this.#vector(rule.cls, rule.permissions ?? []));
          break;
        case "dontaudit":
          out.u16(4);
          out.u32(~this.#vector(rule.cls, rule.permissions ?? []) >>> 0);
          break;
        case "transition":
          out.u16(0x10);
          out.u32(this.#type(rule.newType ?? ""));
          break;
        case "allowxperm":
          out.u16(0x100);
          out.u16(0x0101);
          out.u32(1, 0, 0, 0, 0, 0, 0, 0);
          break;
      }
    }
  }

  #conditionals(): void {
    const out = this.#out;
    const values = valuesOf(Object.keys(this.#policy.booleans ?? {}));
    const blocks = this.#policy.conditionals ?? [];
    out.u32(blocks.length);
    for (const { expression, whenTrue, whenFalse } of blocks) {
      out.u32(0, expression.length);
      for (const word of expression) {
        const operator = OPERATORS.get(word);
        out.u32(operator ?? 1, operator === undefined ? lookup(values, word) : 0);
      }
      this.#items(whenTrue ?? []);
      this.#items(whenFalse ?? []);
    }
  }

  #nameTransitions(): void {
    const out = this.#out;
    const { version, nameTransitions } = this.#policy;
    const rules = nameTransitions ?? [];
    if (version >= 33) {
      out.u32(rules.length);
      for (const { name, sources, target, cls, newType } of rules) {
        out.u32(name.length);
        out.text(name);
        out.u32(this.#type(target), lookup(this.#classValues, cls), 1);
        out.ebitmap(sources.map((source) => this.#type(source) - 1));
        out.u32(this.#type(newType));
      }
    } else if (version >= 25) {
      const single = rules.flatMap((rule) => rule.sources.map((source) => ({ ...rule, source })));
      out.u32(single.length);
      for (const { name, source, target, cls, newType } of single) {
        out.u32(name.length);
        out.text(name);
        out.u32(this.#type(source), this.#type(target), lookup(this.#classValues, cls), this.#type(newType));
      }
    }
  }

  #objectContexts(): void {
    const out = this.#out;
    const sids = Object.entries(this.#policy.sids ?? {});
    out.u32(sids.length);
    for (const [sid, type] of sids) {
      out.u32(Number(sid));
      this.#context(type);
    }
    this.#named("fs", 0, 2);
    const ports = this.#policy.ports ?? [];
    out.u32(ports.length);
    for (const { protocol, low, high, type } of ports) {
      out.u32(protocol, low, high);
      this.#context(type);
    }
    this.#named("eth0", 0, 2);
    this.#fixed(2); // IPv4 nodes
    this.#named("ext4", 1, 1); // fs_use
    this.#fixed(8); // IPv6 nodes
    if (this.#policy.version >= 31) {
      this.#fixed(4); // InfiniBand keys
      out.u32(this.#others);
      if (this.#others === 1) {
        out.u32(4, 1);
        out.text("mlx4");
        this.#context(this.#first);
      }
    }
  }

  get #others(): 0 | 1 {
    return this.#policy.others === true ? 1 : 0;
  }

  get #first(): string {
    return this.#policy.types[0] ?? "";
  }

  /** A table of one record: words, a name, contexts; or an empty one. */
  #named(name: string, words: number, contexts: number): void {
    this.#out.u32(this.#others);
    if (this.#others === 1) {
      this.#out.u32(...Array.from({ length: words }, () => 1), name.length);
      this.#out.text(name);
      for (let context = 0; context < contexts; context++) {
        this.#context(this.#first);
      }
    }
  }

  #fixed(words: number): void {
    this.#out.u32(this.#others);
    if (this.#others === 1) {
      this.#out.u32(...Array.from({ length: words }, () => 1));
      this.#context(this.#first);
    }
  }

  #roleRules(): void {
    const out = this.#out;
    out.u32(this.#others);
    if (this.#others === 1) {
      out.u32(1, 1, 1, ...(this.#policy.version >= 26 ? [1] : []));
    }
    out.u32(this.#others);
    if (this.#others === 1) {
      out.u32(1, 1);
    }
  }

  #genfs(): void {
    const out = this.#out;
    out.u32(this.#others);
    if (this.#others === 1) {
      out.u32(4);
      out.text("proc");
      out.u32(1, 1);
      out.text("/");
      out.u32(0);
      this.#context(this.#first);
    }
  }

  #rangeTransitions(): void {
    this.#out.u32(this.#others);
    if (this.#others === 1) {
      this.#out.u32(1, 1, 1);
      // Two levels: both sensitivities stand before both bitmaps.
      this.#out.u32(2, 1, 1);
      this.#out.ebitmap([]);
      this.#out.ebitmap([0]);
    }
  }

  #context(type: string): void {
    this.#out.u32(1, 1, this.#type(type));
    this.#range();
  }

  #range(): void {
    this.#out.u32(1, this.#policy.mls === false ? 0 : 1);
    this.#out.ebitmap([]);
  }

  #level(): void {
    this.#out.u32(this.#policy.mls === false ? 0 : 1);
    this.#out.ebitmap([]);
  }

  #typeAttributes(): void {
    const attributes = Object.entries(this.#policy.attributes ?? {});
    for (const name of this.#typeValues.keys()) {
      const own = attributes
        .filter(([, types]) => types.includes(name))
        .map(([attribute]) => this.#type(attribute) - 1);
      this.#out.ebitmap([this.#type(name) - 1, ...own]);
    }
  }
}

function valuesOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name, index + 1]));
}

function lookup(values: ReadonlyMap<string, number>, name: string): number {
  const value = values.get(name);
  if (value === undefined) {
    throw new Error(`the synthetic policy does not define ${name}`);
  }
  return value;
}
