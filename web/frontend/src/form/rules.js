/** Rules at work: hide, compute, suggest and require as the answers change, in the order the server does it. */
import { dataOf, isBlank, placesOf, putAt, valueAt } from "./data.js";
import { inWords } from "./words.js";

const ROUNDS = 12;
const drawnHidden = new WeakMap();
const SIGNS = ["pointerover", "pointerdown", "focusin", "input", "change"];
const LIMITS = '[data-min^="="],[data-max^="="],[data-minlength^="="],[data-maxlength^="="]';
const RULES = `[data-hide],[data-readonly],[data-required-if],[data-compute],[data-options],[data-suggestion],[data-suggested],[data-checks],[data-opinion],[data-says],[data-multiple],${LIMITS}`;
// Rows that may be added stand in templates, where no selector looks.
const IN_ROWS = ["data-compute", "data-hide", "data-says", "data-multiple"];

/**
 * Returns {now, soon, state}: settle at once, settle once per frame, and what was settled last.
 *
 * The server drew the form settled, so FEEL, more than half of what a page with rules weighs, is loaded only when
 * somebody comes near the form. `data-ready` says that what is shown is settled.
 */
export function applyRules(root) {
  const context = JSON.parse(root.dataset.context || "{}");
  const ruled = root.querySelector(RULES) || IN_ROWS.some((name) => root.innerHTML.includes(name));
  const apply = { state: null, feel: null };
  let waiting = false;
  apply.now = () => {
    waiting = false;
    apply.state = settle(placesOf(root), context, apply.feel);
    if (apply.feel) show(apply.state, apply.feel);
    if (apply.feel || !ruled) root.dataset.ready = "";
  };
  apply.soon = () => {
    if (!waiting) requestAnimationFrame(apply.now);
    waiting = true;
    delete root.dataset.ready;
  };
  if (ruled) loadWhenNear(root, apply);
  root.dataset.ready = "";
  return apply;
}

/** Load FEEL at the first sign of somebody at the form; at once where the browser kept answers of an earlier visit. */
function loadWhenNear(root, apply) {
  const around = root.closest("form") || root;
  const load = () => {
    SIGNS.forEach((sign) => around.removeEventListener(sign, load));
    import("./feel.js").then((feel) => {
      feel.setClock(root.dataset.now);
      apply.feel = feel;
      apply.soon();
    });
  };
  SIGNS.forEach((sign) => around.addEventListener(sign, load));
  if ([...root.querySelectorAll("input, textarea, option")].some(isKept)) load();
}

function isKept(control) {
  if (control.tagName === "OPTION") return control.selected !== control.defaultSelected && control.closest("select").value !== "";
  if (["checkbox", "radio"].includes(control.type)) return control.checked !== control.defaultChecked;
  return !["hidden", "file", "submit", "button"].includes(control.type) && control.value !== control.defaultValue;
}

/** Work out data, what is hidden, and the names each place sees. */
function settle(places, context, feel) {
  const state = { places, context, data: dataOf(places), hidden: new Set(), seen: {} };
  state.names = (place) => namesAt(place, state);
  if (!feel) {
    state.seen = state.data;
    state.hidden = new Set(places.filter((place) => place.element.closest("[hidden]")).map((place) => place.element));
    return state;
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    state.seen = visible(state);
    const changed = compute(state, feel);
    const hidden = hiddenNow(state, feel);
    const same = hidden.size === state.hidden.size && [...hidden].every((element) => state.hidden.has(element));
    state.hidden = hidden;
    if (same && !changed) break;
  }
  state.seen = visible(state);
  return state;
}

function visible(state) {
  const seen = structuredClone(state.data);
  for (const place of state.places) {
    if (state.hidden.has(place.element) && valueAt(seen, place.steps) !== undefined) putAt(seen, place.steps, null);
  }
  return seen;
}

/** What an expression may read (form-js buildExpressionContext). */
function namesAt(place, { seen, context }) {
  const rows = place.steps.flatMap((step, index) => (typeof step === "number" ? [index] : []));
  const scopes = rows.map((index) => valueAt(seen, place.steps.slice(0, index + 1)));
  const own = {
    this: scopes.at(-1) ?? { ...context, ...seen },
    parent: scopes.length ? (scopes.at(-2) ?? { ...context, ...seen }) : null,
    i: rows.map((index) => place.steps[index] + 1),
  };
  return { ...own, ...context, ...seen, _this_: own.this, _parent_: own.parent, _i_: own.i };
}

function compute(state, feel) {
  let changed = false;
  for (const place of state.places) {
    if (place.rules.compute === undefined || state.hidden.has(place.element)) continue;
    const value = feel.valueOfExpression(place.rules.compute, state.names(place));
    changed ||= JSON.stringify(value) !== JSON.stringify(valueAt(state.data, place.steps) ?? null);
    putAt(state.data, place.steps, value);
    putAt(state.seen, place.steps, value);
  }
  return changed;
}

function hiddenNow(state, feel) {
  const owed = reasonOwed(state, feel);
  const hidden = new Set();
  for (const place of state.places) {
    const inside = place.element.parentElement.closest("[data-field]");
    const inherited = inside && hidden.has(inside);
    const fixed = onServerOnly(place, "hide") && wasHidden(place.element);
    const unasked = place.rules.hide === undefined && place.rules.field === "override_reason" && !owed;
    if (inherited || unasked || (place.rules.hide !== undefined && feel.holds(place.rules.hide, state.names(place)))) {
      hidden.add(place.element);
    } else if (fixed) {
      hidden.add(place.element);
    }
  }
  return hidden;
}

const suggests = ({ rules }) => rules.suggestion !== undefined || rules.suggested !== undefined;

/** Whether an answer differs from its suggestion; true in a form that suggests nothing. */
function reasonOwed(state, feel) {
  const suggesting = state.places.filter(suggests);
  if (!suggesting.length) return true;
  return suggesting.some((place) => {
    const answer = valueAt(state.seen, place.steps);
    const suggested = suggestionOf(place, state, feel).value;
    return !state.hidden.has(place.element) && !isBlank(place.kind, answer) && suggested !== null && suggested !== ""
      && String(answer) !== String(suggested);
  });
}

/** Rules that call functions of the calendar are known to the server only; what it drew stands. */
function onServerOnly({ rules }, name) {
  return rules.serverOnly?.split(" ").includes(name) ?? false;
}

/** Whether the server drew a field hidden for its own sake, not for what it is in. */
function wasHidden(element) {
  if (!drawnHidden.has(element)) drawnHidden.set(element, element.hidden && !element.parentElement.closest("[hidden]"));
  return drawnHidden.get(element);
}

function suggestionOf(place, state, feel) {
  if (place.rules.suggested !== undefined) return { value: JSON.parse(place.rules.suggested) };
  const value = feel.valueOfExpression(place.rules.suggestion, state.names(place));
  return value !== null && typeof value === "object" && !Array.isArray(value) ? { value: null, ...value } : { value };
}

export function isRequired(place, state, feel, outcome) {
  const { rules } = place;
  if (rules.always !== undefined) return true;
  if (rules.field === "override_reason" && feel && state.places.some(suggests) && reasonOwed(state, feel)) return true;
  if (rules.requiredIf !== undefined && feel) return feel.valueOfExpression(rules.requiredIf, state.names(place)) === true;
  if (rules.opinion !== undefined) return Boolean(outcome) && !outcome.startsWith("同意");
  return onServerOnly(place, "required-if") && rules.required !== undefined;
}

function show(state, feel) {
  for (const place of state.places) {
    const { element, rules } = place;
    element.hidden = state.hidden.has(element);
    if (rules.compute !== undefined) showComputed(place, state);
    if (rules.suggestion !== undefined) showSuggestion(place, state, feel);
    if (rules.options !== undefined) showOptions(place, state, feel);
    if (rules.says !== undefined) showLabel(place, state, feel);
    if (rules.multiple !== undefined) showMultiple(place, state, feel);
    if (rules.requiredIf !== undefined || rules.field === "override_reason") {
      mark(place, isRequired(place, state, feel, null));
    }
  }
}

/** The first line of a label that reads what is typed, at the field and at the head of its column. */
function showLabel(place, state, feel) {
  const { element, rules } = place;
  const parts = JSON.parse(rules.says).map((part) => (Array.isArray(part) ? feel.valueOfExpression(part[0], state.names(place)) : part));
  const [words] = parts.map((part) => String(part ?? "")).join("").split("\n");
  if (words === rules.label) return;
  if (rules.label !== undefined) rules.label = words;
  const called = [...element.querySelectorAll("[data-called]")]
    .filter((one) => one.closest("[data-field]") === element && !one.closest("thead"));
  element.querySelector(":scope > [data-pick]")?.setAttribute("aria-label", `${words}：选择文件`);
  for (const one of [...called, ...headOf(element, words)]) one.textContent = words;
}

/** The head of a column of a table, which has the label of its first row; each cell has its own for the phone. */
function headOf(element, words) {
  const cell = element.parentElement.closest("td[data-label]");
  if (element.parentElement !== cell) return [];
  cell.dataset.label = words;
  const column = [...cell.parentElement.querySelectorAll(":scope > td[data-label]")].indexOf(cell);
  const head = cell.closest("table").tHead.rows[0].cells[column]?.querySelector("[data-called]");
  return head && !cell.parentElement.previousElementSibling ? [head] : [];
}

function showMultiple(place, state, feel) {
  const many = feel.valueOfExpression(place.rules.multiple, state.names(place)) === true;
  const [picker, words] = ["[data-pick]", "[data-many]"].map((part) => place.element.querySelector(part));
  if (picker) picker.multiple = many;
  if (words) words.hidden = !many;
}

function mark({ element }, required) {
  const word = element.querySelector("[data-required-mark]");
  if (word) word.hidden = !required;
  element.querySelector(":scope > .input")?.setAttribute("aria-required", String(required));
}

function showComputed({ element, steps }, state) {
  const output = element.querySelector(":scope > output.auto");
  const value = valueAt(state.data, steps) ?? null;
  if (!output || output.dataset.value === JSON.stringify(value)) return;
  if (JSON.stringify(JSON.parse(output.dataset.value)) === JSON.stringify(value)) return;
  output.dataset.value = JSON.stringify(value);
  output.textContent = inWords(value);
}

function showSuggestion(place, state, feel) {
  const box = place.element.querySelector("[data-advice]");
  const suggestion = suggestionOf(place, state, feel);
  const none = suggestion.value === null || suggestion.value === "";
  box.hidden = none;
  if (none) return;
  const choice = [...place.element.querySelectorAll("option, input")].find((item) => item.value === String(suggestion.value));
  const label = choice?.tagName === "OPTION" ? choice.textContent : choice?.closest(".choice")?.textContent.trim();
  const text = box.querySelector("[data-advice-text]");
  const words = suggestion.label ?? label ?? null;
  if (words !== null && text.textContent !== words) text.textContent = words;
  else if (words === null && !text.textContent) text.textContent = inWords(suggestion.value);
}

/** Offer what the options' expression gives now; a choice that is no longer offered is taken back. */
function showOptions(place, state, feel) {
  const given = feel.valueOfExpression(place.rules.options, state.names(place));
  const options = (Array.isArray(given) ? given : []).filter((item) => item !== null)
    .map((item) => (typeof item === "object" ? item : { value: item, label: String(item) }));
  const key = JSON.stringify(options);
  if (place.element.dataset.offered === key) return;
  const first = place.element.dataset.offered === undefined;
  place.element.dataset.offered = key;
  const select = place.element.querySelector("select");
  if (select && !(first && select.options.length === options.length + 1)) refill(select, options);
}

function refill(select, options) {
  const kept = select.value;
  select.replaceChildren(select.options[0], ...options.map(({ value, label }) => {
    const option = new Option(label ?? String(value), typeof value === "string" ? value : JSON.stringify(value));
    if (typeof value !== "string") option.dataset.json = "";
    return option;
  }));
  select.value = [...select.options].some((option) => option.value === kept) ? kept : "";
}
