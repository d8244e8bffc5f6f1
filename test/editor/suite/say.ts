/** Printing from inside of the extension host, where the window prints too. */
import { format } from "node:util";

/** Set by a host that mixes the suite's lines with the window's, to tell them apart. */
const prefix = process.env["SUITE_PREFIX"] ?? "";

/** Prints like `console.log`, every line marked as the suite's. */
export function say(...values: readonly unknown[]): void {
  for (const line of format(...values).split("\n")) console.log("%s", prefix + line);
}
