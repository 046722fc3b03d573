/** The `camunda:property` entries of an element, where the product keeps what Camunda's vocabulary lacks. */
import { useService } from "bpmn-js-properties-panel";
import { getBusinessObject } from "bpmn-js/lib/util/ModelUtil";

/** Return the text of a property of an element, or nothing. */
export function readProperty(element, name) {
  return found(element, name)?.get("value") || "";
}

/** A hook: returns the function of element and value that sets a property. */
export function useProperty(name) {
  const commands = { modeling: useService("modeling"), bpmnFactory: useService("bpmnFactory") };
  return (element, value) => writeProperty(element, name, value, commands);
}

/** Set a property of an element as one step that can be undone; an empty `value` takes it away. */
export function writeProperty(element, name, value, { modeling, bpmnFactory }) {
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

function holder(element) {
  const values = getBusinessObject(element).get("extensionElements")?.get("values") || [];
  return values.find((extension) => extension.$type === "camunda:Properties");
}

function found(element, name) {
  return holder(element)?.get("values")?.find((item) => item.get("name") === name);
}
