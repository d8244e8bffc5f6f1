/** The instructions of a Dockerfile: continued lines joined, comments left out, here-documents taken to what they belong to. */

export interface Instruction {
  /** In capitals. */
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
  /** The text of its here-documents, one after the other. */
  readonly documents: string;
}

/** Instructions with a here-document (docs.docker.com/reference/dockerfile, "Here-Documents"). */
const TAKES_DOCUMENTS = new Set(["RUN", "COPY", "ADD"]);

/** Reads in one pass. Never fails. */
export function* instructionsOf(text: string): Generator<Instruction, void> {
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
    const first = i + 1;
    if (TAKES_DOCUMENTS.has(documentsOf(name, value))) i = afterDocuments(lines, i, value);
    yield { name, value, line, documents: lines.slice(first, i).join("\n") };
  }
}

/** The instruction that takes the documents: that behind ONBUILD. */
function documentsOf(name: string, value: string): string {
  return name === "ONBUILD" ? (/^[a-z]+/i.exec(value)?.[0] ?? "").toUpperCase() : name;
}

/** The last line of the here-documents that begin in an instruction which ends at line `at`. */
function afterDocuments(lines: readonly string[], at: number, value: string): number {
  let i = at;
  for (const { name, stripsTabs } of hereDocuments(value)) {
    for (i++; i < lines.length; i++) {
      const line = (lines[i] ?? "").replace(/\r$/, "");
      if ((stripsTabs ? line.replace(/^\t+/, "") : line) === name) break;
    }
  }
  return Math.min(i, lines.length);
}

interface HereDocument {
  readonly name: string;
  /** `<<-`: tabs in front of its lines do not count. */
  readonly stripsTabs: boolean;
}

/**
 * Words like `<<EOF`, `3<<-"END OF FILE"`: a word of its own, which quotes around it make plain text (BuildKit's parser,
 * `heredocsFromLine`).
 */
function hereDocuments(value: string): readonly HereDocument[] {
  return rawWords(value).flatMap((word) => {
    const match = HERE_DOCUMENT.exec(word);
    if (match === null) return [];
    const name = (match[2] ?? "").replaceAll(/["']/g, "");
    return name === "" ? [] : [{ name, stripsTabs: match[1] === "-" }];
  });
}

const HERE_DOCUMENT = /^\d*<<(-?)([^<].*)$/s;

/** True for a word, with its quotes, that begins a here-document. */
export function isHereDocument(word: string): boolean {
  return HERE_DOCUMENT.test(word);
}

/** Words with their quotes: blanks inside of quotes part nothing. */
export function rawWords(text: string): readonly string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? "";
    if (quote === "" && /\s/.test(c)) {
      if (word !== "") words.push(word);
      word = "";
      continue;
    }
    word += c;
    if (c === quote) quote = "";
    else if (quote === "" && (c === '"' || c === "'")) quote = c;
    else if (c === "\\" && quote !== "'" && i + 1 < text.length) word += text[++i] ?? "";
  }
  if (word !== "") words.push(word);
  return words;
}
