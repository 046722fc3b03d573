/**
 * Small controls: filters that apply at once, menus that close, printing, questions before what cannot be undone, and
 * wide tables that the keyboard can scroll.
 */

export function watchFilters() {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-filter] select")) event.target.form.requestSubmit();
  });
}

/** A menu closes when something else is pressed, and on Escape, which gives the focus back. */
export function watchMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target) || event.target.closest(".menu-list a")) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

export function watchPrint() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
  window.addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details.filed")) part.open = true;
  });
}

export function watchQuestions() {
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
}

/** A large map opens where the matter stands; one button shows it whole. */
export function watchMaps() {
  for (const map of document.querySelectorAll("[data-map]")) {
    map.scrollTo(Number(map.dataset.x) - map.clientWidth / 2, Number(map.dataset.y) - map.clientHeight / 2);
    map.querySelector("img").addEventListener("load", () => {
      map.scrollTo(Number(map.dataset.x) - map.clientWidth / 2, Number(map.dataset.y) - map.clientHeight / 2);
    });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-map-fit]");
    if (!button) return;
    const fitted = document.querySelector("[data-map]").classList.toggle("is-fitted");
    button.textContent = fitted ? "原始大小" : "看全图";
  });
}

/** A table wider than its place gets the focus and a name, so that arrow keys scroll it; one that fits is passed over. */
export function watchTables() {
  const watcher = new ResizeObserver((entries) => {
    for (const box of new Set(entries.map(({ target }) => target.closest(".table-scroll")))) if (box) reach(box);
  });
  const watch = (root) => {
    for (const box of root.querySelectorAll(".table-scroll")) {
      watcher.observe(box);
      if (box.firstElementChild) watcher.observe(box.firstElementChild);
    }
  };
  watch(document);
  document.addEventListener("htmx:load", (event) => watch(event.detail.elt));
}

function reach(box) {
  if (box.scrollWidth <= box.clientWidth) {
    for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    return;
  }
  const heading = box.querySelector("caption") ?? box.closest("section, fieldset")?.querySelector("h2, h3, h4, legend");
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `${heading?.textContent.trim() || "表格"}，可左右滚动`);
}
