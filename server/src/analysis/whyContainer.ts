/** Whether a configuration is for nginx in a container, by all that is known of it. */
import type { ContainerSign } from "../containers/containerSigns.ts";
import type { HostState } from "../selinux/host/hostState.ts";
import type { ContainerSetting } from "../shared/settings.ts";

/**
 * Why a configuration counts as one for nginx in a container; null where it is for the host.
 * `host`: null where none is asked. `sign`: null where none was found.
 */
export function whyContainer(
  wanted: ContainerSetting,
  host: HostState | null,
  sign: ContainerSign | null,
): string | null {
  if (wanted !== "auto") return wanted === "yes" ? "that was asked for" : null;
  if (sign !== null) return sign.reason;
  if (host === null || host.nginx.domain === null || !host.nginx.container) return null;
  return `the nginx of this host runs in one (${host.nginx.how}, ${host.nginx.domain})`;
}
