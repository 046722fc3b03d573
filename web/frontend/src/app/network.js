/** The network: a lost connection is said at once, and nothing on the page is thrown away. */

export function watchNetwork() {
  const note = document.querySelector("[data-offline]");
  if (!note) return;
  const show = () => {
    note.hidden = navigator.onLine;
  };
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  document.addEventListener("htmx:sendError", () => {
    note.hidden = false;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) note.hidden = true;
  });
  show();
}

/** Say something for a few seconds, where a screen reader hears it too. */
export function toast(text) {
  const said = document.createElement("p");
  said.className = "toast";
  said.setAttribute("role", "status");
  said.textContent = text;
  document.body.append(said);
  setTimeout(() => said.remove(), 4000);
}
