/** The reason that a `# selinux-ignore RULE REASON` comment gives. */

/** Text that the quick fix leaves for the user to replace. While it stands nothing is silenced. */
export const placeholderReason = "reason: ...";

/** True for a reason: it has a letter or a digit, and is not the placeholder, nor that of a usage line (`REASON`, `<reason>`). */
export function isReason(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text) && !/^[<[{(]?reason[>\]})]?[:.\s]*$/iu.test(text);
}
