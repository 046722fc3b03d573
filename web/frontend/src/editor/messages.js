/** Which message an element sends or waits for, and by which variable the message finds its matter. */
import { useService } from "bpmn-js-properties-panel";
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

import { combobox } from "./combobox.js";
import { readProperty, useProperty } from "./properties.js";

const CORRELATION = "bihuan:correlation";
const NAME = /^[\p{L}_][\p{L}\p{N}_.]*$/u;

/** Return the pickers of an element that sends or waits for a message; nothing for any other. */
export function messageEntries(element, { messages = [], keys = [] }) {
  if (!carrier(element)) return [];
  const message = combobox({
    id: "bihuan-message", label: "消息名称", read: messageOf, useWrite: useMessage, hint: "按回车新建这个消息",
    options: () => [...messages, ...drawnMessages(element, messages)],
  });
  return messageOf(element) && correlates(element) ? [message, correlation(keys)] : [message];
}

/** Return an expression as attributes hold it: `${…}` around what was typed as FEEL or as the name of a variable. */
export function expression(text) {
  const body = text.trim().replace(/^=/, "").trim();
  return body.includes("${") || !(text.trim().startsWith("=") || NAME.test(body)) ? text.trim() : `\${${body}}`;
}

function correlation(keys) {
  return combobox({
    id: "bihuan-correlation", label: "关联键", options: keys, typed: expression, hint: "按回车使用这个变量或表达式",
    read: (element) => readProperty(element, CORRELATION),
    useWrite: () => useProperty(CORRELATION),
  });
}

/** What holds the reference: a task itself, or the event definition of an event; nothing where there is none. */
function carrier(element) {
  const object = getBusinessObject(element);
  if (is(element, "bpmn:ReceiveTask") || is(element, "bpmn:SendTask")) return object;
  if (!is(element, "bpmn:Event")) return undefined;
  return (object.get("eventDefinitions") || []).find((one) => one.$instanceOf("bpmn:MessageEventDefinition"));
}

/** A message that begins a matter finds none; the start of an event sub-process waits in one. */
function correlates(element) {
  return !is(element, "bpmn:StartEvent") || Boolean(getBusinessObject(element).$parent?.get("triggeredByEvent"));
}

function messageOf(element) {
  const message = carrier(element)?.get("messageRef");
  return message ? message.get("name") || message.get("id") : "";
}

function rootMessages(element) {
  let root = getBusinessObject(element);
  while (root.$parent) root = root.$parent;
  return { root, found: root.get("rootElements").filter((one) => one.$instanceOf("bpmn:Message")) };
}

/** The messages of this diagram that no procedure in force names. */
function drawnMessages(element, known) {
  const names = new Set(rootMessages(element).found.map((message) => message.get("name") || message.get("id")));
  for (const { value } of known) names.delete(value);
  return [...names].map((value) => ({ value, label: value, note: "只在这张图中" }));
}

/** Refer to the message of a name, which the file gets where it has none; both are one step to undo. */
function useMessage() {
  const commandStack = useService("commandStack");
  const bpmnFactory = useService("bpmnFactory");
  return (element, name) => {
    const { root, found } = rootMessages(element);
    const known = found.find((one) => (one.get("name") || one.get("id")) === name);
    const message = known || (name ? bpmnFactory.create("bpmn:Message", { name }) : undefined);
    const update = (moddleElement, properties) => ({
      cmd: "element.updateModdleProperties", context: { element, moddleElement, properties },
    });
    const commands = [update(carrier(element), { messageRef: message })];
    if (message && !known) {
      message.$parent = root;
      commands.unshift(update(root, { rootElements: [...root.get("rootElements"), message] }));
    }
    commandStack.execute("properties-panel.multi-command-executor", commands);
  };
}
