// Runs form-js-viewer itself: what it submits for a schema and data, and which fields it finds at fault.
import { Form } from "@bpmn-io/form-js-viewer";

const settled = () => new Promise((resolve) => setTimeout(() => requestAnimationFrame(() => setTimeout(resolve)), 0));

window.submitted = async (schema, data) => {
  const container = document.createElement("div");
  document.body.replaceChildren(container);
  const form = new Form({ container });
  await form.importSchema(schema, data);
  await settled();
  await settled();
  const result = form.submit();
  const errors = {};
  const registry = form.get("formFieldInstanceRegistry");
  for (const instance of registry.getAllKeyed()) {
    const field = form.get("formFieldRegistry").get(instance.id);
    const value = instance.valuePath.reduce((found, step) => (found ?? {})[step], form._getState().data);
    const messages = field.disabled ? [] : form.get("validator").validateFieldInstance(instance, value);
    const path = instance.valuePath.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("").slice(1);
    if (messages.length) errors[path] = messages;
  }
  form.destroy();
  return JSON.parse(JSON.stringify({ data: result.data, errors }));
};

window.allSubmitted = async (cases) => {
  const answers = [];
  for (const [schema, data] of cases) {
    try {
      answers.push(await window.submitted(schema, data));
    } catch (error) {
      answers.push({ failed: String(error.stack || error) });
    }
  }
  return answers;
};
