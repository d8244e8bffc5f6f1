/** Times as logs write them. */

/** Milliseconds since 1970 of an audit time: `1767603661.358`, or a date of `ausearch -i` that only one locale writes. */
export function auditInstant(time: string): number | null {
  const seconds = /^(\d{6,11})\.(\d{3})$/u.exec(time);
  if (seconds !== null) return Number(seconds[1]) * 1000 + Number(seconds[2]);
  return null;
}

/** The instant of a line: nginx writes the local time of its host, which must be this one. Null where it has no date of these. */
export function instantHere({
  instant,
  time,
}: {
  readonly instant: number | null;
  readonly time: string | null;
}): number | null {
  if (instant !== null || time === null) return instant;
  const date = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)$/u.exec(time);
  if (date === null) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = date.slice(1).map(Number);
  return new Date(year, month - 1, day, hour, minute, second).getTime();
}

const ISO = /(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?/u;

/** The instant of an ISO date with a zone, as `journalctl -o short-iso` writes it; null for other text. */
export function isoInstant(text: string): number | null {
  const match = ISO.exec(text);
  const zone = match?.[7];
  if (match === null || zone === undefined) return null;
  const [, year, month, day, hour, minute, second] = match;
  const offset = zone === "Z" || zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const instant = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(instant) ? null : instant;
}

/**
 * A time for a report: ISO with `Z` where the instant is known, ISO without a zone for nginx's local time, null where the
 * date could be read in two ways.
 */
export function reportTime(time: string | null, instant: number | null): string | null {
  if (instant !== null) return new Date(instant).toISOString().replace(/\.000Z$/u, "Z");
  const local = time === null ? null : /^(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d)$/u.exec(time);
  return local === null ? null : `${local[1]}-${local[2]}-${local[3]}T${local[4]}`;
}
