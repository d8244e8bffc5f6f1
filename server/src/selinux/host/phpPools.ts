/** Which php-fpm service listens on a socket, by its pool files: no unit names the socket, and its processes are root's. */
import type { Host } from "../../host/host.ts";
import { namesIn, readText } from "../../host/readHost.ts";

/** Pool files lie in one directory for each version that is installed. */
interface PoolDirectory {
  readonly path: string;
  /** Name of the service that reads it. */
  readonly unit: string;
}

/** More pool files than this are not read. */
const MOST_POOLS = 256;

/** By socket path: the name of the service whose pool file says `listen = PATH`. `root`: "" or a copy of a machine's `/`. */
export async function readPhpPools(host: Host, root: string): Promise<ReadonlyMap<string, string>> {
  const services = new Map<string, string>();
  let pools = 0;
  for (const { path, unit } of await poolDirectories(host, root)) {
    for (const name of await namesIn(host, root + path)) {
      if (!name.endsWith(".conf") || ++pools > MOST_POOLS) continue;
      const text = await readText(host, `${root}${path}/${name}`);
      for (const socket of socketsOf(text ?? "")) services.set(socket, unit);
    }
  }
  return services;
}

/** Where the packages of RHEL and Fedora, of Debian and Ubuntu, and of Remi's repository have their pools. */
async function poolDirectories(host: Host, root: string): Promise<readonly PoolDirectory[]> {
  const debian = (await namesIn(host, `${root}/etc/php`)).filter((name) => /^\d+\.\d+$/.test(name));
  const remi = (await namesIn(host, `${root}/etc/opt/remi`)).filter((name) => /^php\d+$/.test(name));
  return [
    { path: "/etc/php-fpm.d", unit: "php-fpm.service" },
    ...debian.map((version) => ({ path: `/etc/php/${version}/fpm/pool.d`, unit: `php${version}-fpm.service` })),
    ...remi.map((name) => ({ path: `/etc/opt/remi/${name}/php-fpm.d`, unit: `${name}-php-fpm.service` })),
  ];
}

/** The unix sockets that the pools of a file listen on; `$pool` stands for the name of the pool (php-fpm.conf). */
function socketsOf(text: string): readonly string[] {
  const sockets: string[] = [];
  let pool = "";
  for (const line of text.split("\n")) {
    pool = /^\s*\[([^\]]+)\]/.exec(line)?.[1] ?? pool;
    const value = /^\s*listen\s*=\s*["']?(\/[^\s;"']+)/.exec(line)?.[1];
    if (value !== undefined) sockets.push(value.replaceAll("$pool", pool));
  }
  return sockets;
}
