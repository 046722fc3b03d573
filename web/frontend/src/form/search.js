/** Long lists of choices get a search field: a combobox over a native select, a filter above many boxes. */

let numbered = 0;

export function addSearch(root) {
  for (const select of root.querySelectorAll("select[data-search]")) combobox(select);
  for (const box of root.querySelectorAll(".choices[data-search]")) filter(box);
}

function filter(box) {
  if (box.dataset.dressed !== undefined) return;
  box.dataset.dressed = "";
  const search = Object.assign(document.createElement("input"),
    { type: "search", className: "input choices-search", placeholder: "输入文字查找", ariaLabel: "查找选项" });
  search.addEventListener("input", (event) => {
    event.stopPropagation();
    const wanted = search.value.trim().toLowerCase();
    for (const choice of box.querySelectorAll(".choice")) {
      choice.hidden = !choice.querySelector("input").checked && !choice.textContent.toLowerCase().includes(wanted);
    }
  });
  box.before(search);
}

/** The WAI-ARIA combobox pattern; the select stays and holds the value, so that nothing else changes. */
function combobox(select) {
  if (select.dataset.dressed !== undefined) return;
  select.dataset.dressed = "";
  numbered += 1;
  const list = Object.assign(document.createElement("ul"), { className: "combo-list", id: `combo-${numbered}`, hidden: true });
  list.setAttribute("role", "listbox");
  const input = Object.assign(document.createElement("input"),
    { type: "text", className: "input", id: select.id, autocomplete: "off", placeholder: "输入文字查找，或从列表选择" });
  const attributes = { role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  for (const name of ["aria-describedby", "aria-required", "aria-invalid"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  select.removeAttribute("id");
  select.hidden = true;
  const holder = Object.assign(document.createElement("div"), { className: "combo" });
  select.before(holder);
  holder.append(select, input, list);
  behave(select, input, list);
}

function behave(select, input, list) {
  let current = -1;
  const label = () => (select.value === "" ? "" : select.selectedOptions[0]?.textContent ?? "");
  const options = () => [...list.children];
  const open = (wanted) => {
    const found = [...select.options].filter((option) => option.value !== "" && option.textContent.toLowerCase().includes(wanted));
    list.replaceChildren(...found.map((option, index) => entry(option, list.id, index)));
    if (!found.length) list.replaceChildren(Object.assign(document.createElement("li"), { className: "field-note", textContent: "没有匹配的选项" }));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    point(-1);
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.value = label();
  };
  const point = (index) => {
    current = index;
    options().forEach((option, position) => option.setAttribute("aria-selected", String(position === index)));
    const chosen = options()[index];
    if (chosen?.id) input.setAttribute("aria-activedescendant", chosen.id);
    chosen?.scrollIntoView({ block: "nearest" });
  };
  const choose = (value) => {
    select.value = value;
    select.dispatchEvent(new Event("input", { bubbles: true }));
    select.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  };
  input.value = label();
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => open(""));
  input.addEventListener("input", (event) => {
    event.stopPropagation();
    if (input.value === "") choose("");
    open(input.value.trim().toLowerCase());
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      if (list.hidden) open("");
      else point(Math.min(Math.max(current + steps[event.key], 0), options().length - 1));
    } else if (event.key === "Enter" && !list.hidden && !event.ctrlKey) {
      event.preventDefault();
      const chosen = options()[current] ?? (options().length === 1 ? options()[0] : null);
      if (chosen?.dataset.value !== undefined) choose(chosen.dataset.value);
    } else if (event.key === "Escape") {
      close();
    }
  });
  // Before the blur that the press would cause.
  list.addEventListener("pointerdown", (event) => {
    const chosen = event.target.closest("[role=option]");
    event.preventDefault();
    if (chosen) choose(chosen.dataset.value);
  });
}

function entry(option, prefix, index) {
  const line = Object.assign(document.createElement("li"), { id: `${prefix}-${index}`, textContent: option.textContent });
  line.setAttribute("role", "option");
  line.setAttribute("aria-selected", "false");
  line.dataset.value = option.value;
  return line;
}
