/** A small policy with one of everything that the reader answers for, modelled on how distributions confine nginx. */
import type { SyntheticPolicy } from "./encoder.ts";

/** The small policy in a version from 24 to 35. */
export function webPolicy(version: number): SyntheticPolicy {
  return {
    version,
    unknown: 4,
    others: true,
    capabilities: [0, 1],
    permissive: ["loose_t"],
    commons: { socket: ["read", "write"], file: ["read", "write", "open"] },
    classes: {
      process: { permissions: ["transition", "sigchld"] },
      tcp_socket: { common: "socket", permissions: ["name_connect", "name_bind"] },
      file: { common: "file", permissions: ["entrypoint"] },
      dir: { common: "file", permissions: ["search"] },
      sock_file: {
        common: "file",
        permissions: ["relabelfrom"],
        constraints: [
          // Only the same role may: processes are system_r, objects object_r, so none may.
          { permissions: ["relabelfrom"], expression: [{ kind: 4, attribute: 2, operator: 1 }] },
          // Source low level dominates target low level, or source is httpd_t: always true between s0 and s0.
          {
            permissions: ["write"],
            expression: [
              { kind: 4, attribute: 32, operator: 3 },
              { kind: 5, attribute: 4, operator: 1, names: [1] },
              "or",
              { kind: 5, attribute: 4 + 8, operator: 2, names: [3] },
              "and",
            ],
          },
        ],
      },
    },
    types: [
      "httpd_t",
      "init_t",
      "secret_t",
      "httpd_exec_t",
      "http_port_t",
      "db_port_t",
      "unreserved_port_t",
      "port_t",
      "content_t",
      "run_t",
      "tmp_t",
      "httpd_tmp_t",
      "loose_t",
      "child_t",
    ],
    attributes: {
      domain: ["httpd_t", "init_t", "loose_t", "child_t"],
      port_type: ["http_port_t", "db_port_t", "unreserved_port_t", "port_t"],
      web_domain: ["httpd_t"],
    },
    nameless: ["web_domain"],
    aliases: { nginx_t: "httpd_t", www_port_t: "http_port_t" },
    bounds: { child_t: "httpd_t" },
    roles: { object_r: [], system_r: ["httpd_t", "init_t", "loose_t", "child_t"] },
    booleans: { connect_any: false, connect_db: true, maintenance: false },
    sids: { 1: "init_t", 9: "port_t" },
    ports: [
      // Added on the host: in front, out of order.
      { protocol: 6, low: 8000, high: 8100, type: "db_port_t" },
      // The policy's own, by width.
      { protocol: 6, low: 80, high: 80, type: "http_port_t" },
      { protocol: 6, low: 8080, high: 8080, type: "http_port_t" },
      { protocol: 132, low: 5000, high: 5001, type: "unreserved_port_t" },
      { protocol: 17, low: 1024, high: 65535, type: "unreserved_port_t" },
    ],
    rules: [
      { kind: "allow", source: "httpd_t", target: "http_port_t", cls: "tcp_socket", permissions: ["name_bind"] },
      { kind: "allow", source: "domain", target: "content_t", cls: "file", permissions: ["read", "open"] },
      { kind: "allow", source: "web_domain", target: "run_t", cls: "sock_file", permissions: ["write", "relabelfrom"] },
      { kind: "allow", source: "httpd_t", target: "secret_t", cls: "sock_file", permissions: ["write"] },
      { kind: "dontaudit", source: "httpd_t", target: "secret_t", cls: "file", permissions: ["read"] },
      { kind: "dontaudit", source: "domain", target: "tmp_t", cls: "dir", permissions: ["search"] },
      { kind: "allow", source: "child_t", target: "secret_t", cls: "file", permissions: ["read"] },
      { kind: "allow", source: "child_t", target: "port_type", cls: "tcp_socket", permissions: ["name_connect"] },
      { kind: "transition", source: "init_t", target: "httpd_exec_t", cls: "process", newType: "httpd_t" },
      { kind: "transition", source: "httpd_t", target: "tmp_t", cls: "file", newType: "httpd_tmp_t" },
      ...(version >= 30 ? [{ kind: "allowxperm", source: "httpd_t", target: "content_t", cls: "file" } as const] : []),
      { kind: "allow", source: "httpd_t", target: "content_t", cls: "dir", permissions: ["search"] },
    ],
    conditionals: [
      {
        expression: ["connect_any"],
        whenTrue: [
          {
            kind: "allow",
            source: "web_domain",
            target: "port_type",
            cls: "tcp_socket",
            permissions: ["name_connect"],
          },
        ],
        whenFalse: [
          {
            kind: "dontaudit",
            source: "web_domain",
            target: "port_type",
            cls: "tcp_socket",
            permissions: ["name_connect"],
          },
        ],
      },
      {
        expression: ["connect_db", "maintenance", "!", "&&"],
        whenTrue: [
          { kind: "allow", source: "httpd_t", target: "db_port_t", cls: "tcp_socket", permissions: ["name_connect"] },
        ],
        whenFalse: [
          { kind: "allow", source: "httpd_t", target: "http_port_t", cls: "tcp_socket", permissions: ["name_connect"] },
          { kind: "transition", source: "httpd_t", target: "run_t", cls: "file", newType: "httpd_tmp_t" },
        ],
      },
    ],
    nameTransitions: [
      { name: "web.sock", sources: ["httpd_t", "init_t"], target: "run_t", cls: "sock_file", newType: "httpd_tmp_t" },
      { name: "db.sock", sources: ["httpd_t"], target: "run_t", cls: "sock_file", newType: "secret_t" },
    ],
  };
}
