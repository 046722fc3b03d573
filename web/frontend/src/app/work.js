/** Lists: a row opens as a whole; on wide screens the task of 我的工作 opens beside the list. */
import htmx from "htmx.org";

import { mayLeave } from "./drafts.js";

const wide = window.matchMedia("(min-width: 1100px)");

/** Show a task beside the list; the address names it, so that reloading and going back show the same. */
async function openBeside(row, remember = true) {
  if (!mayLeave()) return;
  const work = document.querySelector("[data-work]");
  const pane = document.querySelector("#pane");
  for (const other of work.querySelectorAll("tr.is-current")) other.classList.remove("is-current");
  row.classList.add("is-current");
  work.classList.add("has-task");
  row.scrollIntoView({ block: "nearest" });
  pane.innerHTML = '<div class="task"><span class="skeleton"></span><span class="skeleton"></span><span class="skeleton"></span></div>';
  if (remember) {
    const address = new URL(window.location);
    address.searchParams.set("task", row.dataset.task);
    window.history.pushState({}, "", address);
  }
  await htmx.ajax("GET", row.dataset.href, { target: "#pane", swap: "innerHTML show:none" });
  document.body.classList.toggle("has-action-bar", Boolean(pane.querySelector("#task-form")));
  window.scrollTo({ top: 0 });
}

export function watchWork() {
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    const link = event.target.closest("a, button, form, label");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    if (link && !link.closest(".cell-title")) return;
    if (window.getSelection().toString()) return;
    const beside = row.dataset.task && row.closest("[data-work]") && wide.matches;
    if (!beside && link) return;
    event.preventDefault();
    if (beside) openBeside(row);
    else window.location.assign(row.dataset.href);
  });
  window.addEventListener("popstate", () => {
    if (document.querySelector("[data-work]")) window.location.reload();
  });
}
