/** A file that is copied before the configuration names the copy. Both paths are absolute. */
export interface FileCopy {
  readonly from: string;
  readonly to: string;
  /** Of the copy, which root owns: a key is for nginx's master process alone. */
  readonly mode: "600" | "644";
}
