/**
 * The bundle of pages with a form: conditions, sums and suggestions at once, rows, searching, counting, uploads and a
 * check before sending. Everything works without it; the server decides anyway.
 */
import { checkForm } from "./form/check.js";
import { countCharacters } from "./form/count.js";
import { uploadFiles } from "./form/files.js";
import { editRows } from "./form/rows.js";
import { applyRules } from "./form/rules.js";
import { addSearch } from "./form/search.js";

const started = new WeakSet();

export function startForms(root) {
  const found = root.matches?.("[data-form]") ? [root] : [...root.querySelectorAll("[data-form]")];
  for (const fields of found) {
    if (started.has(fields)) continue;
    started.add(fields);
    start(fields);
  }
}

function start(fields) {
  const apply = applyRules(fields);
  const dress = (part) => {
    addSearch(part);
    countCharacters(part);
  };
  dress(fields);
  editRows(fields, dress, apply.soon);
  uploadFiles(fields, apply.soon);
  checkForm(fields, apply);
  fields.addEventListener("input", apply.soon);
  fields.addEventListener("change", apply.soon);
  fields.addEventListener("keydown", (event) => {
    // Enter ends a line of typing (and chooses characters); only a button sends the form.
    const field = event.target;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && field.matches("input:not([type=submit])")) {
      event.preventDefault();
    }
  });
  apply.now();
}

if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", () => startForms(document));
} else {
  startForms(document);
}
document.addEventListener("htmx:load", (event) => startForms(event.detail.elt));
