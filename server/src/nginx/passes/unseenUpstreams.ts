/** Names that upstreams may have which stand in files that are not seen. */
import type { Address } from "../blocks/address.ts";
import { isIpv4 } from "../blocks/address.ts";
import type { Space } from "../blocks/blocks.ts";

/** True where a bare word that people use as the name of an upstream, no address and no domain, may be one. */
export function mayBeUnseen(space: Space, address: Address): boolean {
  if (!space.unseen || !address.noPort) return false;
  if (address.family !== "name" || address.host.includes(".")) return false;
  return address.host.toLowerCase() !== "localhost" && !isIpv4(address.host);
}

/** The reason for the user. */
export function unseenReason(address: Address): string {
  return `"${address.host}" may be an upstream of a file that is not seen here`;
}
