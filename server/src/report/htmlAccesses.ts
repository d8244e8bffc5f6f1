/** The table of a page: every access with its verdict, to filter and to sort. */
import { mergedEvidence } from "./evidence.ts";
import { placeLink, verdictWords, type PageAbout } from "./htmlWords.ts";
import { markup, nothing, type Markup } from "./markup.ts";
import type { Report, ReportDecision } from "./report.ts";
import { targetName } from "./targetName.ts";

/** Rows of the table; the page says how many are left out. */
const MOST_ROWS = 5000;

const titles = ["Verdict", "Access", "Target", "Type", "Checked", "Place", "Because"];
const verdicts: readonly ReportDecision["verdict"][] = ["denied", "unknown", "allowed"];

/** Refused accesses come first. */
export function accessesSection({ accesses = [] }: Report, about: PageAbout): Markup {
  const rows = accesses
    .toSorted((a, b) => verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict))
    .slice(0, MOST_ROWS);
  return markup`<section aria-labelledby="accesses">
    <h2 id="accesses">Every access</h2>
    <p class="filters">
      <label>Filter <input type="search" id="filter" autocomplete="off" /></label>
      <label
        >Verdict
        <select id="verdict">
          <option value="">all</option>
          ${verdicts.map((verdict) => markup`<option value="${verdict}">${verdictWords[verdict]}</option>`)}
        </select></label
      >
      <output id="shown">${rows.length} of ${accesses.length}</output>
    </p>
    <div class="table" tabindex="0"><table>
      <thead>
        <tr>
          ${titles.map((title) => markup`<th scope="col"><button type="button" class="sort">${title}</button></th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((access) => accessRow(access, about))}
      </tbody>
    </table></div>
    ${accesses.length > MOST_ROWS ? markup`<p>${accesses.length - MOST_ROWS} more accesses are in the JSON report.</p>` : nothing}
  </section>`;
}

function accessRow(access: ReportDecision, about: PageAbout): Markup {
  const { verdict, kind, protocol, target, permission, because } = access;
  return markup`<tr class="${verdict}">
    <td><span class="badge">${verdictWords[verdict]}</span></td>
    <td>${kind} ${protocol}</td>
    <td>${targetName(access)}</td>
    <td>${target ?? ""}</td>
    <td>${access.class ?? ""} ${permission ?? ""}</td>
    <td>${placeLink(access, about)}</td>
    <td>${mergedEvidence(because).join("; ")}</td>
  </tr> `;
}
