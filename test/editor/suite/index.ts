/** Entry of the suite: VS Code calls `run` inside its extension host. Bundled to CommonJS; mocha stays outside of it. */
import Mocha from "mocha";
import { say } from "./say.ts";

/** Milliseconds of a step; a machine that is busy with other work needs more. */
const patience = Number(process.env["SUITE_TIMEOUT"] ?? 30_000);

/** Runs every test, or those whose full name matches SUITE_GREP. Rejects when one failed, which is how VS Code learns the result. */
export async function run(): Promise<void> {
  const mocha = new Mocha({
    ui: "bdd",
    timeout: patience,
    color: process.env["SUITE_COLOR"] === "1",
    reporter: "spec",
  });
  const only = process.env["SUITE_GREP"];
  if (only !== undefined) mocha.grep(new RegExp(only));
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  await import("./extension.test.ts");
  await import("./live.test.ts");
  await import("./denials.test.ts");
  Mocha.reporters.Base.consoleLog = say;
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on("end", () => {
      const { passes = 0, failures: failed = 0 } = runner.stats ?? {};
      say(`# editor: ${passes} passed, ${failed} failed`);
    });
  });
  if (failures > 0) throw new Error(`${failures} failed`);
}
