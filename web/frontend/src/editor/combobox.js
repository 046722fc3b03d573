/** A text field with a list: chosen by name, filtered while typing; what is not in the list may be typed. */
import { isTextFieldEntryEdited, useShowEntryEvent } from "@bpmn-io/properties-panel";
import { h } from "@bpmn-io/properties-panel/preact";
import { useEffect, useRef, useState } from "@bpmn-io/properties-panel/preact/hooks";

import "./combobox.css";

/**
 * An entry of the properties panel.
 *
 * `spec` has `id`, `label`, `options` (a list of {value, label, note}, or a function of the element that gives one),
 * `read(element)`, `useWrite()` (gives a function of element and value), `typed(text)` (the value of a text that is no
 * option) and `hint`, the words under a list in which nothing fits what was typed.
 */
export function combobox(spec) {
  return { ...spec, component: Combobox, isEdited: isTextFieldEntryEdited };
}

/** Return the options whose name, code or note holds what was typed. */
export function fitting(options, text) {
  const wanted = text.trim().toLowerCase();
  const holds = (part) => part?.toLowerCase().includes(wanted);
  return options.filter(({ value, label, note }) => holds(value) || holds(label) || holds(note));
}

/** Return the value a typed text means: an option by its code or by its name where only one has it, else as typed. */
export function meant(options, text, typed = (value) => value) {
  const wanted = text.trim();
  if (options.some(({ value }) => value === wanted)) return wanted;
  const named = options.filter(({ label }) => label === wanted);
  return named.length === 1 ? named[0].value : wanted && typed(wanted);
}

/** One field per element: what is being typed belongs to the element it was begun for. */
function Combobox(props) {
  return h(Field, { ...props, key: props.element.id });
}

function Field({ element, id, label, options, read, useWrite, typed, hint }) {
  const known = typeof options === "function" ? options(element) : options;
  const write = useWrite();
  const value = read(element);
  const [text, setText] = useState(null);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const chosen = known.find((option) => option.value === value);
  const rows = open ? fitting(known, text ?? "") : [];
  const pending = useRef(null);
  const close = () => { pending.current = null; setText(null); setOpen(false); setAt(-1); };
  const choose = (next) => {
    close();
    if (next !== value) write(element, next);
  };
  const commit = () => (text === null ? close() : choose(meant(known, text, typed)));
  pending.current = text === null ? null : commit;
  useEffect(() => () => pending.current?.(), []);
  const show = () => { setOpen(true); setAt(-1); };
  const keys = {
    ArrowDown: () => (open ? setAt(Math.min(at + 1, rows.length - 1)) : show()),
    ArrowUp: () => setAt(Math.max(at - 1, -1)),
    Enter: () => (rows[at] ? choose(rows[at].value) : commit()),
    Escape: close,
  };
  const pressed = (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") return commit();
    if (!Object.hasOwn(keys, event.key) || event.isComposing) return undefined;
    event.preventDefault();
    event.stopPropagation();
    return keys[event.key]();
  };
  const input = {
    type: "text", role: "combobox", autocomplete: "off", spellcheck: false, class: "bio-properties-panel-input",
    id: `bio-properties-panel-${id}`, name: id, value: text ?? chosen?.label ?? value, placeholder: "选择或输入…",
    "aria-expanded": String(open), "aria-controls": `${id}-list`, "aria-autocomplete": "list",
    "aria-activedescendant": rows[at] ? `${id}-${at}` : undefined,
    onInput: (event) => { setText(event.target.value); show(); }, onClick: show, onBlur: commit, onKeyDown: pressed,
    onFocus: (event) => event.target.select(), ref: useShowEntryEvent(id),
  };
  return h("div", { class: "bio-properties-panel-entry", "data-entry-id": id },
    h("label", { class: "bio-properties-panel-label", for: input.id }, label),
    h("div", { class: "editor-combo" },
      h("div", { class: "editor-combo-field" }, h("input", input),
        value && h("button", { type: "button", title: `清除${label}`, onClick: () => choose("") }, "×")),
      open && h(List, { id, rows, at, choose, hint })),
    chosen && chosen.label !== value && h("code", { class: "editor-combo-code" }, value));
}

function List({ id, rows, at, choose, hint }) {
  const list = useRef(null);
  useEffect(() => list.current.scrollIntoView({ block: "nearest" }), []);
  useEffect(() => list.current.children[at]?.scrollIntoView({ block: "nearest" }), [at]);
  const row = ({ value, label, note }, place) => h("li", {
    key: value, id: `${id}-${place}`, role: "option", "aria-selected": String(place === at), "data-value": value,
    onClick: () => choose(value),
  }, label, label !== value && h("code", null, value), note && h("small", null, note));
  const nothing = h("li", { class: "is-word" }, hint || "列表中没有");
  // The field keeps the focus while somebody points at the list.
  return h("ul", { id: `${id}-list`, class: "editor-combo-list", role: "listbox", ref: list,
    onMouseDown: (event) => event.preventDefault() }, rows.length ? rows.map(row) : nothing);
}
