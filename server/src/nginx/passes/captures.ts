/** What a capture of a location's regular expression looks like. */
import type { Block } from "../blocks/blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import { treeOf } from "../blocks/places.ts";

/** The text of the n-th capturing group, or null. Named groups count as PCRE counts them. */
function groupText(regex: string, wanted: number): string | null {
  let count = 0;
  let inClass = false;
  for (let i = 0; i < regex.length; i++) {
    const c = regex[i];
    if (c === "\\") i++;
    else if (inClass) inClass = c !== "]";
    else if (c === "[") inClass = true;
    else if (c === "(") {
      const special = regex[i + 1] === "?";
      const named = special && /^\(\?(?:P?<[A-Za-z_]|')/.test(regex.slice(i, i + 5));
      if (special && !named) continue;
      if (++count === wanted)
        return regex.slice(named ? regex.indexOf(regex[i + 2] === "'" ? "'" : ">", i + 3) + 1 : i + 1);
    }
  }
  return null;
}

/** True for a group whose match always begins with a slash, or is empty. */
function beginsWithSlash(group: string): boolean {
  return /^(?:\(\?:|\()*\\?\//.test(group);
}

/**
 * Tells for the variables of a pass in `block` whether they are a capture of the location's regular expression that
 * begins with a slash, as in `location ~ ^/app(/.*)$ { proxy_pass http://127.0.0.1:3000$1; }`.
 */
export function captureIsPathIn(configuration: Configuration, block: Block): (variable: string) => boolean {
  let location: Block | null = block;
  while (location !== null && location.kind !== "location") location = location.parent;
  return (variable) => {
    if (location === null || location.statement < 0 || !/^[1-9]$/.test(variable)) return false;
    const tree = treeOf(configuration, location.file);
    const last = tree.wordCount(location.statement) - 1;
    if (!tree.word(location.statement, 1).startsWith("~")) return false;
    const group = groupText(
      tree.word(location.statement, last).replace(last === 1 ? /^~\*?/ : /^$/, ""),
      Number(variable),
    );
    return group !== null && beginsWithSlash(group);
  };
}
