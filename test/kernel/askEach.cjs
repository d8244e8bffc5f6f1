/**
 * In the guest: asks the command line several questions in one process, since Node starts slowly there. Standard input:
 * the arguments of each, as JSON lists; standard output: for each its exit code and what it printed. Each question runs
 * the program anew from its entry.
 */
const { readFileSync } = require("node:fs");

const [program] = process.argv.slice(2);
const questions = JSON.parse(readFileSync(0, "utf8"));
const answers = [];
const write = process.stdout.write.bind(process.stdout);
let text = "";
process.stdout.write = (chunk, done) => {
  text += chunk;
  done?.();
  return true;
};

// A question is answered when the program has nothing more to do.
process.on("beforeExit", (code) => {
  if (answers.length < questions.length) {
    answers.push({ code, text });
    next();
  }
});
next();

function next() {
  const question = questions[answers.length];
  if (question === undefined) {
    process.exitCode = 0;
    write(JSON.stringify(answers));
    return;
  }
  text = "";
  process.exitCode = 0;
  process.argv = [process.execPath, program, ...question];
  for (const name of Object.keys(require.cache)) if (name !== __filename) delete require.cache[name];
  require(program);
}
