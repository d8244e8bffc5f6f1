/**
 * Looks at the hosts that answer, again and again while a server needs them. selinuxfs does not report its changes, and
 * files below /etc/selinux are replaced by renaming: asking for a few stamps is simpler than watching, and misses nothing.
 */
import type { Host } from "../host/host.ts";
import type { LiveSource } from "./liveSource.ts";

export interface HostWatch {
  /** Begins or ends watching. */
  need(needed: boolean): void;
  /** Looks at once, also at what no stamp tells. */
  refresh(): Promise<void>;
}

export interface HostWatchOptions {
  readonly host: Pick<Host, "after" | "now">;
  readonly hosts: Pick<LiveSource, "hold" | "refresh" | "use">;
  /** Called after a look that found a change. */
  readonly changed: () => void;
  readonly log: (error: unknown) => void;
}

/** Milliseconds between two looks: a change is to be seen within a second. */
const pauses = { live: 250, asked: 5000, none: 1000 } as const;
/** Looking takes at most one part in so many of the time. */
const IDLE_SHARE = 20;

export function createHostWatch({ host, hosts, changed, log }: HostWatchOptions): HostWatch {
  let needed = false;
  let takeBack = (): void => undefined;

  const look = async (thoroughly: boolean): Promise<void> => {
    const began = host.now();
    try {
      if (await hosts.refresh(thoroughly)) changed();
    } catch (error) {
      log(error);
    }
    takeBack();
    if (needed) plan(Math.max(pauses[hosts.use()], IDLE_SHARE * (host.now() - began)));
  };
  const plan = (pause: number): void => {
    takeBack = host.after(pause, () => void look(false));
  };

  return {
    need(value) {
      if (value === needed) return;
      needed = value;
      hosts.hold(value);
      takeBack();
      if (value) plan(pauses.live);
    },
    refresh: () => look(true),
  };
}
