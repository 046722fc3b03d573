/** Drawings for files that have none: other tools write processes without a diagram. */
const SHAPES = /<(?:\w+:)?BPMNShape[\s>]/;

/** Return `xml` with a drawing; one that has a drawing, or cannot be laid out, comes back as it is. */
export async function drawn(xml) {
  if (SHAPES.test(xml)) return xml;
  const { layoutProcess } = await import("bpmn-auto-layout");
  try {
    return await layoutProcess(xml);
  } catch {
    return xml;
  }
}
