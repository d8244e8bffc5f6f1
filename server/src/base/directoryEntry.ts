/** An entry of a directory, itself and not what it links to. */
export interface DirectoryEntry {
  /** Where it is not UTF-8, with U+FFFD in place of what is not. */
  readonly name: string;
  readonly kind: "file" | "directory" | "link" | "other";
  /** Set for a name that is not UTF-8: no path leads there. */
  readonly isMangled?: true;
}
