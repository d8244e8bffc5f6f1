/** The little YAML that playbooks need: block mappings and lists, every string in double quotes. */

export type Yaml = string | boolean | Raw | readonly Yaml[] | { readonly [key: string]: Yaml };

/** A scalar as it stands: an expression of ours that Ansible evaluates, already quoted. */
export interface Raw {
  readonly raw: string;
}

/** Keys are ours: plain words. Lists and mappings are not empty. */
export function yamlLines(value: Yaml, indent = ""): readonly string[] {
  if (isList(value)) {
    return value.flatMap((item) => {
      const [first = "", ...rest] = yamlLines(item, `${indent}  `);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  if (typeof value === "object" && !isRaw(value)) {
    return Object.entries(value).flatMap(([key, item]) =>
      isScalar(item) ? [`${indent}${key}: ${scalar(item)}`] : [`${indent}${key}:`, ...yamlLines(item, `${indent}  `)],
    );
  }
  return [indent + scalar(value)];
}

function scalar(value: string | boolean | Raw): string {
  if (typeof value === "string") return yamlString(value);
  return typeof value === "boolean" ? String(value) : value.raw;
}

/**
 * A text as a double-quoted scalar (YAML 1.1 and 1.2). Everything but printable ASCII is escaped. What Jinja would take
 * for an expression is marked as text, which Ansible then leaves alone.
 */
export function yamlString(text: string): string {
  const quoted = text.replace(/[^ !#-[\]-~]/gu, (character) => {
    const value = character.codePointAt(0) ?? 0;
    if (character === '"' || character === "\\") return `\\${character}`;
    if (value < 0x100) return `\\x${hex(value, 2)}`;
    return value < 0x10000 ? `\\u${hex(value, 4)}` : `\\U${hex(value, 8)}`;
  });
  return /\{[{%#]/u.test(text) ? `!unsafe "${quoted}"` : `"${quoted}"`;
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, "0");
}

function isList(value: Yaml): value is readonly Yaml[] {
  return Array.isArray(value);
}

function isRaw(value: Yaml): value is Raw {
  return typeof value === "object" && "raw" in value && typeof value.raw === "string";
}

function isScalar(value: Yaml): value is string | boolean | Raw {
  return typeof value !== "object" || isRaw(value);
}
