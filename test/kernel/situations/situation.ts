/** The form of a situation, and the words in which situations are written. */
import type { Site } from "../nginx.ts";

/** One configuration on the guest. What the kernel makes of it is asked, not written here. */
export interface Situation {
  /** A sentence's end: "nginx and ...". */
  readonly name: string;
  /** Makes files, which stay over a reboot. */
  readonly files?: string;
  /** Starts backends and mounts, at first, again after a fix that they must see, and after a reboot. */
  readonly starts?: string;
  /** Takes all of it back. */
  readonly ends?: string;
  /** TCP ports of 127.0.0.1 on which a service answers 200; one service for all situations. */
  readonly ports?: readonly number[];
  readonly site: Site;
  /** What curl is given to ask; the one page of the site where nothing else is said. */
  readonly url?: string;
  /** A command that prints the status of the answer, in place of curl. */
  readonly asks?: string;
  /** The rules that say of the working site, before or after the fix, that it will not last, or is more than is needed. */
  readonly warns?: readonly string[];
  /** Why no finding of ours says what the kernel refuses; the table shows it. */
  readonly unsaid?: string;
  /** Why no command alone mends it: what is offered then changes the configuration, or nothing is. */
  readonly unfixed?: string;
  /** Why the printed undo does not bring the refusal back. */
  readonly staysFixed?: string;
  /** Why an ordinary user hears less than root, who hears it all. */
  readonly hidden?: string;
}

/** Situations of one kind, which are prepared, judged, mended and taken back together. */
export interface Kind {
  readonly name: string;
  readonly situations: readonly Situation[];
}

/** A service in the guest. `serves`: arguments of backends.py; `properties`: of its unit. */
export function backend(unit: string, serves: string, properties = "", program = "/usr/bin/python3"): string {
  return `${stopBackend(unit)}
    systemd-run -q --collect --unit=${unit} --service-type=notify ${properties} ${program} /opt/backends.py ${serves}`;
}

export function stopBackend(unit: string): string {
  return `systemctl stop ${unit} 2>/dev/null || true`;
}

/** Makes a page that can be asked for. */
export function page(directory: string): string {
  return `mkdir -p ${directory}; echo hello >${directory}/index.html`;
}

export const proxyTo = (target: string): string => `location / { proxy_pass http://${target}; }`;
