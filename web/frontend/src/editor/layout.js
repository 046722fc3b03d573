/** Drawings for files that have none: other tools write processes without a diagram. */
const SHAPES = /<(?:\w+:)?BPMNShape[\s>]/;

/** Return `xml` with a drawing; one that has a drawing, or cannot be laid out, comes back as it is. */
export async function drawn(xml) {
  if (SHAPES.test(xml)) return xml;
  const { layoutProcess } = await import("bpmn-auto-layout");
  try {
    return await layoutProcess(await connected(xml));
  } catch {
    return xml;
  }
}

/** Name at each element the flows that meet it: files may leave that out, and the layout goes by nothing else. */
async function connected(xml) {
  const { BpmnModdle } = await import("bpmn-moddle");
  const moddle = new BpmnModdle();
  const { rootElement, elementsById } = await moddle.fromXML(xml);
  for (const flow of Object.values(elementsById)) {
    if (flow.$type !== "bpmn:SequenceFlow") continue;
    note(flow.sourceRef, "outgoing", flow);
    note(flow.targetRef, "incoming", flow);
  }
  return (await moddle.toXML(rootElement)).xml;
}

function note(element, side, flow) {
  if (element && !element.get(side).includes(flow)) element.get(side).push(flow);
}
