/** Text in Markdown. */

/** Text that comes from files shows as it is: no links, no images, no markup, on one line. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!<>|~&]/g, "\\$&").replace(/[\u0000-\u001f\u007f]/g, " ");
}
