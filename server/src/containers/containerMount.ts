/** A mount of a container, as a compose file or a quadlet has it. */
import type { LineIndex, Range } from "../base/text.ts";
import type { Mount } from "./mounts.ts";

export interface ContainerMount extends Mount {
  /** Absolute path of the compose file that has it where a service of this one extends a service of that; null for this file. */
  readonly from: string | null;
  /** Name of the service; "" in a quadlet, which has one. */
  readonly service: string;
  /** From 1. */
  readonly line: number;
  /** Where it is written, in UTF-16 columns of `lines`. */
  readonly range: Range;
  /** The text of the file. */
  readonly lines: LineIndex;
  /** The text there, one line; null for a form of several lines. */
  readonly text: string | null;
  /** Relabelling that it asks for: `z` shared, `Z` for this container alone; null for none. */
  readonly relabel: "z" | "Z" | null;
  /** True for a file of `configs`, which no option can label. */
  readonly isConfig: boolean;
  /** False where SELinux does not confine the container: `label=disable`, `privileged`. */
  readonly isConfined: boolean;
}
