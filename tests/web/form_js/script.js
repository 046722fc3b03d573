// Runs our own form script on drawn forms: adds rows and fills them at random, and tells what it shows and refuses.
import { startForms } from "../../../web/frontend/src/form.js";
import { dataOf, placesOf, valueAt } from "../../../web/frontend/src/form/data.js";

const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
const FIXED = ".is-readonly, [data-readonly], [data-kind=dynamiclist]:not(:has(> p > [data-add]))";
window.confirm = () => true;

async function ready(root) {
  await frame();
  while (root.dataset.ready === undefined) await frame();
}

/** Draws numbers below a limit, the same ones for a seed each time (mulberry32: seeds side by side draw unlike ones). */
function randomOf(seed) {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * limit);
  };
}

function editRows(root, random) {
  for (const list of root.querySelectorAll("[data-kind=dynamiclist]")) {
    for (let more = random(4); more > 0; more -= 1) list.querySelector(":scope > p > [data-add]")?.click();
    // What stands fixed in a row is kept by the row's number, so that of rows with anything fixed none may go.
    const removers = list.querySelectorAll(list.querySelector(FIXED) ? "none" : "[data-remove]");
    if (removers.length && random(2)) removers[random(removers.length)].click();
  }
  const files = root.querySelectorAll("button[name=_drop]");
  if (files.length && random(2)) files[random(files.length)].click();
}

function fill(root, random, texts) {
  const pick = (list) => list[random(list.length)];
  for (const control of root.querySelectorAll("[name]:not([type=hidden], button, [type=file])")) {
    const kind = control.closest("[data-field]").dataset.kind;
    if (random(4) === 0) continue;
    if (["checkbox", "radio"].includes(control.type)) control.checked = random(2) === 1;
    else if (control.tagName === "SELECT") control.value = pick([...control.options]).value;
    else control.value = pick(texts[kind === "datetime" ? control.type : kind]);
  }
}

function stateOf(root) {
  const seen = [...root.querySelectorAll("[data-field]")].filter((field) => !field.closest("[hidden]"));
  const places = placesOf(root);
  const data = dataOf(places);
  const keyed = places.filter(({ element, keyed }) => keyed && seen.includes(element));
  const marks = seen.map((field) => [field, [...field.querySelectorAll("[data-required-mark]")].find((mark) => mark.closest("[data-field]") === field)]);
  return {
    entries: [...new FormData(root.closest("form"))].filter(([, value]) => typeof value === "string"),
    visible: seen.map((field) => field.dataset.field).sort(),
    closed: seen.filter((field) => field.matches(".is-readonly")).map((field) => field.dataset.field),
    values: Object.fromEntries(keyed.map(({ element, steps }) => [element.dataset.field, valueAt(data, steps) ?? null])),
    many: Object.fromEntries([...root.querySelectorAll("[data-pick]")].map((picker) => [picker.name, picker.multiple])),
    labels: Object.fromEntries(seen.filter((field) => field.dataset.label !== undefined).map((field) => [field.dataset.field, labelOf(field)])),
    required: Object.fromEntries(marks.filter(([, mark]) => mark).map(([field, mark]) => [field.dataset.field, !mark.hidden])),
  };
}

/** What people read of a label where it reads the data, at the head of its column too; else what messages call the field. */
function labelOf(field) {
  const called = [...field.querySelectorAll("[data-called]")].filter((one) => one.closest("[data-field]") === field && !one.closest("thead"));
  const cell = field.parentElement.closest("td");
  const row = cell?.closest("[data-rows]").firstElementChild === cell?.parentElement ? [...(cell?.parentElement.children ?? [])] : [];
  const head = field.closest("table")?.tHead.rows[0].cells[row.indexOf(cell) - 1]?.querySelector("[data-called]");
  const words = [...called, ...(head ? [head] : [])].map((one) => one.textContent);
  return words.length ? [...new Set(words)].join(" / ") : field.dataset.label;
}

function refused(form) {
  form.addEventListener("submit", (event) => event.preventDefault());
  form.requestSubmit(form.querySelector("[data-main]"));
  return Object.fromEntries([...form.querySelectorAll(".field-error")].map((note) => [note.closest("[data-field]").dataset.field, note.textContent]));
}

async function filled([html, seed, texts]) {
  const form = Object.assign(document.createElement("form"), { noValidate: true, innerHTML: `${html}<button data-main></button>` });
  document.body.append(form);
  const root = form.querySelector("[data-form]");
  const lists = [...root.querySelectorAll("[data-kind=dynamiclist]")];
  const drawn = Object.fromEntries(lists.map((list) => [list.dataset.field, list.querySelector("[data-rows]").children.length]));
  startForms(root);
  root.dispatchEvent(new Event("pointerover", { bubbles: true }));
  await frame();
  const random = randomOf(seed);
  editRows(root, random);
  // Twice, since the first answers may bring other choices.
  for (let round = 0; round < 2; round += 1) {
    fill(root, random, texts);
    root.dispatchEvent(new Event("change", { bubbles: true }));
    await ready(root);
  }
  const answer = { drawn, ...stateOf(root), faults: refused(form) };
  form.remove();
  return JSON.parse(JSON.stringify(answer));
}

window.allFilled = (cases) =>
  Promise.all(cases.map((one) => filled(one).catch((error) => ({ failed: String(error.stack || error) }))));
