/** The form that every message of every rule has. */
import assert from "node:assert/strict";

/** Characters within which a message tells its target from all others. */
export const APART = 70;
const MOST = 240;
const VERBS = /\b(?:refuses|may refuse|would refuse|refused|is|are|runs|silences|needs)\b/u;
/** Words that hide who does it, or which thing is meant. */
export const STIFF = /\b(?:nobody|somebody|none of it|what is)\b/iu;

/** Fails for a message that is longer, has more sentences than two, or one without subject and verb. */
export function assertForm(message: string): void {
  assert.ok(message.length <= MOST, `${message.length} characters: ${message}`);
  const sentences = message.split(/(?<![.])[.](?: |$)/u).filter((sentence) => sentence !== "");
  assert.ok(sentences.length <= 2, `${sentences.length} sentences: ${message}`);
  assert.match(message, /[.]$/u);
  assert.match(sentences[0] ?? "", VERBS, message);
  assert.match(message, /^\S.*\S$/u);
  assert.doesNotMatch(message, /[^ -~]/u.test(message) ? /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u : STIFF);
  assert.doesNotMatch(message.replaceAll(/"[^"]*"/gu, ""), STIFF);
}
