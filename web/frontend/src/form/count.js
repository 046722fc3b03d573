/** Counting characters beneath long texts: quietly, and clearly once too many. */

const DEFAULT_MOST = 2000;

export function countCharacters(root) {
  for (const area of root.querySelectorAll("textarea[data-count]")) {
    if (area.dataset.counted !== undefined) continue;
    area.dataset.counted = "";
    const { minlength, maxlength } = area.closest("[data-field]").dataset;
    const least = Number(minlength) || 0;
    const most = Number(maxlength) || DEFAULT_MOST;
    const words = document.createElement("p");
    words.className = "counted";
    const count = () => {
      const length = area.value.trim().length;
      words.hidden = !length && !least;
      words.classList.toggle("is-over", length > most);
      words.textContent = length < least ? `${length} 字，至少 ${least} 字` : `${length} / ${most} 字`;
    };
    area.after(words);
    area.addEventListener("input", count);
    count();
  }
}
