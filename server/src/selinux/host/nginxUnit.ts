/** What nginx.service and its drop-ins say of the files of nginx (systemd.unit(5), systemd.exec(5)). */
import { nameOf } from "../../base/paths.ts";
import type { Host } from "../../host/host.ts";
import { namesIn, readText } from "../../host/readHost.ts";
import type { NginxUnit } from "./hostState.ts";
import { readUnit, settingsOf, UNIT_DIRECTORIES } from "./systemdUnits.ts";

const NAME = "nginx.service";

/** The unit with its drop-ins; null where the host has none. */
export async function readNginxUnit(host: Host, root: string): Promise<NginxUnit | null> {
  const unit = await readUnit(host, root, NAME);
  if (unit === null) return null;
  const text = [unit.text, ...(await dropIns(host, root))].join("\n");
  const whole = { name: NAME, text };
  const isPrivate = settingsOf(whole, "PrivateTmp").at(-1);
  return {
    privateTmp: isPrivate !== undefined && /^(?:1|yes|y|true|t|on|disconnected)$/i.test(isPrivate),
    removes: settingsOf(whole, "ExecStartPre").flatMap(removedBy),
  };
}

/** By their names in order; of two with one name that in the first directory counts. */
async function dropIns(host: Host, root: string): Promise<readonly string[]> {
  const found = new Map<string, string>();
  for (const directory of UNIT_DIRECTORIES) {
    const path = `${root}${directory}/${NAME}.d`;
    for (const name of await namesIn(host, path)) {
      if (name.endsWith(".conf") && !found.has(name)) found.set(name, `${path}/${name}`);
    }
  }
  const paths = [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  const texts = await Promise.all(paths.map((path) => readText(host, path)));
  return texts.filter((text) => text !== null);
}

/** Absolute paths that a command removes: `-/usr/bin/rm -f /run/nginx.pid`. */
function removedBy(command: string): readonly string[] {
  const [program = "", ...words] = command.replace(/^[-@:+!|]+/, "").split(/\s+/);
  if (nameOf(program) !== "rm") return [];
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, "$2")).filter((word) => word.startsWith("/"));
}
