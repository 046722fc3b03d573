// Runs form-js-viewer itself: what it shows and submits for a schema and data, and which fields it finds at fault.
import { Form, FormFields } from "@bpmn-io/form-js-viewer";

const settled = () => new Promise((resolve) => setTimeout(() => requestAnimationFrame(() => setTimeout(resolve)), 0));

window.kinds = () => Object.keys(new FormFields()._formFields);

/** form-js keeps files apart from the data, which hold a key to them; here the data hold the names. */
async function imported(form, schema, data) {
  const picker = schema.components.find(({ type }) => type === "filepicker");
  const names = (picker && data[picker.key]) ?? [];
  const key = names.length ? "files::1" : null;
  const done = form.importSchema(schema, picker ? { ...data, [picker.key]: key } : data);
  if (key) form.get("fileRegistry").setFiles(key, names.map((name) => new File(["x"], name)));
  await done;
}

function namesOf(form, data) {
  return JSON.parse(JSON.stringify(data), (_, value) =>
    typeof value === "string" && value.startsWith("files::") ? form.get("fileRegistry").getFiles(value).map(({ name }) => name) : value);
}

function faultsOf(form) {
  const errors = {};
  for (const instance of form.get("formFieldInstanceRegistry").getAllKeyed()) {
    const field = form.get("formFieldRegistry").get(instance.id);
    const value = instance.valuePath.reduce((found, step) => (found ?? {})[step], form._getState().data);
    const messages = field.disabled ? [] : form.get("validator").validateFieldInstance(instance, value);
    const path = instance.valuePath.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("").slice(1);
    if (messages.length) errors[path] = messages;
  }
  return errors;
}

/** Every field that is shown, by its id and the numbers of its rows, with what can be seen of its state. */
function shownOf(form, container) {
  const shown = {};
  for (const { id, indexes } of form.get("formFieldInstanceRegistry").getAll()) {
    const numbers = Object.values(indexes ?? {});
    const name = ["fjs-form", form._id, id].join("-") + numbers.map((number) => `_${number}`).join("");
    const control = container.querySelector(`[id="${name}"], [id^="${name}-"]`);
    shown[[id, ...numbers].join(" ")] = control ? stateOf(control.closest(".fjs-form-field")) : null;
  }
  return shown;
}

function stateOf(box) {
  const own = (part) => [...box.querySelectorAll(part)].filter((one) => one.closest(".fjs-form-field") === box);
  const [label, mark] = [own(".fjs-label-content")[0], own(".fjs-asterix")[0]];
  return {
    label: [...(label?.childNodes ?? [])].filter((node) => node !== mark).map((node) => node.textContent).join(""),
    required: mark !== undefined,
    closed: box.matches(".fjs-disabled, .fjs-readonly"),
    cells: own("table tr").map((row) => [...row.cells].map((cell) => cell.textContent)),
  };
}

const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

async function submitted([schema, data]) {
  const container = document.createElement("div");
  document.body.append(container);
  const form = new Form({ container });
  await imported(form, schema, data);
  await settled();
  await settled();
  const result = form.submit();
  const texts = [...container.querySelectorAll(".fjs-form-field-text")].flatMap((box) => lines(box.innerText));
  const answer = { data: namesOf(form, result.data), errors: faultsOf(form), shown: shownOf(form, container), texts };
  form.destroy();
  container.remove();
  return JSON.parse(JSON.stringify(answer));
}

window.allSubmitted = (cases) =>
  Promise.all(cases.map((one) => submitted(one).catch((error) => ({ failed: String(error.stack || error) }))));
