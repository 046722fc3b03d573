/**
 * The product's own group in the properties panel: the extension properties that Camunda's vocabulary lacks, with
 * pickers filled by the server instead of text boxes.
 */
import { SelectEntry, TextFieldEntry, isSelectEntryEdited, isTextFieldEntryEdited } from "@bpmn-io/properties-panel";
import { useService } from "bpmn-js-properties-panel";
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

const PRIORITY = 200;

export class BihuanProvider {
  static $inject = ["propertiesPanel", "config.bihuan"];

  constructor(propertiesPanel, choices) {
    this.choices = choices || {};
    propertiesPanel.registerProvider(PRIORITY, this);
  }

  getGroups(element) {
    return (groups) => {
      if (!is(element, "bpmn:UserTask") && !is(element, "bpmn:ManualTask")) return groups;
      return [...groups.slice(0, 1), this.group(element), ...groups.slice(1)];
    };
  }

  group(element) {
    const { roles = [], deadlines = [], forms = [] } = this.choices;
    const entries = [
      attribute(element, "camunda:candidateGroups", "候选岗位", roles, true),
      attribute(element, "camunda:formRef", "表单", forms),
      property(element, "bihuan:deadline", "时限代码", deadlines),
      property(element, "bihuan:submitLabel", "主按钮文字"),
      property(element, "bihuan:notSameAs", "不得与下列环节同一人办理"),
      property(element, "bihuan:unit", "承办单位表达式"),
    ];
    return { id: "bihuan", label: "办理要求", entries };
  }
}

function attribute(element, key, label, options, several = false) {
  const value = () => getBusinessObject(element).get(key) || "";
  const write = (next, commands) => {
    const properties = key === "camunda:formRef"
      ? { "camunda:formRef": next || undefined, "camunda:formRefBinding": next ? "latest" : undefined }
      : { [key]: next || undefined };
    commands.modeling.updateProperties(element, properties);
  };
  return entry(element, { id: `bihuan-${key.replace(":", "-")}`, label, options, several, value, write });
}

function property(element, name, label, options = null) {
  const value = () => found(element, name)?.get("value") || "";
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

function select(element, { id, label, options, several, value, write }) {
  return {
    id,
    component: () => {
      const commands = useCommands();
      return SelectEntry({
        element, id, label, getValue: value, getOptions: () => choices(options, value(), several),
        setValue: (next) => write(next, commands),
      });
    },
  };
}

/** The options of a picker; a value that is none of them (several roles, an expression) stays and can be seen. */
function choices(options, current, several) {
  const rows = [{ value: "", label: "（无）" }, ...options];
  if (current && !options.some((option) => option.value === current)) {
    const names = several ? current.split(",").map((part) => named(options, part.trim())).join("、") : current;
    rows.push({ value: current, label: names });
  }
  return rows;
}

function named(options, value) {
  return options.find((option) => option.value === value)?.label || value;
}

function useCommands() {
  return { modeling: useService("modeling"), bpmnFactory: useService("bpmnFactory") };
}

function holder(element) {
  const values = getBusinessObject(element).get("extensionElements")?.get("values") || [];
  return values.find((extension) => extension.$type === "camunda:Properties");
}

function found(element, name) {
  return holder(element)?.get("values")?.find((item) => item.get("name") === name);
}

function writeProperty(element, name, value, { modeling, bpmnFactory }) {
  const object = getBusinessObject(element);
  const item = found(element, name);
  if (item && value) return modeling.updateModdleProperties(element, item, { value });
  const list = holder(element);
  if (item) {
    return modeling.updateModdleProperties(element, list, { values: list.get("values").filter((one) => one !== item) });
  }
  if (!value) return undefined;
  const made = (type, parent, content) => Object.assign(bpmnFactory.create(type, content), { $parent: parent });
  if (list) {
    const added = made("camunda:Property", list, { name, value });
    return modeling.updateModdleProperties(element, list, { values: [...(list.get("values") || []), added] });
  }
  const extensions = object.get("extensionElements") || made("bpmn:ExtensionElements", object, { values: [] });
  const properties = made("camunda:Properties", extensions, { values: [] });
  properties.values = [made("camunda:Property", properties, { name, value })];
  if (!object.get("extensionElements")) {
    extensions.values = [properties];
    return modeling.updateModdleProperties(element, object, { extensionElements: extensions });
  }
  return modeling.updateModdleProperties(element, extensions, { values: [...extensions.get("values"), properties] });
}

export default { __init__: ["bihuanProvider"], bihuanProvider: ["type", BihuanProvider] };
