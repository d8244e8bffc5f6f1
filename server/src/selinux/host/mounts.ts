/** The mounts of a host, and those that have one label for everything in them (mount(8), `context=`). */
import type { Host } from "../../host/host.ts";
import { readText } from "../../host/readHost.ts";
import type { HostFacts } from "./hostState.ts";

/** What the host's /proc/mounts says; nothing of mounts where it cannot be read. */
export async function readMounts(host: Host, root: string): Promise<Pick<HostFacts, "mounts" | "fixedLabels">> {
  const text = await readText(host, `${root}/proc/mounts`);
  if (text === null) return { fixedLabels: [] };
  const mounts = text.split("\n").flatMap((line) => {
    const [, place = "", , options = ""] = line.split(" ");
    const isFixed = options.split(",").some((option) => option.startsWith("context="));
    return place === "" ? [] : [{ place: unescaped(place), isFixed }];
  });
  return {
    mounts: mounts.map(({ place }) => place),
    fixedLabels: mounts.flatMap(({ place, isFixed }) => (isFixed ? [place] : [])),
  };
}

/** A blank is `\040` there (fstab(5)). */
function unescaped(place: string): string {
  return place.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}
