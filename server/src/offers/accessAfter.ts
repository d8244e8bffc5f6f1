/** What nginx does once an edit of the configuration is made. */
import type { Edit } from "../fixes/edit.ts";
import type { Access } from "../nginx/access.ts";

/** The access at one of the places of an edit, after it. */
export function accessAfter(access: Access, edit: Edit): Access {
  switch (edit.kind) {
    case "path":
      return access.protocol === "unix" || access.protocol === "file" ? { ...access, path: edit.path } : access;
    case "port":
      if (access.protocol !== "tcp" && access.protocol !== "udp") return access;
      return access.kind === "bind"
        ? { ...access, port: edit.port, lastPort: edit.port }
        : { ...access, port: edit.port };
    case "tcp": {
      const { file, span, directive, via, certainty } = access;
      return {
        file,
        span,
        directive,
        via,
        certainty,
        kind: "connect",
        protocol: "tcp",
        host: edit.host,
        port: edit.port,
      };
    }
  }
}
