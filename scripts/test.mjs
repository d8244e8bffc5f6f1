/** `npm test`: see runTests.ts. */
import { ensureDependencies, runScript } from "./bootstrap.mjs";

ensureDependencies();
runScript("scripts/runTests.ts", process.argv.slice(2));
