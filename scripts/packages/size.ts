/** Packages are installed over slow links, into hosts that people look after: none grows unseen. */
import { stat } from "node:fs/promises";
import { packages, type PackageName } from "./product.ts";

/** The most that each may have, in KB. */
const limits: Readonly<Record<PackageName, number>> = { vsix: 550, npm: 500, rpm: 500 };

/** `455 KB of at most 550`. Rejects where it is larger. */
export async function checkSize(name: PackageName): Promise<string> {
  const { size } = await stat(packages[name]);
  const said = `${(size / 1024).toFixed(0)} KB of at most ${limits[name]}`;
  if (size > limits[name] * 1024) throw new Error(`${packages[name]} is too large: ${said}`);
  return said;
}
