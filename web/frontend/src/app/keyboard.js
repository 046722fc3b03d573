/** The keyboard: / search, j k move, Enter open, c claim, Ctrl+Enter main action, ? help. */

const typing = (element) => element.closest("input, textarea, select, [contenteditable], dialog[open]");
const rows = () => [...document.querySelectorAll("tr[data-href]")].filter((row) => row.offsetParent !== null);

function current() {
  return document.activeElement.closest?.("tr[data-href]") || document.querySelector("tr[data-href].is-current");
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const here = all.indexOf(current());
  const next = all[Math.max(0, Math.min(all.length - 1, here + step))];
  next.querySelector("a").focus();
  next.scrollIntoView({ block: "nearest" });
}

function claim() {
  const button = current()?.querySelector("[data-claim]") || document.querySelector("[data-task-page] [data-claim]");
  button?.click();
}

const acts = {
  "/": () => {
    const field = document.querySelector("#search");
    field?.focus();
    field?.select();
  },
  j: () => move(1),
  k: () => move(-1),
  c: claim,
  "?": () => document.querySelector("#keys")?.showModal(),
};

function mainAction() {
  document.querySelector("#task-form [data-main]:not([disabled])")?.click();
}

export function watchKeyboard() {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      mainAction();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const act = acts[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
}
