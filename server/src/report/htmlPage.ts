/** The report as one HTML file: no network, no script from elsewhere, and a policy that forbids both. */
import type { Report } from "./report.ts";
import { causesOf, type Cause } from "./causes.ts";
import { accessesSection } from "./htmlAccesses.ts";
import { causesSection } from "./htmlCauses.ts";
import { mapOf } from "./htmlMap.ts";
import { PAGE_SCRIPT, PAGE_SCRIPT_HASH } from "./htmlScript.ts";
import { PAGE_STYLE, PAGE_STYLE_HASH } from "./htmlStyle.ts";
import { placeLink, severityWords, verdictWords, type PageAbout } from "./htmlWords.ts";
import { markup, Markup, nothing } from "./markup.ts";
import type { SiteLink } from "./siteMap.ts";

/** `report` with its accesses (`--all`). */
export function htmlPage(report: Report, links: readonly SiteLink[], about: PageAbout): string {
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
          ${causesSection(causes, about)} ${mapSection(links, about)} ${accessesSection(report, about)}
          ${policySection(report, about)}
        </main>
        <script>${new Markup(PAGE_SCRIPT)}</script>
      </body>
    </html> `.text;
}

function modeWords({ policy }: Report): string {
  return policy.mode === "assumed" ? "assumed, not read from a host" : `this host, ${policy.mode}`;
}

function totals({ findings, accesses = [], files, container }: Report, causes: readonly Cause[]): Markup {
  const bySeverity = (["error", "warning", "information", "hint"] as const)
    .map((severity) => [severity, causes.filter((cause) => cause.severity === severity).length] as const)
    .filter(([, number]) => number > 0);
  const verdicts = (["denied", "unknown", "allowed"] as const).map(
    (verdict) => [verdict, accesses.filter((access) => access.verdict === verdict).length] as const,
  );
  return markup`<ul class="totals">
      ${bySeverity.map(([severity, number]) => markup`<li class="${severity}"><b>${number}</b> ${severityWords(severity, number)}</li> `)}
      ${causes.length === 0 ? markup`<li class="allowed"><b>0</b> findings</li>` : markup`<li><b>${findings.length}</b> ${findings.length === 1 ? "place" : "places"}</li>`}
      ${verdicts.map(([verdict, number], i) => markup`<li><b>${number}</b> ${i === 0 ? "accesses " : ""}${verdictWords[verdict]}</li> `)}
      <li><b>${files.length}</b> ${files.length === 1 ? "file" : "files"}</li>
    </ul>
    ${container === null ? nothing : markup`<p>This configuration is for nginx in a container, so the policy of the host was not asked: ${container}</p>`}`;
}

function mapSection(links: readonly SiteLink[], about: PageAbout): Markup {
  const map = mapOf(links, about.nameOf);
  return map === null
    ? nothing
    : markup`<section aria-labelledby="map">
        <h2 id="map">Sites, upstreams and targets</h2>
        ${map}
      </section>`;
}

function policySection({ policy, notes }: Report, about: PageAbout): Markup {
  const facts: readonly (readonly [name: string, value: string])[] = [
    ["Policy", `${policy.title} (${policy.source})`],
    ["Provenance", policy.provenance],
    ["Mode", policy.mode],
    ["Labels", policy.exactLabels ? "exact" : "of a bundled release: right nearly always, never certain"],
    ...(policy.reason === null ? [] : [["Chosen because", policy.reason] as const]),
  ];
  return markup`<section aria-labelledby="policy">
    <h2 id="policy">The policy that answered</h2>
    <dl>
      ${facts.map(
        ([name, value]) =>
          markup`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${
      notes.length === 0
        ? nothing
        : markup`<h3>Not checked</h3>
            <ul>
              ${notes.map((note) => markup`<li>${placeLink(note, about)}: ${note.message}</li>`)}
            </ul>`
    }
  </section>`;
}
