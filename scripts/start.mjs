/** `npm start [-- PATH]`: see start-editor.ts. */
import { ensureDependencies, runScript } from "./bootstrap.mjs";

await ensureDependencies();
runScript("scripts/start-editor.ts", process.argv.slice(2));
