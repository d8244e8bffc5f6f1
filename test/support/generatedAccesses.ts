/** Accesses to generated places: below what policies name and what stands for it, with names that are hard to write. */
import type { Access } from "../../server/src/nginx/access.ts";
import { file, listen, listenUnix, tcp, unix } from "../rules/situation.ts";

const names = [
  "site",
  "app",
  "shop-2.1",
  "my site",
  "it's",
  'the "one"',
  "a+b",
  "[odd] (name)",
  "x.y{z}",
  "$money",
  "café",
  "logs",
  "log",
  "cache",
  "run",
  "sockets",
  "ssl",
  "uploads",
  "public",
  "modules",
  "conf.d",
];

/** Where sites, applications and their data lie. */
const usual = [
  "/data",
  "/export",
  "/home/joe",
  "/media",
  "/mnt",
  "/opt",
  "/root",
  "/run",
  "/srv",
  "/tmp",
  "/usr/local",
  "/var/cache",
  "/var/ftp",
  "/var/lib",
  "/var/log",
  "/var/mnt",
  "/var/opt",
  "/var/run",
  "/var/spool",
  "/var/www",
  "/var/www/html",
];

const uses = [
  "config",
  "certificate",
  "code",
  "content",
  "listing",
  "dav",
  "log",
  "cache",
  "temp",
  "store",
  "pid",
] as const;

/**
 * `count` paths, half of them below the usual places, a quarter below `named` (directories that a policy has records for)
 * and a quarter on both sides of `equivalences`.
 */
export function generatedPaths(
  count: number,
  named: readonly string[],
  equivalences: readonly (readonly [from: string, to: string])[],
  random: () => number,
): readonly string[] {
  const pick = pickWith(random);
  const sides = equivalences.flat();
  return Array.from({ length: count }, (_, index) => {
    const base = pick(index % 4 === 0 ? sides : index % 4 === 1 ? named : usual);
    const below = Array.from({ length: Math.floor(random() * 3) }, () => pick(names));
    return [base.replace(/\/$/u, ""), ...below].join("/");
  });
}

/** What nginx may do with a path: three uses of a file or directory, and a socket there. */
export function accessesTo(path: string, random: () => number): readonly Access[] {
  const pick = pickWith(random);
  const files = Array.from({ length: 3 }, () => file(pick(uses), path));
  return [...files, random() < 0.7 ? unix(`${path}/app.sock`) : listenUnix(`${path}/nginx.sock`)];
}

/** Connections and listens on `count` ports. */
export function generatedPorts(count: number, random: () => number): readonly Access[] {
  const pick = pickWith(random);
  const known = [80, 443, 3000, 3128, 5000, 5432, 6379, 8000, 8080, 8081, 8443, 9000, 9010, 9090, 9443, 27017, 50051];
  return Array.from({ length: count }, (_, index) => {
    const port = index % 2 === 0 ? pick(known) : 1 + Math.floor(random() * 65535);
    return pick([tcp(port), listen("tcp", port), listen("udp", port)]);
  });
}

function pickWith(random: () => number): <Item>(items: readonly Item[]) => Item {
  return (items) => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
}
