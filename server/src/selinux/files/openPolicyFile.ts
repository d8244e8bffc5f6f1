/** Facts from a file that the user names: a snapshot or a kernel policy, told apart by how it begins. */
import { binaryFacts } from "../binary/binaryFacts.ts";
import type { LabelFacts } from "../hostLabels.ts";
import type { PolicyFacts } from "../policy.ts";
import { snapshotFacts } from "./snapshot.ts";

/**
 * The facts of a snapshot (JSON text) or of a kernel policy file. `name` is how the file is called in messages.
 * `labels` are the default labels that go with a kernel policy; without them none is known. Throws SnapshotError for
 * damaged JSON and PolicyFormatError for anything else.
 */
export function factsFromBytes(bytes: Uint8Array, name: string, labels?: LabelFacts): PolicyFacts {
  if (isJson(bytes)) {
    return snapshotFacts(new TextDecoder().decode(bytes), "snapshot");
  }
  const info = { source: "binary", name, title: name, mode: "assumed", exactLabels: labels !== undefined } as const;
  const facts = binaryFacts(bytes, { ...info, provenance: "kernel policy file" }, labels);
  return { ...facts, info: { ...info, provenance: `kernel policy file, version ${facts.version}` } };
}

/** True where the first byte that is no white space (or mark of UTF-8) opens a JSON object. */
function isJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => ![0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf].includes(byte));
  return first === 0x7b;
}
