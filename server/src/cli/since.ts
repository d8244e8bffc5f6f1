/** `--since`: a time in words, and only what is newer. */
import type { DenialSink } from "../denials/denial.ts";
import { instantHere } from "../denials/time.ts";
import { UsageError } from "./usageError.ts";

const DAY = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: DAY };

/**
 * Milliseconds since 1970 of `10m`, `2h`, `3d`, `today`, `yesterday`, `2026-01-15`, `2026-01-15 10:00` (local time).
 * `now`: the time of day. Throws UsageError.
 */
export function sinceInstant(text: string, now: number): number {
  const ago = /^(\d{1,6})\s*([smhd])$/u.exec(text.trim());
  if (ago !== null) return now - Number(ago[1]) * (UNITS[ago[2] ?? ""] ?? 0);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (text === "today") return midnight;
  if (text === "yesterday") return midnight - DAY;
  const date = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/u.exec(text.trim());
  const instant = date === null ? Number.NaN : localTime(date.slice(1).map((part) => Number(part ?? 0)));
  if (Number.isNaN(instant))
    throw new UsageError(`--since needs 10m, 2h, 3d, today, yesterday or a date like 2026-01-15 10:00, not "${text}"`);
  return instant;
}

/** The sink without what is known to be older. A line without a time is kept. */
export function recentlyOnly(sink: DenialSink, since: number | null): DenialSink {
  if (since === null) return sink;
  return {
    denial: (denial) => {
      const instant = instantHere(denial);
      if (instant === null || instant >= since) sink.denial(denial);
    },
    notUnderstood: () => undefined,
  };
}

/** Year, month from 1, day, hour, minute, second. */
function localTime([year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0]: readonly number[]): number {
  return new Date(year, month - 1, day, hour, minute, second).getTime();
}
