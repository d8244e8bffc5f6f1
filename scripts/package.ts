/** `npm run package`: builds and writes the .vsix to out. */
import { basename } from "node:path";
import { buildProduct, packages } from "./packages/product.ts";
import { checkSize } from "./packages/size.ts";
import { writeVsix } from "./packages/vsix.ts";

await buildProduct();
await writeVsix();
console.log(`${basename(packages.vsix)}: ${await checkSize("vsix")}.`);
