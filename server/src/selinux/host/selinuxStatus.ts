/** The status page of selinuxfs: what changes when the kernel's policy, booleans or mode change. */
import { HostError, type Host } from "../../host/host.ts";

export interface SelinuxStatus {
  readonly enforcing: boolean;
  /** Changes with every policy load and every commit of booleans (kernel status.c and services.c). */
  readonly policyLoad: number;
}

/** u32 version, sequence, enforcing, policyload, deny_unknown. */
const PAGE = 20;
const ATTEMPTS = 8;

/** Reads a page that the kernel is not just changing. Null where there is none, or it does not come to rest. */
export async function readStatus(host: Host, path: string): Promise<SelinuxStatus | null> {
  let before: number | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const page = await readPage(host, path);
    if (page === null) return null;
    const sequence = page(4);
    // Odd while it is written; the same twice means that nothing changed between the two reads.
    if (sequence % 2 === 0 && sequence === before) return { enforcing: page(8) !== 0, policyLoad: page(12) };
    before = sequence;
    if (sequence % 2 === 1) await host.yield();
  }
  return null;
}

/** Numbers at their offsets, in the machine's byte order: the version is small in the right one. */
async function readPage(host: Host, path: string): Promise<((offset: number) => number) | null> {
  let bytes: Uint8Array;
  try {
    bytes = await host.readFile(path, 2 ** 16);
  } catch (error) {
    if (error instanceof HostError) return null;
    throw error;
  }
  if (bytes.length < PAGE) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = view.getUint32(0, true) <= 0xffff;
  return (offset) => view.getUint32(offset, littleEndian);
}
