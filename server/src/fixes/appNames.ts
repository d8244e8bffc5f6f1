/** What an application is called, as far as a path tells. */

/** Names that say what a thing is, not whose it is. */
const GENERIC: ReadonlySet<string> = new Set([
  ..."app application backend current default deploy deploys html http https logs log main node nginx php-fpm public".split(
    " ",
  ),
  ..."puma gunicorn unicorn uwsgi thin server service shared site sites sock socket sockets src tmp web webapp www".split(
    " ",
  ),
  ..."data etc home lib local mnt media opt root run srv usr var".split(" "),
]);

/** What may stand in a unit file and in nginx.conf without quotes. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/u;

/**
 * Names for the application that a normal path belongs to, the most telling one first: that of the file without its
 * ending, that of the nearest directory that is no general one, and the file's even where it is general. A path that
 * ends in a slash is a directory's. Only names that need no quotes anywhere.
 */
export function namesFor(path: string): readonly string[] {
  const parts = path.split("/");
  const file = (parts.pop() ?? "").replace(/\.[A-Za-z]+$/u, "");
  const directories = parts.filter((part) => part !== "" && !GENERIC.has(part.toLowerCase())).reverse();
  const telling = GENERIC.has(file.toLowerCase()) ? [] : [file];
  const names = [...telling, ...directories.slice(0, 1), file];
  return [...new Set(names)].filter((name) => PLAIN.test(name));
}
