/** From controls to data: the nested values of a form as engine.forms sees them, and where each field stands in them. */

/** `evidence[0].name` becomes ["evidence", 0, "name"]. */
export function stepsOf(path) {
  return path.split(/\.|(?=\[)/).map((part) => (part.startsWith("[") ? Number(part.slice(1, -1)) : part));
}

export function valueAt(data, steps) {
  return steps.reduce((value, step) => (value === null || value === undefined ? undefined : value[step]), data);
}

export function putAt(data, steps, value) {
  steps.slice(0, -1).forEach((step, index) => {
    const next = typeof steps[index + 1] === "number" ? [] : {};
    if (data[step] === null || typeof data[step] !== "object") data[step] = next;
    data = data[step];
  });
  data[steps.at(-1)] = value;
}

/** All fields of the form in its order, without those of the blank rows in templates. */
export function placesOf(root) {
  return [...root.querySelectorAll("[data-field]")].map((element) => {
    const steps = stepsOf(element.dataset.field);
    return { element, steps, kind: element.dataset.kind, rules: element.dataset, keyed: isKeyed(element) };
  });
}

function isKeyed(element) {
  return !["group", "text", "separator", "table", "dynamiclist"].includes(element.dataset.kind);
}

export function dataOf(places) {
  const data = {};
  for (const place of places) {
    if (place.kind === "dynamiclist") putAt(data, place.steps, []);
    else if (place.keyed) putAt(data, place.steps, valueOf(place));
  }
  return data;
}

/** The value of one field as JSON, as the server would read it; what cannot be read is null. */
export function valueOf({ element, kind }) {
  const output = element.querySelector(":scope > output.auto");
  if (output) return JSON.parse(output.dataset.value);
  const controls = [...element.querySelectorAll("input[name], select[name], textarea[name]")]
    .filter((control) => !control.name.endsWith("._row"));
  if (kind === "checkbox") return controls.some((control) => control.checked);
  if (kind === "checklist" || kind === "taglist") return controls.filter((box) => box.checked).map(choiceOf);
  if (kind === "radio") return controls.filter((box) => box.checked).map(choiceOf)[0] ?? null;
  if (kind === "filepicker" && element.matches(".is-readonly")) return [...element.querySelectorAll("a")].map(shownFile);
  if (kind === "filepicker") return controls.filter((control) => control.type === "hidden").map(fileOf);
  const control = controls[0];
  if (!control) return null;
  if (kind === "select") return control.value === "" ? null : choiceOf(control.selectedOptions[0] ?? control);
  return typed(control, kind, element.dataset.serialize !== undefined);
}

/** `asText`: a number that form-js keeps as the text it was typed as (serializeToString). */
function typed(control, kind, asText) {
  const text = control.value;
  if (kind === "number") return asText && numberOf(text) !== null ? text.trim() : numberOf(text);
  if (kind !== "datetime") return text;
  if (text === "") return null;
  return control.type === "date" ? text : `${text.length === 5 || text.length === 16 ? `${text}:00` : text}+08:00`;
}

export function numberOf(text) {
  const trimmed = text.trim();
  return /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?$/.test(trimmed) ? Number(trimmed) : null;
}

/** Choices that are no texts are written as JSON and marked. */
function choiceOf(control) {
  return control.dataset.json === undefined ? control.value : JSON.parse(control.value);
}

function fileOf(control) {
  const [id, ...name] = control.value.split("/");
  return { id, name: name.join("/") };
}

function shownFile(link) {
  return { id: decodeURIComponent(link.getAttribute("href").split("/").at(-1)), name: link.textContent };
}

export function isBlank(kind, value) {
  if (kind === "checkbox") return value !== true;
  if (typeof value === "string") return value.trim() === "";
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}
