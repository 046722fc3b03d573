/** The check before sending: the same faults the server would find, told at the field, without the way there and back. */
import { isBlank, numberOf, valueAt } from "./data.js";
import { isRequired } from "./rules.js";

const DEFAULT_MOST = 2000;

export function checkForm(root, apply) {
  const form = root.closest("form");
  if (!form) return;
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.formNoValidate || ["_add", "_remove", "_drop", "_redraw"].includes(button?.name)) return;
    apply.now();
    const outcome = outcomeOf(root, button);
    const faults = faultsOf(apply, outcome);
    tell(apply.state.places, faults);
    if (!faults.size) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    jump(faults.keys().next().value.element);
  }, true);
  root.addEventListener("change", (event) => clear(event.target.closest("[data-field]")));
}

/** What the pressed button answers, if the form has an outcome; the rules see it as the field's value. */
function outcomeOf(root, button) {
  const outcome = root.querySelector("[data-outcome]");
  return outcome && button?.name === outcome.dataset.field ? button.value : null;
}

function faultsOf({ state, feel }, outcome) {
  const faults = new Map();
  const note = (place, message) => !faults.has(place) && faults.set(place, message);
  if (outcome !== null) {
    const place = state.places.find(({ rules }) => rules.outcome !== undefined);
    state.seen = { ...state.seen, [place.rules.field]: outcome };
  }
  const open = state.places.filter(({ element }) => !state.hidden.has(element) && !element.classList.contains("is-readonly"));
  for (const place of open) {
    const message = faultOf(place, state, feel, outcome);
    if (message) note(place, message);
  }
  if (feel) checkStatements(open, state, feel, faults, note);
  return faults;
}

function faultOf(place, state, feel, outcome) {
  const { kind, rules, element } = place;
  if (kind === "dynamiclist") return rowFault(element, rules);
  if (!place.keyed || rules.outcome !== undefined) return "";
  if (rules.uploading !== undefined) return `“${rules.label}”还在上传，请稍候。`;
  const value = valueAt(state.data, place.steps);
  if (kind === "number") {
    const typed = element.querySelector("input").value.trim();
    if (typed && numberOf(typed) === null) return `“${rules.label}”请填写数字，例如 12 或 3.5。`;
  }
  const required = isRequired(place, state, feel, outcome);
  if (isBlank(kind, value)) return required ? missing(kind, rules.label) : "";
  if (kind === "textfield" || kind === "textarea") return textFault(value, rules, limits(rules, place, state, feel), required);
  if (kind === "number") return numberFault(value, rules, limits(rules, place, state, feel));
  return "";
}

function rowFault(element, { label, min }) {
  const rows = element.querySelectorAll("[data-rows] > [data-row]");
  const filled = [...rows].filter((row) => [...row.querySelectorAll("input:not([type=hidden]), select, textarea, [data-file]")]
    .some((field) => (["checkbox", "radio"].includes(field.type) ? field.checked : field.value?.trim() || field.dataset.file !== undefined)));
  return filled.length < Number(min) ? `“${label}”至少填写 ${min} 行。` : "";
}

function missing(kind, label) {
  if (kind === "checkbox") return `请确认并勾选“${label}”。`;
  if (kind === "filepicker") return `请上传“${label}”。`;
  return `请${["textfield", "textarea", "number", "datetime"].includes(kind) ? "填写" : "选择"}“${label}”。`;
}

/** Limits as numbers; one written as an expression needs the interpreter. */
function limits(rules, place, state, feel) {
  const read = (text) => {
    if (text === undefined || text === "") return null;
    const value = text.startsWith("=") ? feel?.valueOfExpression(text, state.names(place)) : text;
    return value === null || value === undefined || Number.isNaN(Number(value)) ? null : Number(value);
  };
  return { min: read(rules.min), max: read(rules.max), minLength: read(rules.minlength), maxLength: read(rules.maxlength) };
}

function textFault(value, rules, { minLength, maxLength }, required) {
  const length = value.trim().length;
  const least = minLength ?? (rules.opinion !== undefined && required ? 10 : 0);
  const most = maxLength ?? DEFAULT_MOST;
  if (length < least) return `“${rules.label}”不能少于 ${least} 字，现在是 ${length} 字，请补充。`;
  if (length > most) return `“${rules.label}”不能超过 ${most} 字，现在是 ${length} 字，请精简。`;
  if (rules.pattern !== undefined && !matches(rules.pattern, value)) {
    return rules.patternMessage || `“${rules.label}”的格式不符合要求，请检查后重新填写。`;
  }
  return "";
}

function matches(pattern, value) {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return true;
  }
}

function numberFault(value, { label }, { min, max }) {
  if (min !== null && value < min) return `“${label}”不能小于 ${min}。`;
  if (max !== null && value > max) return `“${label}”不能大于 ${max}。`;
  return "";
}

function checkStatements(open, state, feel, faults, note) {
  for (const place of open) {
    if (place.rules.checks === undefined || faults.has(place)) continue;
    const value = valueAt(state.seen, place.steps);
    if (isBlank(place.kind, value) && !Array.isArray(value)) continue;
    for (const [text, message] of JSON.parse(place.rules.checks)) {
      if (feel.valueOfExpression(text, state.names(place)) === true) continue;
      const doubtful = [...faults.keys()].some((other) => new RegExp(`\\b${other.steps[0]}\\b`).test(text));
      if (!doubtful) note(place, message);
    }
  }
}

function tell(places, faults) {
  for (const place of places) {
    clear(place.element);
    const message = faults.get(place);
    if (message) show(place.element, message);
  }
}

function show(field, message) {
  const note = Object.assign(document.createElement("p"), { className: "field-error", textContent: message });
  const control = controlOf(field);
  note.id = `${control?.id || field.id}-error`;
  field.classList.add("is-invalid");
  field.append(note);
  control?.setAttribute("aria-invalid", "true");
  const described = (control?.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== note.id);
  control?.setAttribute("aria-describedby", [...described, note.id].join(" "));
}

function clear(field) {
  if (!field?.classList.contains("is-invalid")) return;
  field.classList.remove("is-invalid");
  field.querySelectorAll(":scope > .field-error").forEach((note) => note.remove());
  field.querySelectorAll("[aria-invalid]").forEach((control) => control.removeAttribute("aria-invalid"));
}

function controlOf(field) {
  const controls = "input:not([type=hidden]):not([hidden]), select:not([hidden]), textarea";
  return field.matches("[data-kind=dynamiclist]") ? field.querySelector("[data-add]") : field.querySelector(controls);
}

function jump(field) {
  (controlOf(field) ?? field).focus({ preventScroll: true });
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  field.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
}
