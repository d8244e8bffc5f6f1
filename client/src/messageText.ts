/** Text for the editor's messages and its status bar. Pure. */

/** For a message: what comes from files and settings stays text. The editor makes a link, of commands too, of `[text](target)`. */
export function messageText(text: string): string {
  return text.replaceAll("](", "] (");
}

/** For the status bar, on one line: the editor makes an icon of `$(name)`. */
export function statusBarText(text: string): string {
  return text.replaceAll("$(", "(").replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
}
