/** Texts with a few changes: pieces put in, cut out, moved and repeated. */
import type { Random } from "./random.ts";

/** A text with one to five changes, of at most 20,000 characters. `pieces`: what the reader of it may take for something. */
export function mutatedText(text: string, pieces: readonly [string, ...string[]], random: Random): string {
  let changed = text;
  for (let changes = 1 + random.below(5); changes > 0; changes--) changed = mutatedOnce(changed, pieces, random);
  return changed.slice(0, 20_000);
}

function mutatedOnce(text: string, pieces: readonly [string, ...string[]], { below, pick }: Random): string {
  const at = below(text.length + 1);
  const piece = pick(pieces);
  switch (below(6)) {
    case 0:
      return text.slice(0, at) + piece + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + below(30));
    case 2:
      return text.slice(0, at);
    case 3:
      return text.slice(at) + text.slice(0, at);
    case 4:
      return text.slice(0, at) + piece.repeat(below(100)) + text.slice(at);
    default: {
      const from = below(text.length + 1);
      return text.slice(0, at) + text.slice(from, from + below(120)) + text.slice(at);
    }
  }
}
