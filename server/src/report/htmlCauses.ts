/** The causes of a page: each with its places, the fix to copy, other fixes, evidence. */
import { hasCommands, type Cause } from "./causes.ts";
import { placeLink, type PageAbout } from "./htmlWords.ts";
import { mergedEvidence } from "./evidence.ts";
import { markup, nothing, type Markup } from "./markup.ts";
import type { ReportFix } from "./report.ts";

/** Causes of a page, and places of a cause; the page says how many are left out. */
const MOST_CAUSES = 500;
const MOST_PLACES = 200;

export function causesSection(causes: readonly Cause[], about: PageAbout): Markup {
  if (causes.length === 0)
    return markup`<section aria-labelledby="causes">
      <h2 id="causes">Causes</h2>
      <p>SELinux refuses nothing that this configuration needs.</p>
    </section>`;
  return markup`<section aria-labelledby="causes">
    <h2 id="causes">Causes</h2>
    ${
      about.script === null || !hasCommands(causes)
        ? nothing
        : markup`<p>Every fix in one script:</p>
            ${commands([about.script], "Copy command")}`
    }
    ${causes.slice(0, MOST_CAUSES).map((cause, i) => causeBlock(cause, i + 1, about))}
    ${causes.length > MOST_CAUSES ? markup`<p>${causes.length - MOST_CAUSES} more causes are in the text report.</p>` : nothing}
  </section>`;
}

function causeBlock(cause: Cause, number: number, about: PageAbout): Markup {
  const preferred = cause.fixes.find((fix) => fix.preferred);
  const others = cause.fixes.filter((fix) => fix !== preferred);
  return markup`<article class="cause ${cause.severity}" id="cause-${number}">
    <h3><span class="badge">${cause.severity}</span> ${cause.message}</h3>
    <p class="rule"><a href="${about.rulePage(cause.rule)}" rel="noreferrer">${cause.rule}</a></p>
    <ul class="places">
      ${cause.places.slice(0, MOST_PLACES).map((place) => markup`<li>${placeLink(place, about)}${place.other === null ? "" : ` (${place.other})`}</li>`)}${
        cause.places.length > MOST_PLACES ? markup`<li>and ${cause.places.length - MOST_PLACES} more</li>` : nothing
      }
    </ul>
    ${preferred === undefined ? nothing : fixBlock(preferred, about)}
    ${details(
      `${others.length} other ${others.length === 1 ? "fix" : "fixes"}`,
      others.map((fix) => fixBlock(fix, about)),
    )}
    ${details("Evidence", cause.because.length === 0 ? [] : [bullets(mergedEvidence(cause.because))])}
  </article> `;
}

function fixBlock(fix: ReportFix, about: PageAbout): Markup {
  const edits = fix.edits ?? [];
  const brief = [...(fix.durable ? [] : ["temporary"]), fix.opensBriefly].filter((words) => words !== "").join("; ");
  return markup`<div class="fix">
    <h4>${fix.preferred ? "Fix: " : ""}${fix.title}</h4>
    ${commands(fix.commands, "Copy commands")}
    ${
      edits.length === 0
        ? nothing
        : markup`<ul>
            ${edits.map((edit) => markup`<li>${fix.commands.length === 0 ? "" : "then "}write <code>${edit.newText}</code> at ${placeLink(edit, about)}</li>`)}
          </ul>`
    }
    ${brief === "" ? nothing : markup`<p>${brief}</p>`}
    ${details("What it opens, and how it is taken back", [
      ...(fix.opens === "" ? [] : [markup`<p>${fix.opens}</p>`]),
      ...(fix.undo.length === 0 ? [] : [commands(fix.undo, "Copy undo")]),
    ])}
  </div> `;
}

/** A part that is opened by a click, and open in print; nothing where it has no content. */
function details(title: string, content: readonly Markup[]): Markup {
  return content.length === 0
    ? nothing
    : markup`<details>
        <summary>${title}</summary>
        ${content}
      </details>`;
}

function bullets(sentences: readonly string[]): Markup {
  return markup`<ul>
    ${sentences.map((sentence) => markup`<li>${sentence}</li>`)}
  </ul>`;
}

function commands(lines: readonly string[], label: string): Markup {
  if (lines.length === 0) return nothing;
  return markup`<div class="commands">
    <pre tabindex="0"><code>${lines.join("\n")}</code></pre>
    <button type="button" class="copy">${label}</button>
  </div>`;
}
