"use strict";
/**
 * Loaded into a measured process: prints its peak memory in kB and its processor time in µs when it ends. `maxRSS` of
 * `resourceUsage` is no use for that: a process that is small shows what its parent had when it was forked.
 */
const { readFileSync } = require("node:fs");

process.on("exit", () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const [, peak] = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
  process.stderr.write(`rss=${peak} cpu=${userCPUTime + systemCPUTime}\n`);
});
