/**
 * The product's own group in the properties panel: the extension properties that Camunda's vocabulary lacks, with
 * pickers filled by the server instead of text boxes.
 */
import { FeelTextAreaEntry, SelectEntry, TextFieldEntry, isSelectEntryEdited, isTextFieldEntryEdited }
  from "@bpmn-io/properties-panel";
import { h } from "@bpmn-io/properties-panel/preact";
import { useService } from "bpmn-js-properties-panel";
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

import { combobox } from "./combobox.js";
import { expression, messageEntries } from "./messages.js";
import { readProperty, useProperty, writeProperty } from "./properties.js";

const PRIORITY = 200;
const PARTS = [{ value: "participants", label: "参与办理的人员" }, { value: "starter", label: "登记人" }];

export class BihuanProvider {
  static $inject = ["propertiesPanel", "config.bihuan"];

  constructor(propertiesPanel, choices) {
    this.choices = choices || {};
    propertiesPanel.registerProvider(PRIORITY, this);
  }

  getGroups(element) {
    return (groups) => {
      const known = this.withMessages(element, groups)
        .map((group) => ({ ...group, entries: this.entries(element, group.entries) }));
      const works = is(element, "bpmn:UserTask") || is(element, "bpmn:ManualTask");
      if (!works && !awaitsMessage(element)) return known;
      return [...known.slice(0, 1), works ? this.group(element) : this.registering(element), ...known.slice(1)];
    };
  }

  /** Put one picker by name where Camunda's panel has a reference and a name; send tasks get one, too. */
  withMessages(element, groups) {
    const entries = messageEntries(element, this.choices);
    if (!entries.length) return groups;
    if (groups.some((group) => group.id === "message")) {
      return groups.map((group) => (group.id === "message" ? { ...group, entries } : group));
    }
    return [...groups.slice(0, 1), { id: "message", label: "消息", entries }, ...groups.slice(1)];
  }

  /** Put pickers and expression fields in the places where Camunda's panel has text boxes. */
  entries(element, entries) {
    const { roles = [], decisions = [], processes = [], topics = [], variables = [] } = this.choices;
    const pickers = {
      calledElement: () => attribute(element, "calledElement", "调用的流程", processes),
      decisionRef: () => attribute(element, "camunda:decisionRef", "决策", decisions),
      externalTopic: () => is(element, "bpmn:Task") && attribute(element, "camunda:topic", "主题", topics),
      candidateGroups: () => several(element, "camunda:candidateGroups", "候选岗位", roles),
      conditionExpression: () => condition(element, variables),
    };
    return entries?.map((one) => (Object.hasOwn(pickers, one.id) && pickers[one.id]()) || one);
  }

  group(element) {
    const { roles = [], deadlines = [], forms = [], units = [] } = this.choices;
    const entries = [
      several(element, "camunda:candidateGroups", "候选岗位", roles),
      attribute(element, "camunda:formRef", "表单", forms),
      property(element, "bihuan:deadline", "时限代码", deadlines),
      property(element, "bihuan:submitLabel", "主按钮文字"),
      several(element, "bihuan:notSameAs", "不得与下列环节同一人办理", steps(element)),
      unit("bihuan:unit", "承办单位", units),
      unit("bihuan:excludeUnit", "须回避的单位", units),
    ];
    return { id: "bihuan", label: "办理要求", entries };
  }

  registering(element) {
    const { roles = [], forms = [] } = this.choices;
    const entries = [
      several(element, "bihuan:startableBy", "可由谁登记", [...roles, ...PARTS]),
      property(element, "bihuan:label", "操作名称"),
      attribute(element, "camunda:formRef", "登记表单", forms),
    ];
    return { id: "bihuan", label: "由人登记", entries };
  }
}

/** Whether a running matter waits for a message here, which somebody may register by hand (更多操作). */
function awaitsMessage(element) {
  if (is(element, "bpmn:ReceiveTask")) return true;
  const { eventDefinitions = [], $parent } = getBusinessObject(element);
  if (!is(element, "bpmn:CatchEvent") || (is(element, "bpmn:StartEvent") && !$parent.triggeredByEvent)) return false;
  return eventDefinitions.some((one) => one.$instanceOf("bpmn:MessageEventDefinition"));
}

/** The other steps of the same process where somebody works, as options. */
function steps(element) {
  let process = getBusinessObject(element);
  while (process.$parent && !process.$instanceOf("bpmn:Process")) process = process.$parent;
  const found = [];
  const walk = (scope) => {
    for (const each of scope.flowElements || []) {
      if (each.$instanceOf("bpmn:UserTask") && each.id !== element.id) {
        found.push({ value: each.id, label: each.name || each.id });
      }
      walk(each);
    }
  };
  walk(process);
  return found;
}

/** A picker of several: what was chosen as chips, and a list to add from. The value is a list with commas. */
function several(element, key, label, options) {
  const id = `bihuan-${key.replace(":", "-")}`;
  return { id, component: () => h(SeveralEntry, { element, id, name: key, label, options }) };
}

function SeveralEntry({ element, id, name, label, options }) {
  const commands = useCommands();
  const own = name.startsWith("bihuan:");
  const chosen = listed((own ? readProperty(element, name) : getBusinessObject(element).get(name)) || "");
  const write = (values) => (own
    ? writeProperty(element, name, values.join(","), commands)
    : commands.modeling.updateProperties(element, { [name]: values.join(",") || undefined }));
  const chips = chosen.map((value) => h("span", { class: "editor-chip", key: value }, named(options, value),
    h("button", {
      type: "button", title: `移除${named(options, value)}`, onClick: () => write(chosen.filter((one) => one !== value)),
    }, "×")));
  const rest = options.filter((option) => !chosen.includes(option.value));
  const add = (event) => event.target.value && write([...chosen, event.target.value]);
  return h("div", { class: "bio-properties-panel-entry", "data-entry-id": id },
    h("label", { class: "bio-properties-panel-label", for: `bio-properties-panel-${id}` }, label),
    h("div", { class: "editor-chips" }, chips),
    h("select", { id: `bio-properties-panel-${id}`, class: "bio-properties-panel-input", value: "", onChange: add },
      h("option", { value: "" }, "添加…"),
      rest.map((option) => h("option", { value: option.value, key: option.value }, option.label))));
}

/** The parts of a list with commas; those within an expression part nothing. */
function listed(text) {
  const parts = text.includes("${") ? [text] : text.split(",");
  return parts.map((part) => part.trim()).filter(Boolean);
}

/** A picker of a unit by name, or of what gives its code: a field of a form, or an expression. */
function unit(name, label, options) {
  return combobox({
    id: `bihuan-${name.replace(":", "-")}`, label, options, typed: expression, hint: "按回车使用这个单位代码或表达式",
    read: (element) => readProperty(element, name),
    useWrite: () => useProperty(name),
  });
}

/** A FEEL field for the condition of a flow, with the procedure's variables offered; null for any other script. */
function condition(element, variables) {
  const expression = getBusinessObject(element).get("conditionExpression");
  if (!expression || expression.get("language") !== undefined) return null;
  const body = expression.get("body") || "";
  if (body && !/^\$\{[^]*\}$/.test(body.trim())) return null;
  return { id: "conditionExpression", component: () => h(ConditionEntry, { element, variables }) };
}

function ConditionEntry({ element, variables }) {
  const { modeling, bpmnFactory } = useCommands();
  const body = (getBusinessObject(element).get("conditionExpression")?.get("body") || "").trim();
  const write = (value) => {
    const text = value ? `\${${value.replace(/^=/, "").trim()}}` : "";
    const made = bpmnFactory.create("bpmn:FormalExpression", { body: text });
    made.$parent = getBusinessObject(element);
    modeling.updateProperties(element, { conditionExpression: made });
  };
  return FeelTextAreaEntry({
    element, id: "conditionExpression", label: "条件（FEEL）", feel: "required", variables,
    debounce: useService("debounceInput"), getValue: () => (body ? `=${body.slice(2, -1)}` : "="), setValue: write,
  });
}

function attribute(element, key, label, options) {
  const value = () => getBusinessObject(element).get(key) || "";
  const write = (next, commands) => {
    const properties = key === "camunda:formRef"
      ? { "camunda:formRef": next || undefined, "camunda:formRefBinding": next ? "latest" : undefined }
      : { [key]: next || undefined };
    commands.modeling.updateProperties(element, properties);
  };
  return entry(element, { id: `bihuan-${key.replace(":", "-")}`, label, options, value, write });
}

function property(element, name, label, options = null) {
  const value = () => readProperty(element, name);
  const write = (next, commands) => writeProperty(element, name, next, commands);
  return entry(element, { id: `bihuan-${name.replace(":", "-")}`, label, options, value, write });
}

function entry(element, spec) {
  if (!spec.options) return { ...text(element, spec), isEdited: isTextFieldEntryEdited };
  return { ...select(element, spec), isEdited: isSelectEntryEdited };
}

function text(element, { id, label, value, write }) {
  return {
    id,
    component: () => {
      const commands = useCommands();
      return TextFieldEntry({
        element, id, label, getValue: value, debounce: useService("debounceInput"),
        setValue: (next) => write(next, commands),
      });
    },
  };
}

function select(element, { id, label, options, value, write }) {
  return {
    id,
    component: () => {
      const commands = useCommands();
      return SelectEntry({
        element, id, label, getValue: value, getOptions: () => choices(options, value()),
        setValue: (next) => write(next, commands),
      });
    },
  };
}

/** The options of a picker; a value that is none of them (an expression) stays and can be seen. */
function choices(options, current) {
  const rows = [{ value: "", label: "（无）" }, ...options];
  if (current && !options.some((option) => option.value === current)) rows.push({ value: current, label: current });
  return rows;
}

function named(options, value) {
  return options.find((option) => option.value === value)?.label || value;
}

function useCommands() {
  return { modeling: useService("modeling"), bpmnFactory: useService("bpmnFactory") };
}

export default { __init__: ["bihuanProvider"], bihuanProvider: ["type", BihuanProvider] };
