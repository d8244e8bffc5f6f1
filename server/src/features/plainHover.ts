/** A hover for clients that show no Markdown. */
import type { Hover } from "vscode-languageserver";

/** The same text without the marks of the Markdown that our hovers use. */
export function plainHover(hover: Hover): Hover {
  const { contents } = hover;
  if (typeof contents === "string" || Array.isArray(contents) || !("kind" in contents)) return hover;
  return { ...hover, contents: { kind: "plaintext", value: plainText(contents.value) } };
}

/** Code keeps its characters; elsewhere emphasis, escapes and rules go. */
function plainText(markdown: string): string {
  return markdown
    .split(/^(`{3,})sh\n([\s\S]*?)\n\1$/mu)
    .map((part, i) => (i % 3 === 0 ? plainLines(part) : i % 3 === 1 ? "" : part))
    .join("")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

/** Text without blocks of code. */
function plainLines(markdown: string): string {
  return markdown
    .replaceAll(/^-{3,}$/gm, "")
    .split(/(`+)((?:(?!\1).)+)\1/u)
    .map((part, i) => (i % 3 === 0 ? plainProse(part) : i % 3 === 1 ? "" : part.trim()))
    .join("");
}

function plainProse(text: string): string {
  return text.replaceAll(/(?<!\\)\*{1,2}/g, "").replaceAll(/\\([\\`*_{}[\]()#+!<>|~&])/g, "$1");
}
