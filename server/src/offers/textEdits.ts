/** The text of an edit at one place: only where the configuration spells its target out, so that nothing else changes. */
import type { Edit } from "../fixes/edit.ts";
import type { Access } from "../nginx/access.ts";
import type { Tree } from "../nginx/tree/tree.ts";
import type { Span } from "../base/text.ts";

/** A stretch of one file of a configuration, and what stands there afterwards. */
export interface TextChange {
  /** Index into the configuration's files. */
  readonly file: number;
  readonly span: Span;
  readonly text: string;
}

const COLON = 0x3a;
/** What needs no quotes in nginx.conf, and ends neither a word nor a socket's path. */
const PLAIN = /^[A-Za-z0-9_./-]+$/u;

/** Null where the place holds variables, quotes or another spelling, and where it is not the target's own text. */
export function editedText(tree: Tree, access: Access, edit: Edit): TextChange | null {
  if (access.certainty !== "certain") return null;
  const { file, span } = access;
  const text = new TextDecoder().decode(tree.bytes.subarray(span.start, span.end));
  switch (edit.kind) {
    case "path":
      return PLAIN.test(edit.path) ? pathChange(access, text, edit.path) : null;
    case "port":
      return portChange(access, text, edit.port);
    case "tcp": {
      if (access.protocol !== "unix" || text !== `unix:${access.path}`) return null;
      // `http://unix:/run/x.sock:/uri`: the colon ends the path and goes with it.
      const end = tree.bytes[span.end] === COLON ? span.end + 1 : span.end;
      return { file, span: { start: span.start, end }, text: `${edit.host}:${edit.port}` };
    }
  }
}

function pathChange(access: Access, text: string, path: string): TextChange | null {
  const { file, span } = access;
  if (access.protocol === "unix") {
    return text === `unix:${access.path}` ? { file, span, text: `unix:${path}` } : null;
  }
  if (access.protocol !== "file" || access.path === null || /[$"'\\]/u.test(text)) return null;
  // A relative path is written as the end of the whole one; the block of a compiled-in default is not.
  return text === access.path || access.path.endsWith(`/${text}`) ? { file, span, text: path } : null;
}

function portChange(access: Access, text: string, port: number): TextChange | null {
  if ((access.protocol !== "tcp" && access.protocol !== "udp") || access.port === null) return null;
  const { file, span } = access;
  const written = /^(?:(?:[\w.*-]+|\[[\da-fA-F:.]*\]):)?(\d+)$/u.exec(text)?.[1];
  if (written !== undefined && Number(written) === access.port) {
    return { file, span: { start: span.end - written.length, end: span.end }, text: String(port) };
  }
  // The port is the scheme's or the directive's own.
  const bare = access.host !== null && (text === access.host || text === `[${access.host}]`);
  return bare ? { file, span: { start: span.end, end: span.end }, text: `:${port}` } : null;
}
