/** The script of the page: copy, filter, sort; in the editor's view a place opens its line. It reads what the page holds, nothing else. */

export const PAGE_SCRIPT = `"use strict";
(() => {
  const editor = typeof acquireVsCodeApi === "function" ? acquireVsCodeApi() : null;
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  for (const button of all("button.copy")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      const text = button.parentElement.querySelector("code").textContent;
      let done = true;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        done = document.execCommand("copy");
        area.remove();
      }
      button.textContent = done ? "Copied" : "Select the text and copy it";
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
  if (editor !== null) {
    document.body.classList.add("linked");
    for (const place of all(".place")) {
      place.tabIndex = 0;
      place.setAttribute("role", "link");
      const open = () => editor.postMessage({ file: place.dataset.file, line: Number(place.dataset.line), character: Number(place.dataset.character) });
      place.addEventListener("click", open);
      place.addEventListener("keydown", (event) => { if (event.key === "Enter") open(); });
    }
  }
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const part of closed) part.open = true;
  });
  window.addEventListener("afterprint", () => { for (const part of closed) part.open = false; });
  const body = document.querySelector("tbody");
  if (body === null) return;
  const rows = Array.from(body.rows);
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const filter = document.getElementById("filter");
  const verdict = document.getElementById("verdict");
  const shown = document.getElementById("shown");
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
    let count = 0;
    rows.forEach((row, i) => {
      const fits = (verdict.value === "" || row.className === verdict.value) && words.every((word) => texts[i].includes(word));
      row.hidden = !fits;
      if (fits) count++;
    });
    shown.textContent = count + " of " + rows.length;
  };
  filter.addEventListener("input", apply);
  verdict.addEventListener("change", apply);
  all("th").forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of all("th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = (row) => row.cells[column].textContent;
      const sorted = rows.slice().sort((a, b) => key(a).localeCompare(key(b), "en", { numeric: true }) * (up ? 1 : -1));
      body.append(...sorted);
    });
  });
})();
`;

/** SHA-256 of the text in Base64, for the content security policy of the page. */
export const PAGE_SCRIPT_HASH = "NBk/FPGH8gfmbXdqbL/oINmSZKnxRqQzX5Rw4nhXF0w=";
