/** What nginx does, in words: for the command line and the editor. */
import type { Access, FileAccess } from "../nginx/access.ts";

export interface AccessWords {
  /** `connect to`, and `connects to`. */
  readonly verb: string;
  readonly verbs: string;
  /** `tcp port`, `unix socket`, `file`; the whole object where there is no name. */
  readonly what: string;
  /** The port, range or path; null where it is not known, "" where the object has none. */
  readonly name: string | null;
}

/** The words for an access. Names are as they are in the configuration: escape them for where they go. */
export function accessWords(access: Access): AccessWords {
  switch (access.kind) {
    case "limit":
      return { verb: "raise", verbs: "raises", what: "the limits of its own processes", name: "" };
    case "capability":
      return { verb: "use", verbs: "uses", what: rightWords[access.right], name: "" };
    case "read":
    case "append":
    case "write":
      return { ...fileVerbs[access.kind], what: fileWhat(access), name: access.path ?? access.below };
    case "connect": {
      const verbs = { verb: "connect to", verbs: "connects to" };
      if (access.protocol === "unix") return { ...verbs, what: "unix socket", name: access.path };
      return { ...verbs, what: `${access.protocol} port`, name: access.port === null ? null : `${access.port}` };
    }
    case "bind": {
      const verbs = { verb: "listen on", verbs: "listens on" };
      if (access.protocol === "unix") return { ...verbs, what: "unix socket", name: access.path };
      const { port, lastPort } = access;
      const range = lastPort === port ? `${port}` : `${port}-${lastPort}`;
      return { ...verbs, what: `${access.protocol} port`, name: port === null ? null : range };
    }
  }
}

const rightWords = {
  net_raw: "addresses that are not this host's (capability net_raw)",
  execmem: "memory that is written and executed (process execmem)",
} as const;

const fileVerbs = {
  read: { verb: "read", verbs: "reads" },
  append: { verb: "append to", verbs: "appends to" },
  write: { verb: "write", verbs: "writes" },
} as const;

function fileWhat({ object, path, kind }: FileAccess): string {
  if (object === "file" && path !== null) return "file";
  return kind === "read" ? "files in" : "to files in";
}
