/** Directives of NGINX Plus that connect or keep files. */
import { fileDirective } from "../blocks/fileDirectives.ts";
import { failing, httpSchemes, urlConnection } from "../blocks/services.ts";
import type { Handler } from "./handler.ts";
import { foreign, foreignBlock, here, upstreams } from "./handler.ts";
import { connecting, connectingOtherPort } from "./moduleDirectives.ts";
import { readFile } from "./pathDirectives.ts";
import { readResolver } from "./serviceDirectives.ts";

/** `usage_report [endpoint=HOST[:PORT]]`: F5's own server where none is named. */
const readUsageReport: Handler = ({ found }, statement) => {
  const at = statement.option("endpoint=");
  if (at !== null) {
    found.service(failing(UNREPORTED, urlConnection(statement, at, httpSchemes, 443)));
    return;
  }
  const common = { kind: "connect", protocol: "tcp", host: "product.connect.nginx.com", port: 443 } as const;
  const reason = "the endpoint that NGINX Plus has where none is named";
  const { directive } = statement;
  const fails = UNREPORTED;
  found.service({ ...statement.place(0), ...common, directive, via: [], certainty: "one-of", reason, fails });
};

const UNREPORTED = "usage reports fail";

const certificate = fileDirective("read", "certificate", "conf");

/** A file that workers write anew beside the old one: states of upstreams and key-value zones. */
const state = fileDirective("write", "store", "prefix", { by: "worker" });

const readState: Handler = (walk, statement, block) => {
  // It holds the servers of the upstream.
  if (block.upstream !== null) block.upstream.unseen = true;
  readFile(state)(walk, statement, block);
};

export const plusDirectives = [
  foreignBlock(["main"], "0", "mgmt", [
    foreign(here, "0+", "usage_report", readUsageReport),
    foreign(here, "1", "license_token", readFile(fileDirective("read", "config", "conf"))),
    foreign(here, "1", "deployment_context", readFile(fileDirective("read", "config", "conf"))),
    foreign(here, "1+", "resolver", readResolver),
    foreign(here, "1", "proxy", connecting(httpSchemes, UNREPORTED, 80)),
    foreign(here, "1", "state_path", readFile(fileDirective("write", "cache", "prefix", { object: "dir" }))),
    foreign(
      here,
      "1",
      "ssl_certificate ssl_certificate_key ssl_crl ssl_trusted_certificate ssl_password_file",
      readFile(certificate),
    ),
  ]),
  foreignBlock(["http"], "1", "oidc_provider", [
    foreign(here, "1", "issuer config_url", connecting(httpSchemes, "logins fail")),
    foreign(here, "1", "ssl_trusted_certificate ssl_crl", readFile(certificate)),
  ]),
  foreign(["location", "stream.server"], "0+", "health_check", connectingOtherPort),
  foreign(["stream.server"], "1+", "zone_sync_server", connecting([], "zones are not shared")),
  foreign(upstreams, "1", "state", readState),
  foreign(
    ["stream", "stream.server"],
    "1",
    "zone_sync_ssl_certificate zone_sync_ssl_certificate_key zone_sync_ssl_trusted_certificate zone_sync_ssl_crl " +
      "zone_sync_ssl_password_file",
    readFile(certificate),
  ),
  foreign(["http", "stream"], "1+", "keyval_zone", readFile({ ...state, option: "state=" })),
  foreign(["http"], "1+", "session_log_zone", readFile(fileDirective("append", "log", "prefix"))),
];
