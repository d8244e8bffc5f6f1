/** An option of the command line, and the kinds of options that there are. */
import { didYouMean } from "../base/nearest.ts";
import { UsageError } from "./usageError.ts";

/** One row: from it come the parsing, its lines in `--help` and its row in the README. */
export interface Option<T> {
  /** Without its dashes: `fail-on`. */
  readonly name: string;
  /** One letter that stands for it; null for none. */
  readonly short: string | null;
  /** The value as help shows it, for example `NAME=on|off`; null for an option without a value. */
  readonly value: string | null;
  /** Sentences without a final full stop. */
  readonly help: string;
  /** What the given values mean, in the order in which they were given; `[]`: not given. Throws UsageError. */
  read(values: readonly string[]): T;
}

/** What an option is made from. */
export interface OptionText {
  readonly name: string;
  readonly short?: string;
  readonly help: string;
}

/** An option without a value. */
export function flag(text: OptionText): Option<boolean> {
  return { short: null, ...text, value: null, read: (values) => values.length > 0 };
}

/** An option whose last value counts, as it was written; null where it is not given. */
export function word(value: string, text: OptionText): Option<string | null> {
  return { short: null, ...text, value, read: (values) => values.at(-1) ?? null };
}

/** An option with one of some words; the first is taken where it is not given. */
export function choice<T extends string>(allowed: readonly [T, ...T[]], text: OptionText): Option<T> {
  const [first, ...more] = allowed;
  const { value, read } = rowOf([{ name: first }, ...more.map((name) => ({ name }))], text);
  return { short: null, ...text, value, read: (values) => read(values).name };
}

/** An option with the name of one of some rows; the first row is taken where it is not given. */
export function rowOf<T extends { readonly name: string }>(rows: readonly [T, ...T[]], text: OptionText): Option<T> {
  const names = rows.map(({ name }) => name);
  return {
    short: null,
    ...text,
    value: names.join("|"),
    read: (values) => {
      const value = values.at(-1) ?? rows[0].name;
      const found = rows.find(({ name }) => name === value);
      if (found !== undefined) return found;
      const hint = didYouMean(value, names);
      throw new UsageError(`--${text.name} needs one of ${names.join(", ")}, not "${value}".${hint}`);
    },
  };
}

/** An option that says nothing where it is not given: then a project file decides, or the default. */
export function optional<T>(option: Option<T>): Option<T | null> {
  return { ...option, read: (values) => (values.length === 0 ? null : option.read(values)) };
}

/** Another reading of an option's values, for example as a number. */
export function mapped<T>(value: string, text: OptionText, read: Option<T>["read"]): Option<T> {
  return { short: null, ...text, value, read };
}
