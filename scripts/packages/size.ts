/** Packages are installed over slow links, into hosts that people look after: none grows unseen. */
import { stat } from "node:fs/promises";
import { packages, type PackageName } from "./product.ts";

/** The size in KB above which each is worth a look. It is an alarm, not a limit: another bundled release may cost it. */
const alarms: Readonly<Record<PackageName, number>> = { vsix: 1000, npm: 800, rpm: 800 };

/** `455 KB (alarm at 700)`. Prints a warning where it is larger. */
export async function checkSize(name: PackageName): Promise<string> {
  const { size } = await stat(packages[name]);
  const said = `${(size / 1024).toFixed(0)} KB (alarm at ${alarms[name]})`;
  if (size > alarms[name] * 1024) console.warn(`warning: ${packages[name]} has grown to ${said}`);
  return said;
}
