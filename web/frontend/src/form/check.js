/** The check before sending: the same faults the server would find, told at the field, without the way there and back. */
import { isBlank, numberOf, placesOf, valueAt, valueOf } from "./data.js";
import { isFilled, rowsOf } from "./rows.js";
import { isRequired } from "./rules.js";

const DEFAULT_MOST = 2000;

export function checkForm(root, apply) {
  const form = root.closest("form");
  if (!form) return;
  const ruled = placesOf(root).filter(({ rules }) => rules.readonly !== undefined);
  const drawn = new Map(ruled.map((place) => [place.element, JSON.stringify(valueOf(place))]));
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.formNoValidate || ["_add", "_remove", "_drop", "_redraw"].includes(button?.name)) return;
    apply.now();
    const outcome = outcomeOf(root, button);
    const faults = faultsOf(apply, outcome, drawn);
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

function faultsOf({ state, feel }, outcome, drawn) {
  const faults = new Map();
  const note = (place, message) => !faults.has(place) && faults.set(place, message);
  if (outcome !== null) {
    const place = state.places.find(({ rules }) => rules.outcome !== undefined);
    state.seen = { ...state.seen, [place.rules.field]: outcome };
  }
  const open = state.places.filter(({ element }) => !state.hidden.has(element))
    .filter(({ element }) => !element.classList.contains("is-readonly") && !isDropped(element));
  for (const place of open) {
    const message = closedFault(place, state, feel, drawn) || faultOf(place, state, feel, outcome);
    if (message) note(place, message);
  }
  if (feel) checkStatements(open, state, feel, faults, note);
  return faults;
}

/** Rows in which nothing is filled are not sent on, unless the list is fixed. */
function isDropped(element) {
  const row = element.parentElement.closest("[data-row]");
  if (!row) return false;
  const list = row.closest("[data-kind=dynamiclist]");
  return (!isFilled(row) && list.querySelector(":scope > p > [data-add]") !== null) || isDropped(list);
}

/** A field that an answer closed keeps what it was drawn with. */
function closedFault({ element, kind, rules, steps }, state, feel, drawn) {
  if (rules.readonly === undefined || !feel?.holds(rules.readonly, state.names({ steps }))) return "";
  const kept = drawn.get(element) ?? JSON.stringify(valueOf({ element: anew(element), kind }));
  return JSON.stringify(valueAt(state.data, steps)) === kept && !isUnread({ element, kind }) ? "" : `“${rules.label}”只能查看，不能修改。`;
}

function isUnread({ element, kind }) {
  const typed = kind === "number" ? element.querySelector("input").value.trim() : "";
  return typed !== "" && numberOf(typed) === null;
}

/** A field of a row that was added, as it was then. */
function anew(element) {
  return Object.assign(document.createElement("template"), { innerHTML: element.outerHTML }).content.firstElementChild;
}

function faultOf(place, state, feel, outcome) {
  const { kind, rules, element } = place;
  if (kind === "dynamiclist") return rowFault(element, rules, limits(rules, place, state, feel));
  if (!place.keyed || rules.outcome !== undefined) return "";
  if (rules.uploading !== undefined) return `“${rules.label}”还在上传，请稍候。`;
  const value = valueAt(state.data, place.steps);
  if (isUnread(place)) return `“${rules.label}”请填写数字，例如 12 或 3.5。`;
  const required = isRequired(place, state, feel, outcome);
  if (isBlank(kind, value)) return required ? missing(kind, rules.label) : "";
  if (kind === "textfield" || kind === "textarea") return textFault(value, rules, limits(rules, place, state, feel), required);
  if (kind === "number") return numberFault(Number(value), rules, limits(rules, place, state, feel));
  return Array.isArray(value) ? countFault(value.length, rules, limits(rules, place, state, feel)) : "";
}

function rowFault(list, rules, most) {
  const { length } = rowsOf(list).filter((row) => isFilled(row) || !list.querySelector(":scope > p > [data-add]"));
  if (length < Number(rules.min)) return `“${rules.label}”至少填写 ${rules.min} 行。`;
  return length ? countFault(length, rules, most) : "";
}

function countFault(count, { label }, { minLength, maxLength }) {
  if (minLength !== null && count < minLength) return `“${label}”至少需要 ${minLength} 项，现在是 ${count} 项。`;
  if (maxLength !== null && count > maxLength) return `“${label}”最多 ${maxLength} 项，现在是 ${count} 项。`;
  return "";
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
    return typeof value === "boolean" ? null : numberOf(String(value));
  };
  const [min, max, minLength, maxLength] = [rules.min, rules.max, rules.minlength, rules.maxlength].map(read);
  return { min, max, minLength, maxLength, digits: read(rules.decimaldigits), step: read(rules.increment) };
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

function numberFault(value, { label }, { min, max, digits, step }) {
  if (min !== null && value < min) return `“${label}”不能小于 ${min}。`;
  if (max !== null && value > max) return `“${label}”不能大于 ${max}。`;
  if (digits !== null && decimals(value) > digits) return digits ? `“${label}”最多保留 ${digits} 位小数。` : `“${label}”请填写整数。`;
  return step ? stepFault(value, label, step) : "";
}

/** In whole numbers, since 0.3 % 0.1 is not 0. */
function stepFault(value, label, step) {
  const scale = 10 ** Math.max(decimals(value), decimals(step));
  const [whole, by] = [Math.round(value * scale), Math.round(step * scale)];
  const lower = whole - (whole % by);
  return whole % by ? `“${label}”请填写 ${step} 的倍数，最接近的是 ${lower / scale} 和 ${(lower + by) / scale}。` : "";
}

function decimals(number) {
  const [, after = "", power = "0"] = /^[^.e]*\.?(\d*)(?:e(.+))?$/.exec(String(number));
  return Math.max(0, after.length - Number(power));
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
