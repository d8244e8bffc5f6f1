/** `nginx-selinux denials`: what this host has recorded, joined to the lines of its configuration. */
import type { Gathered } from "../denials/gather.ts";
import { Engine } from "../workspace/engine.ts";
import { ConfigurationUnreadable } from "../nginx/load/loadConfiguration.ts";
import type { DenialsCommand } from "./arguments.ts";
import { rootDirectory, surroundingsOf } from "./check.ts";
import { absolutePath, type Console } from "./console.ts";
import { explainGathered, writeExplained, type Joined } from "./explainLines.ts";
import { followLogs } from "./followLogs.ts";
import { logsOf } from "./logs.ts";
import { LogReaders } from "./readLogs.ts";
import { sinceInstant } from "./since.ts";

/** Exit code: 0 where nothing is refused now, 1 where something is, 2 where no log was read. What cannot run is thrown. */
export async function denials(command: DenialsCommand, console: Console): Promise<number> {
  const root = command.root === null ? "" : await rootDirectory(console, command.root);
  const engine = new Engine(
    console.host,
    surroundingsOf(console, command, command.policies[0], { root, container: "no" }),
  );
  const main = absolutePath(console, command.config ?? `${root}/etc/nginx/nginx.conf`);
  const joined = await joinedTo(main, command.config !== null, engine);
  const since = command.since === null ? null : sinceInstant(command.since, console.host.date());
  const logs = await logsOf(command, root, joined, since, console);
  const readers = new LogReaders(logs.read, since, console);
  try {
    const read = await readers.readAll(!command.follow);
    const gathered = concerning(read.gathered);
    const at = joined === null ? `${console.directory}/x` : main;
    const explained = await explainGathered(gathered, joined, engine, at);
    console.complain(`policy: ${explained.policy.chosen.facts.info.title} (${explained.policy.chosen.reason})`);
    const names = logs.read.flatMap(({ name }) => (read.unread.some(({ log }) => log === name) ? [] : [name]));
    if (command.format === "text" || names.length === 0) console.complain(readWords(names, gathered));
    const unread = [...logs.unread, ...read.unread];
    const code = await writeExplained(explained, { gathered, joined, unread }, command, console);
    if (!command.follow) return names.length === 0 ? 2 : code;
    const more = await followLogs(readers, { console, engine, joined, at, form: command, concerning });
    return Math.max(code, more);
  } finally {
    await readers.close();
  }
}

/** The configuration; null where the usual one is not there. One that was asked for and cannot be read is thrown. */
export async function joinedTo(main: string, isWanted: boolean, engine: Engine): Promise<Joined | null> {
  try {
    const { analysis } = await engine.analyzeFile(main);
    return { analysis, configuration: analysis.configuration, accesses: analysis.accesses };
  } catch (error) {
    if (error instanceof ConfigurationUnreadable && !isWanted) return null;
    throw error;
  }
}

/** nginx's refusals, and those of other programs of its domain; the host's other programs are no matter of this tool. */
function concerning(gathered: Gathered): Gathered {
  const refusals = gathered.refusals.filter(
    ({ subject }) =>
      subject.nginx === true || (subject.nginx === null && subject.source !== null) || subject.source === WEB_DOMAIN,
  );
  return { ...gathered, refusals };
}

/** The domain that nginx shares with Apache and php-fpm. */
const WEB_DOMAIN = "httpd_t";

/** What was read, and whether it tells of a refusal. `names`: of the logs that were read. */
function readWords(names: readonly string[], { refusals }: Gathered): string {
  if (names.length === 0) return "no log was read: nothing is known of refusals on this host";
  const all = names.join(", ");
  return refusals.length === 0 ? `no refusal of nginx in ${all}` : `read: ${all}`;
}
