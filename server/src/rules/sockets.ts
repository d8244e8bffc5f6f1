/** What the rules about unix sockets have in common. */
import type { Access, ConnectSocket } from "../nginx/access.ts";

/** True for a connection to a unix socket, single datagrams included. */
export function isSocketConnect(access: Access): access is ConnectSocket {
  return access.kind === "connect" && access.protocol === "unix";
}

/** True where FastCGI is spoken: the other end is php-fpm as a rule, which runs in nginx's domain. */
export function isFastcgi(access: ConnectSocket): boolean {
  return access.directive === FASTCGI || access.via.some((step) => step.directive === FASTCGI);
}

const FASTCGI = "fastcgi_pass";

/** The domain of a systemd service whose binary has no entry in the policy. */
export const SERVICE_DOMAIN = "unconfined_service_t";
