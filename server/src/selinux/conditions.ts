/** Boolean expressions of conditional policy rules: read from text, evaluated, rendered. */
import type { Condition } from "./policy.ts";

/** A condition text that is not a boolean expression. */
export class ConditionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConditionError";
  }
}

/** The condition of an unconditional rule. */
export const always: Condition = { op: "true" };

type BinaryOp = "and" | "or" | "xor" | "eq" | "neq";

/**
 * Operators by how tightly they bind, as setools writes them. checkpolicy binds `==` tighter than `!`, which changes
 * nothing: `!(a == b)` and `(!a) == b` have the same truth table.
 */
const operators: ReadonlyMap<string, { readonly op: BinaryOp; readonly precedence: number }> = new Map([
  ["||", { op: "or", precedence: 1 }],
  ["^", { op: "xor", precedence: 2 }],
  ["&&", { op: "and", precedence: 3 }],
  ["==", { op: "eq", precedence: 4 }],
  ["!=", { op: "neq", precedence: 4 }],
]);

const symbols: ReadonlyMap<BinaryOp, string> = new Map([...operators].map(([symbol, { op }]) => [op, symbol]));

/**
 * Longest accepted expression, in tokens. The kernel allows an evaluation stack of 10 (`COND_EXPR_MAXDEPTH`), so real
 * ones are far below; the bound keeps the recursion of the functions below shallow.
 */
const maxTokens = 512;

/**
 * Reads a boolean expression: names, `!`, `&&`, `||`, `^`, `==`, `!=` and parentheses in any form that setools or
 * libsepol write, for example `( a && b )` or `!(a)`. Throws ConditionError.
 */
export function parseCondition(text: string): Condition {
  const tokens = tokenize(text);
  const values: Condition[] = [];
  const pending: string[] = [];
  let wantsOperand = true;

  const reduce = (): void => {
    const symbol = pending.pop();
    const right = values.pop();
    if (symbol === undefined || right === undefined) throw malformed(text);
    if (symbol === "!") {
      values.push({ op: "not", of: right });
      return;
    }
    const operator = operators.get(symbol);
    const left = values.pop();
    if (operator === undefined || left === undefined) throw malformed(text);
    values.push({ op: operator.op, left, right });
  };

  for (const token of tokens) {
    const operator = operators.get(token);
    if (token === "(" || token === "!") {
      if (!wantsOperand) throw malformed(text);
      pending.push(token);
    } else if (token === ")") {
      if (wantsOperand) throw malformed(text);
      while (pending.length > 0 && pending.at(-1) !== "(") reduce();
      if (pending.pop() !== "(") throw malformed(text);
      while (pending.at(-1) === "!") reduce();
    } else if (operator !== undefined) {
      if (wantsOperand) throw malformed(text);
      while (precedenceOf(pending.at(-1)) >= operator.precedence) reduce();
      pending.push(token);
      wantsOperand = true;
    } else {
      if (!wantsOperand) throw malformed(text);
      values.push({ op: "bool", name: token });
      while (pending.at(-1) === "!") reduce();
      wantsOperand = false;
    }
  }
  if (wantsOperand) throw malformed(text);
  while (pending.length > 0) reduce();
  const [result] = values;
  if (result === undefined || values.length !== 1) throw malformed(text);
  return result;
}

function precedenceOf(symbol: string | undefined): number {
  return symbol === undefined ? 0 : (operators.get(symbol)?.precedence ?? 0);
}

function malformed(text: string): ConditionError {
  return new ConditionError(`not a boolean expression: ${JSON.stringify(text.slice(0, 120))}`);
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const token = /\s+|(&&|\|\||==|!=|[!^()]|[A-Za-z0-9_.-]+)/y;
  while (token.lastIndex < text.length) {
    const found = token.exec(text);
    if (found === null) throw malformed(text);
    if (found[1] !== undefined) tokens.push(found[1]);
    if (tokens.length > maxTokens) throw new ConditionError("boolean expression too long");
  }
  return tokens;
}

/** True where the condition holds when `valueOf` gives each boolean's value. Recursion is as deep as the expression. */
export function evaluateCondition(condition: Condition, valueOf: (name: string) => boolean): boolean {
  switch (condition.op) {
    case "true":
      return true;
    case "bool":
      return valueOf(condition.name);
    case "not":
      return !evaluateCondition(condition.of, valueOf);
    case "and":
      return evaluateCondition(condition.left, valueOf) && evaluateCondition(condition.right, valueOf);
    case "or":
      return evaluateCondition(condition.left, valueOf) || evaluateCondition(condition.right, valueOf);
    case "xor":
    case "neq":
      return evaluateCondition(condition.left, valueOf) !== evaluateCondition(condition.right, valueOf);
    default:
      return evaluateCondition(condition.left, valueOf) === evaluateCondition(condition.right, valueOf);
  }
}

/** The booleans that the condition names, each once, in order of first appearance. */
export function booleansOf(condition: Condition): string[] {
  const names = new Set<string>();
  const visit = (part: Condition): void => {
    switch (part.op) {
      case "true":
        return;
      case "bool":
        names.add(part.name);
        return;
      case "not":
        visit(part.of);
        return;
      default:
        visit(part.left);
        visit(part.right);
    }
  };
  visit(condition);
  return [...names];
}

/** Opens some 66 types of ports as a side effect of NIS: true, and never the answer to what should be turned on. */
const lastBoolean = "nis_enabled";

/** The order in which booleans are told: by name, `nis_enabled` last. For sort(). */
export function compareBooleans(left: string, right: string): number {
  if ((left === lastBoolean) !== (right === lastBoolean)) return left === lastBoolean ? 1 : -1;
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * The same conditions in the order in which they are told, which is the same whatever the provider and the place of its
 * rules: the unconditional one first, then by the booleans that they name and by their text.
 */
export function inOrder(conditions: readonly Condition[]): readonly Condition[] {
  if (conditions.length < 2) return conditions;
  const told = conditions.map((condition) => {
    const names = booleansOf(condition).sort(compareBooleans);
    return { condition, names, text: renderCondition(condition) };
  });
  told.sort((a, b) => compareLists(a.names, b.names) || compareBooleans(a.text, b.text));
  return told.map(({ condition }) => condition);
}

function compareLists(left: readonly string[], right: readonly string[]): number {
  for (const [index, name] of left.entries()) {
    const other = right[index];
    const order = other === undefined ? 1 : compareBooleans(name, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** The condition as text that `parseCondition` reads back to the same meaning, for example `a && !(b || c)`. */
export function renderCondition(condition: Condition): string {
  switch (condition.op) {
    case "true":
      return "always";
    case "bool":
      return condition.name;
    case "not":
      return condition.of.op === "bool" ? `!${condition.of.name}` : `!(${renderCondition(condition.of)})`;
    default:
      return `${renderOperand(condition.left, condition.op)} ${symbols.get(condition.op)} ${renderOperand(condition.right, condition.op)}`;
  }
}

function renderOperand(operand: Condition, parent: BinaryOp): string {
  const text = renderCondition(operand);
  const bare = operand.op === "bool" || operand.op === "not" || (operand.op === parent && parent !== "neq");
  return bare ? text : `(${text})`;
}

/** True where one of the conditions always holds. */
export function isUnconditional(conditions: readonly Condition[]): boolean {
  return conditions.some((condition) => condition.op === "true");
}
