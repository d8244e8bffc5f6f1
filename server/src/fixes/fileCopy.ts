/** A file that is copied before the configuration names the copy. Both paths are absolute. */
export interface FileCopy {
  readonly from: string;
  readonly to: string;
  /** A private key, a ticket key, or the passwords of keys, as the directive says. */
  readonly isSecret: boolean;
}

/**
 * The mode of a copy, which root owns: nginx's master process reads it. A certificate has it too, since its file may hold
 * the private key as well, or be another file than the configuration says.
 */
export const COPY_MODE = "600";
