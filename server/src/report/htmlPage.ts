/** The report as one HTML file: no network, no script from elsewhere, and a policy that forbids both. */
import type { Report, ReportDecision, ReportFix } from "./report.ts";
import { causesOf, type Cause, type CausePlace } from "./causes.ts";
import { markup, Markup } from "./markup.ts";
import { mapSvg } from "./htmlMap.ts";
import { targetName } from "./targetName.ts";
import { PAGE_SCRIPT, PAGE_SCRIPT_HASH } from "./htmlScript.ts";
import { PAGE_STYLE, PAGE_STYLE_HASH } from "./htmlStyle.ts";

/** Beside the report: what the page names, in the words of whoever writes it. */
export interface PageAbout {
  /** The configuration's main file. */
  readonly main: string;
  /** The day on which the report was made: \`2026-11-26\`. */
  readonly date: string;
  readonly version: string;
  /** The page of a rule. */
  rulePage(rule: string): string;
  /** A path as it is shown. */
  nameOf(path: string): string;
}

/** Rows of the table of accesses; the page says how many are left out. */
const MOST_ROWS = 5000;
const MOST_PLACES = 200;

/** `report` with its accesses (`--all`). */
export function htmlPage(report: Report, about: PageAbout): string {
  const causes = causesOf(report);
  const csp = [
    "default-src 'none'",
    `style-src 'sha256-${PAGE_STYLE_HASH}'`,
    `script-src 'sha256-${PAGE_SCRIPT_HASH}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${csp}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>SELinux for nginx: ${about.nameOf(about.main)}</title>
        <style>${new Markup(PAGE_STYLE)}</style>
      </head>
      <body>
        <header>
          <h1>SELinux for nginx</h1>
          <p class="about">
            ${about.nameOf(about.main)} under <strong>${report.policy.title}</strong> (${modeWords(report)}). Made
            ${about.date} by nginx-selinux ${about.version}.
          </p>
          ${totals(report, causes)}
        </header>
        <main>
          ${causesSection(causes, about)} ${mapSection(report, about)} ${accessesSection(report, about)}
          ${policySection(report, about)}
        </main>
        <script>${new Markup(PAGE_SCRIPT)}</script>
      </body>
    </html> `.text;
}

function modeWords({ policy }: Report): string {
  return policy.mode === "assumed" ? "assumed, not read from a host" : `this host, ${policy.mode}`;
}

function totals({ findings, accesses, files, container }: Report, causes: readonly Cause[]): Markup {
  const count = (verdict: ReportDecision["verdict"]): number =>
    (accesses ?? []).filter((each) => each.verdict === verdict).length;
  const bySeverity = (["error", "warning", "information", "hint"] as const)
    .map((severity) => [severity, causes.filter((cause) => cause.severity === severity).length] as const)
    .filter(([, number]) => number > 0);
  return markup`<ul class="totals">
      ${bySeverity.map(([severity, number]) => markup`<li class="${severity}"><b>${number}</b> ${severityWords(severity, number)}</li> `)}
      ${causes.length === 0 ? markup`<li class="allowed"><b>0</b> findings</li>` : markup`<li><b>${findings.length}</b> ${findings.length === 1 ? "place" : "places"}</li>`}
      <li><b>${count("allowed")}</b> accesses allowed</li>
      <li><b>${count("denied")}</b> refused</li>
      <li><b>${count("unknown")}</b> not known</li>
      <li><b>${files.length}</b> ${files.length === 1 ? "file" : "files"}</li>
    </ul>
    ${container === null ? markup`` : markup`<p>This configuration is for nginx in a container, so the policy of the host was not asked: ${container}</p>`}`;
}

function severityWords(severity: Cause["severity"], number: number): string {
  return severity === "information" ? "information" : number === 1 ? severity : `${severity}s`;
}

function causesSection(causes: readonly Cause[], about: PageAbout): Markup {
  if (causes.length === 0)
    return markup`<section>
      <h2>Causes</h2>
      <p>SELinux refuses nothing that this configuration needs.</p>
    </section>`;
  return markup`<section aria-labelledby="causes">
    <h2 id="causes">Causes</h2>
    ${causes.map((cause, i) => causeBlock(cause, i + 1, about))}
  </section>`;
}

function causeBlock(cause: Cause, number: number, about: PageAbout): Markup {
  const preferred = cause.fixes.find((fix) => fix.preferred);
  const others = cause.fixes.filter((fix) => fix !== preferred);
  return markup`<article class="cause ${cause.severity}" id="cause-${number}">
    <h3><span class="badge">${severityWords(cause.severity, 1)}</span> ${cause.message}</h3>
    <p class="rule"><a href="${about.rulePage(cause.rule)}" rel="noreferrer">${cause.rule}</a></p>
    <ul class="places">
      ${cause.places.slice(0, MOST_PLACES).map((place) => markup`<li>${placeLink(place, about)}${place.other === null ? "" : ` (${place.other})`}</li>`)}${
        cause.places.length > MOST_PLACES ? markup`<li>and ${cause.places.length - MOST_PLACES} more</li>` : markup``
      }
    </ul>
    ${preferred === undefined ? markup`` : fixBlock(preferred, about)}
    ${
      others.length === 0
        ? markup``
        : markup`<details>
            <summary>${others.length} other ${others.length === 1 ? "fix" : "fixes"}</summary>
            ${others.map((fix) => fixBlock(fix, about))}
          </details>`
    }
    ${
      cause.because.length === 0
        ? markup``
        : markup`<details>
            <summary>Evidence</summary>
            <ul>
              ${cause.because.map((sentence) => markup`<li>${sentence}</li>`)}
            </ul>
          </details>`
    }
  </article> `;
}

function fixBlock(fix: ReportFix, about: PageAbout): Markup {
  return markup`<div class="fix">
    <h4>${fix.preferred ? "Fix: " : ""}${fix.title}${fix.durable ? "" : " (temporary)"}</h4>
    ${commands(fix.commands, "Copy commands")}
    ${
      (fix.edits ?? []).length === 0
        ? markup``
        : markup`<ul>
            ${(fix.edits ?? []).map((edit) => markup`<li>${placeLink(edit, about)}: <code>${edit.newText}</code></li>`)}
          </ul>`
    }
    ${fix.opens === "" ? markup`` : markup`<p>${fix.opens}</p>`}
    ${
      fix.undo.length === 0
        ? markup``
        : markup`<details>
            <summary>Undo</summary>
            ${commands(fix.undo, "Copy undo")}
          </details>`
    }
  </div> `;
}

function commands(lines: readonly string[], label: string): Markup {
  if (lines.length === 0) return markup``;
  return markup`<div class="commands">
    <pre tabindex="0"><code>${lines.join("\n")}</code></pre>
    <button type="button" class="copy">${label}</button>
  </div>`;
}

/** A place as text; in the editor's view a click opens it. */
function placeLink({ file, range }: Pick<CausePlace, "file" | "range">, { nameOf }: PageAbout): Markup {
  const { line, character } = range.start;
  return markup`<span class="place" data-file="${file}" data-line="${line}" data-character="${character}"
    >${nameOf(file)}:${line + 1}:${character + 1}</span
  >`;
}

function mapSection(report: Report, about: PageAbout): Markup {
  const svg = mapSvg(report, about.nameOf);
  return svg === null
    ? markup``
    : markup`<section aria-labelledby="map">
        <h2 id="map">Where nginx connects and listens</h2>
        <div class="map" tabindex="0">${svg}</div>
      </section>`;
}

function accessesSection({ accesses = [] }: Report, about: PageAbout): Markup {
  const rows = accesses.slice(0, MOST_ROWS);
  return markup`<section aria-labelledby="accesses">
    <h2 id="accesses">Every access</h2>
    <p class="filters">
      <label>Filter <input type="search" id="filter" autocomplete="off" /></label>
      <label
        >Verdict
        <select id="verdict">
          <option value="">all</option>
          <option>denied</option>
          <option>unknown</option>
          <option>allowed</option>
        </select></label
      >
      <output id="shown">${rows.length} of ${accesses.length}</output>
    </p>
    <div class="table" tabindex="0"><table>
      <thead>
        <tr>
          ${["Verdict", "Access", "Target", "Type", "Checked", "Place", "Because"].map(
            (title) => markup`<th scope="col"><button type="button" class="sort">${title}</button></th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map((access) => accessRow(access, about))}
      </tbody>
    </table></div>
    ${accesses.length > MOST_ROWS ? markup`<p>${accesses.length - MOST_ROWS} more accesses are in the JSON report.</p>` : markup``}
  </section>`;
}

function accessRow(access: ReportDecision, about: PageAbout): Markup {
  const { verdict, kind, protocol, target, permission, because } = access;
  return markup`<tr class="${verdict}">
    <td><span class="badge">${verdict}</span></td>
    <td>${kind} ${protocol}</td>
    <td>${targetName(access)}</td>
    <td>${target ?? ""}</td>
    <td>${access.class ?? ""} ${permission ?? ""}</td>
    <td>${placeLink(access, about)}</td>
    <td>${because.join("; ")}</td>
  </tr> `;
}

function policySection({ policy, notes }: Report, about: PageAbout): Markup {
  return markup`<section aria-labelledby="policy">
    <h2 id="policy">The policy that answered</h2>
    <dl>
      <dt>Policy</dt>
      <dd>${policy.title} (${policy.source})</dd>
      <dt>Provenance</dt>
      <dd>${policy.provenance}</dd>
      <dt>Mode</dt>
      <dd>${policy.mode}</dd>
      <dt>Labels</dt>
      <dd>${policy.exactLabels ? "exact" : "of a bundled release: right nearly always, never certain"}</dd>
      ${
        policy.reason === null
          ? markup``
          : markup`<dt>Chosen because</dt>
              <dd>${policy.reason}</dd>`
      }
    </dl>
    ${
      notes.length === 0
        ? markup``
        : markup`<h3>Not checked</h3>
            <ul>
              ${notes.map((note) => markup`<li>${placeLink(note, about)}: ${note.message}</li>`)}
            </ul>`
    }
  </section>`;
}
