/** The command line as an npm package: the root package.json says what is in it. */
import { mkdir } from "node:fs/promises";
import { runToEnd } from "../../test/editor/host/processes.ts";
import { out, root } from "./product.ts";

/** Packs dist, which is built already. */
export async function writeNpm(): Promise<void> {
  await mkdir(out, { recursive: true });
  await runToEnd("npm", ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", out], { cwd: root });
}
