/** V8's settings for a process that does one thing and ends: its own are for servers, which run for days. */
import { cachedDataVersionTag, setFlagsFromString } from "node:v8";

/**
 * Each setting, and what V8's own may be (12.4, 13.6 and 14.1 differ). With its own TurboFan compiled for a fifth of the time
 * of a run over 10,000 servers what Maglev had made fast enough, what one finding leaves behind was taken for what the whole
 * run needs, and 130 MB were set aside for what is new. Of so little that is new one thread is the fastest collector.
 */
const settings: readonly (readonly [tuned: string, ...own: string[]])[] = [
  ["--no-allocation-site-pretenuring", "--allocation-site-pretenuring"],
  ["--semi-space-growth-factor=1", "--semi-space-growth-factor=2"],
  ["--no-parallel-scavenge", "--parallel-scavenge"],
  ["--invocation-count-for-maglev=2000", "--invocation-count-for-maglev=400"],
  [
    "--invocation-count-for-turbofan=100000",
    "--invocation-count-for-turbofan=3000",
    "--invocation-count-for-turbofan=10000",
    "--invocation-count-for-turbofan=16000",
  ],
];

/** First and last major version of V8 (Node 22 to 25) in which each setting was seen to exist and to help. */
const FIRST = 12;
const LAST = 14;

export interface OneRun {
  /** Sets the settings for one run. */
  tune(): Promise<void>;
  /** Sets V8's own settings back, for a program that stays. */
  setBack(): void;
}

export function createOneRun(v8: string = process.versions.v8): OneRun {
  const major = Number(v8.split(".")[0]);
  if (!(major >= FIRST && major <= LAST)) return { tune: () => Promise.resolve(), setBack: () => undefined };
  // This number stands for V8's version and all its settings.
  const own = cachedDataVersionTag();
  return {
    tune: async () => {
      // Node's modules come with compiled code, which V8 takes under its own settings alone: what each run needs is loaded now.
      await import("node:timers/promises");
      void [process.stdout, process.stderr];
      for (const [tuned] of settings) setFlagsFromString(tuned);
    },
    setBack: () => {
      for (const [, ...values] of settings)
        for (const value of values) if (cachedDataVersionTag() !== own) setFlagsFromString(value);
    },
  };
}
