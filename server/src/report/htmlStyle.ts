/** The style of the page: readable in light and dark, in print, and without colours. */

export const PAGE_STYLE = `
:root { --text: #1f2328; --soft: #57606a; --line: #d0d7de; --back: #ffffff; --field: #f6f8fa;
  --error: #b3261e; --warning: #8a5a00; --information: #0b57d0; --hint: #57606a; --allowed: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9da7b3; --line: #3d444d; --back: #0d1117; --field: #161b22;
  --error: #ff8f85; --warning: #e3b341; --information: #79b8ff; --hint: #9da7b3; --allowed: #56d364; } }
body.vscode-light, body.vscode-high-contrast-light { --text: #1f2328; --soft: #57606a; --line: #d0d7de; --back: #ffffff; --field: #f6f8fa;
  --error: #b3261e; --warning: #8a5a00; --information: #0b57d0; --hint: #57606a; --allowed: #1a7f37; }
body.vscode-dark, body.vscode-high-contrast { --text: #e6edf3; --soft: #9da7b3; --line: #3d444d; --back: #0d1117; --field: #161b22;
  --error: #ff8f85; --warning: #e3b341; --information: #79b8ff; --hint: #9da7b3; --allowed: #56d364; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 70rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, Ubuntu, Cantarell, "Noto Sans", sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 .3rem; } h4 { font-size: .95rem; margin: .6rem 0 .2rem; }
.about, .rule { color: var(--soft); margin: .2rem 0; }
.totals { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; margin: 1rem 0; list-style: none; }
.totals li { border: 1px solid var(--line); border-radius: .4rem; padding: .3rem .7rem; }
.totals b { font-size: 1.15rem; }
.cause { border: 1px solid var(--line); border-left: .35rem solid var(--line); border-radius: .4rem; padding: .8rem 1rem; margin: .8rem 0; }
.cause.error { border-left-color: var(--error); } .cause.warning { border-left-color: var(--warning); border-left-style: double; }
.cause.information, .cause.hint { border-left-color: var(--information); border-left-style: dotted; }
.badge { font-size: .8rem; font-weight: 600; border: 1px solid currentColor; border-radius: .3rem; padding: 0 .35rem; white-space: nowrap; }
.error .badge, .denied .badge, .totals .error { color: var(--error); } .warning .badge, .totals .warning { color: var(--warning); }
.unknown .badge, .hint .badge { color: var(--hint); } .information .badge { color: var(--information); }
.allowed .badge, .totals .allowed { color: var(--allowed); }
.places { margin: .3rem 0; padding-left: 1.2rem; max-height: 12rem; overflow: auto; }
.place { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: .85rem; overflow-wrap: anywhere; }
.linked .place { text-decoration: underline; cursor: pointer; } svg .place { font: inherit; }
.commands { display: flex; gap: .5rem; align-items: flex-start; }
pre { flex: 1; min-width: 0; margin: .2rem 0; padding: .5rem .7rem; overflow: auto; background: var(--field); border: 1px solid var(--line); border-radius: .3rem; font-size: .85rem; }
code { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; }
button, input, select { font: inherit; color: inherit; background: var(--field); border: 1px solid var(--line); border-radius: .3rem; padding: .2rem .6rem; }
button { cursor: pointer; } :focus-visible { outline: .15rem solid var(--information); outline-offset: .1rem; }
.map { overflow: auto; } .map svg { display: block; width: 100%; min-width: 44rem; height: auto; font: .8rem system-ui, sans-serif; fill: var(--text); }
.map rect { fill: var(--field); stroke: var(--line); } .map rect.denied { stroke: var(--error); stroke-width: 2; }
.map rect.unknown { stroke-dasharray: 4 3; } .map path { fill: none; stroke: var(--soft); } .map path.denied { stroke: var(--error); stroke-width: 2; stroke-dasharray: 6 3; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; } th, td { text-align: left; vertical-align: top; padding: .25rem .4rem; border-bottom: 1px solid var(--line); }
td { overflow-wrap: break-word; } td:nth-child(-n+5) { white-space: nowrap; } td:nth-child(3), td:nth-child(6) { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; } td:last-child { min-width: 14rem; }
.table { overflow: auto; }
th button { font-weight: 600; border: 0; background: none; padding: 0; } th[aria-sort="ascending"] button::after { content: " \\25B2"; } th[aria-sort="descending"] button::after { content: " \\25BC"; }
.filters { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem 1rem; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } button.copy, .filters { display: none; } .cause, tr { break-inside: avoid; }
  .places, .map { max-height: none; overflow: visible; } pre { white-space: pre-wrap; } details::details-content { content-visibility: visible; block-size: auto; } }
`;

/** SHA-256 of the text in Base64, for the content security policy of the page. */
export const PAGE_STYLE_HASH = "0RApgfta0UPVrnCq/xsVrvRgjvVVXvHm3OpHCEQ74Bs=";
