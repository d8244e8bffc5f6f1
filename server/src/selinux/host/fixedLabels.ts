/** File systems that are mounted with one label for everything in them (mount(8), `context=`). */
import type { Host } from "../../host/host.ts";
import { readText } from "../../host/readHost.ts";

/** Where they are mounted, as the host's /proc/mounts says; none where it cannot be read. */
export async function readFixedLabels(host: Host, root: string): Promise<readonly string[]> {
  const text = await readText(host, `${root}/proc/mounts`);
  return (text ?? "").split("\n").flatMap((line) => {
    const [, place = "", , options = ""] = line.split(" ");
    const isFixed = options.split(",").some((option) => option.startsWith("context="));
    return isFixed
      ? [place.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))]
      : [];
  });
}
