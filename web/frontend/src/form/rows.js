/** Rows: add and remove them in the page; the numbers in names, ids and labels follow. */

const ATTRIBUTES = ["name", "id", "for", "value", "data-field", "aria-describedby", "aria-labelledby"];

export function editRows(root, dress, changed) {
  root.querySelectorAll("[data-kind=dynamiclist]").forEach(dropDrawnRow);
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add], [data-remove]");
    if (!button || !root.contains(button)) return;
    event.preventDefault();
    const list = button.closest("[data-kind=dynamiclist]");
    if (button.matches("[data-add]")) add(list, dress);
    else remove(list, button.closest("[data-row]"));
    list.dispatchEvent(new Event("input", { bubbles: true }));
    changed();
  });
}

/** The blank row that an optional list is drawn with serves pages without script; here 增加一行 does. */
function dropDrawnRow(list) {
  const rows = rowsOf(list);
  const mayBeEmpty = list.dataset.min === "0" && list.querySelector("[data-add]");
  if (mayBeEmpty && rows.length === 1 && !isFilled(rows[0])) {
    const template = list.querySelector(":scope > template[data-blank]");
    if (template && template.dataset.index === "0") rows[0].remove();
  }
}

/** Whether anything is ticked, chosen, typed or attached in a row. */
export function isFilled(row) {
  return [...row.querySelectorAll("input[name]:not([type=hidden]), textarea, select, [data-file]")]
    .some((field) => (["checkbox", "radio"].includes(field.type) ? field.checked : field.value?.trim() || field.dataset.file !== undefined));
}

export function rowsOf(list) {
  const holder = list.querySelector("[data-rows]");
  return [...holder.children].filter((row) => row.matches("[data-row]"));
}

function add(list, dress) {
  const template = list.querySelector(":scope > template[data-blank]");
  const rows = rowsOf(list);
  if (!template || rows.length >= Number(list.dataset.max)) return;
  const row = template.content.firstElementChild.cloneNode(true);
  renumber(row, list.dataset.field, Number(template.dataset.index), rows.length);
  list.querySelector("[data-rows]").append(row);
  dress(row);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function remove(list, row) {
  const rows = rowsOf(list);
  const index = rows.indexOf(row);
  if (isFilled(row) && !window.confirm(`删除第 ${index + 1} 行？已填的内容会一起删除。`)) return;
  row.remove();
  rows.slice(index + 1).forEach((later, offset) => renumber(later, list.dataset.field, index + 1 + offset, index + offset));
  (rows[index + 1] ?? rows[index - 1] ?? list).querySelector("input:not([type=hidden]), select, textarea, [data-add]")?.focus();
}

/** Give a row another number, in the attributes of everything in it and in what people read. */
function renumber(row, path, from, to) {
  const names = [`${path}[${from}]`, `${path}[${to}]`];
  const ids = names.map((name) => `field-${name.replace(/[^\p{L}\p{N}_-]/gu, "-")}`);
  const swap = (text) => text.replaceAll(names[0], names[1]).replaceAll(ids[0], ids[1]);
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of ATTRIBUTES) {
      const text = element.getAttribute(attribute);
      if (text && !(attribute === "value" && !element.matches("button"))) element.setAttribute(attribute, swap(text));
    }
    if (element.tagName === "TEMPLATE") element.innerHTML = swap(element.innerHTML);
  }
  for (const number of row.querySelectorAll("[data-number]")) number.textContent = String(to + 1);
  for (const hidden of row.querySelectorAll("[data-remove] .visually-hidden")) hidden.textContent = `第 ${to + 1} 行`;
  if (row.hasAttribute("aria-label")) row.setAttribute("aria-label", row.getAttribute("aria-label").replace(/第 \d+ 行/, `第 ${to + 1} 行`));
}
