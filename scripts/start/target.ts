/** What `npm start` opens. */
import { existsSync, statSync } from "node:fs";
import { cp } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { root } from "../packages/product.ts";

/** The folder, the file in front, and the configuration that is checked. */
export interface Target {
  readonly folder: string;
  readonly file: string;
  readonly checked: string;
  /** Where the folder is a copy that goes away: what to name for later. */
  readonly lasting: string;
}

/** Settings under which the file in front is checked whatever its name is: `web.conf`, `sites/shop`. */
export function settingsFor({ file }: Pick<Target, "file">): Readonly<Record<string, unknown>> {
  // A pattern, whose own characters cannot be escaped.
  const pattern = file.replaceAll("\\", "/").replaceAll(/[[\]{}*?!,]/gu, "?");
  return { "files.associations": { [pattern]: "nginx" } };
}

/** A mistake of the user, or something that cannot be done here: exit code 2 and this message. */
export class StartError extends Error {}

/** `path`: a configuration or a folder that has one. Without it the sample, copied into `temporary`. */
export async function chooseTarget(path: string | undefined, temporary: string): Promise<Target> {
  if (path === undefined) return sampleCopy(join(temporary, "sample"));
  const absolute = resolve(path);
  if (!existsSync(absolute)) throw new StartError(`${path}: no such file or directory`);
  if (statSync(absolute).isDirectory()) {
    const main = ["nginx.conf", "nginx/nginx.conf", "etc/nginx/nginx.conf"]
      .map((name) => join(absolute, name))
      .find((name) => existsSync(name));
    if (main === undefined) throw new StartError(`${path}: no nginx.conf in it`);
    return { folder: absolute, file: main, checked: main, lasting: absolute };
  }
  const parent = dirname(absolute);
  // A file of conf.d is read, and checked, as a part of the configuration that it belongs to.
  const folder = [parent, dirname(parent)].find((name) => existsSync(join(name, "nginx.conf")));
  if (folder === undefined || dirname(absolute) === folder)
    return { folder: parent, file: absolute, checked: absolute, lasting: parent };
  return { folder, file: absolute, checked: join(folder, "nginx.conf"), lasting: folder };
}

/** A copy, so that trying a fix does not change the project. */
async function sampleCopy(folder: string): Promise<Target> {
  await cp(join(root, "sample"), folder, { recursive: true });
  return {
    folder,
    file: join(folder, "nginx", "conf.d", "upstreams.conf"),
    checked: join(root, "sample", "nginx", "nginx.conf"),
    lasting: join(root, "sample"),
  };
}
