/** Says on standard output that work goes on. Plain JavaScript, so that it runs right after a clone with Node 20. */

/** How often a line is written where the output is no terminal. */
const everySeconds = 10;

/**
 * Says what is done, how long it takes while it takes long, and how long it took.
 * @template T
 * @param {string} what for example `Building the extension`
 * @param {() => Promise<T>} work
 * @returns {Promise<T>} what the work gives; rejects as it does
 */
export async function withProgress(what, work) {
  const started = performance.now();
  const terminal = process.stdout.isTTY === true;
  console.log(`${what} ...`);
  let last = 0;
  const timer = setInterval(() => {
    const passed = Math.round((performance.now() - started) / 1000);
    if (terminal) process.stdout.write(`\r  ${passed} s`);
    else if (passed - last >= everySeconds) {
      last = passed;
      console.log(`  ${passed} s`);
    }
  }, 1000);
  try {
    const result = await work();
    console.log(`${terminal ? "\r" : ""}  done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
