/** `npm test`: see run-tests.ts. */
import { ensureDependencies, runScript } from "./bootstrap.mjs";

await ensureDependencies();
runScript("scripts/run-tests.ts", process.argv.slice(2));
