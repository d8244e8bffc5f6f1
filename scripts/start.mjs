/** `npm start [-- PATH]`: see startEditor.ts. */
import { ensureDependencies, runScript } from "./bootstrap.mjs";

ensureDependencies();
runScript("scripts/startEditor.ts", process.argv.slice(2));
