/** Drawings for files that have none: other tools write processes without a diagram. */
const SHAPES = /<(?:\w+:)?BPMNShape[\s>]/;
// How far below the lowest of two elements a flow runs that leads back, and how far before an element others bend.
const [BELOW, BEFORE] = [30, 15];

/** Return `xml` with a drawing; one that has a drawing, or cannot be laid out, comes back as it is. */
export async function drawn(xml) {
  if (SHAPES.test(xml)) return xml;
  // The layout does not get along with some loops and joins: then it is done without them, and they are drawn after it.
  for (const leftOut of [() => [], leadingBack, comingAgain]) {
    try {
      return await laidOut(await connected(xml), leftOut);
    } catch {
      continue;
    }
  }
  return xml;
}

async function laidOut(file, leftOut) {
  const { layoutProcess } = await import("bpmn-auto-layout");
  const flows = leftOut(file.flows());
  flows.forEach(cut);
  const made = await layoutProcess(await file.written());
  return flows.length ? withEdges(made, flows.map(({ id }) => id)) : made;
}

/** Read a file and name at each element the flows that meet it: files may leave that out, the layout needs it. */
async function connected(xml) {
  const file = await read(xml);
  file.flows().forEach(join);
  return file;
}

async function read(xml) {
  const { BpmnModdle } = await import("bpmn-moddle");
  const moddle = new BpmnModdle();
  const { rootElement, elementsById } = await moddle.fromXML(xml);
  return {
    moddle,
    root: rootElement,
    flows: () => Object.values(elementsById).filter(({ $type }) => $type === "bpmn:SequenceFlow"),
    written: async () => (await moddle.toXML(rootElement)).xml,
  };
}

function join(flow) {
  note(flow.sourceRef, "outgoing", flow);
  note(flow.targetRef, "incoming", flow);
}

function note(element, side, flow) {
  if (element && !element.get(side).includes(flow)) element.get(side).push(flow);
}

function cut(flow) {
  for (const [element, side] of [[flow.sourceRef, "outgoing"], [flow.targetRef, "incoming"]]) {
    const flows = element.get(side);
    flows.splice(flows.indexOf(flow), 1);
  }
}

/** The flows that lead back to an element on the way to them; what is attached to an activity lies behind it. */
function leadingBack(flows) {
  const ends = [...new Set(flows.flatMap(({ sourceRef, targetRef }) => [sourceRef, targetRef]))].filter(Boolean);
  const onward = new Map(ends.map((element) => [element, []]));
  for (const flow of flows) if (flow.sourceRef && flow.targetRef) onward.get(flow.sourceRef).push([flow.targetRef, flow]);
  for (const element of ends) if (onward.has(element.attachedToRef)) onward.get(element.attachedToRef).push([element, null]);
  const [found, open, done] = [[], new Set(), new Set()];
  const first = ends.filter((element) => !element.get("incoming").length && !element.attachedToRef);
  for (const start of [...first, ...ends]) {
    const path = [[start, 0]];
    while (path.length) {
      const step = path.at(-1);
      const [element, place] = step;
      open.add(element);
      const [target, flow] = done.has(element) ? [] : (onward.get(element)[place] ?? []);
      step[1] += 1;
      if (target === undefined) {
        open.delete(element);
        done.add(element);
        path.pop();
      } else if (open.has(target)) {
        if (flow) found.push(flow);
      } else if (!done.has(target)) {
        path.push([target, 0]);
      }
    }
  }
  return found;
}

/** The flows that lead back, and of the others all but the first into each element: what is left is a tree. */
function comingAgain(flows) {
  const back = leadingBack(flows);
  const onward = flows.filter((flow) => !back.includes(flow));
  const again = onward.filter(({ targetRef }, place) => onward.findIndex((one) => one.targetRef === targetRef) < place);
  return [...back, ...again];
}

/** Draw the flows that the layout left out. */
async function withEdges(xml, names) {
  const file = await read(xml);
  const flows = file.flows().filter(({ id }) => names.includes(id));
  flows.forEach(join);
  for (const { plane } of file.root.diagrams) {
    const shapes = new Map(plane.planeElement.map((one) => [one.bpmnElement, one]));
    for (const flow of flows) {
      const [from, to] = [shapes.get(flow.sourceRef), shapes.get(flow.targetRef)];
      if (from && to) plane.planeElement.push(edge(file.moddle, plane, flow, from.bounds, to.bounds));
    }
  }
  return file.written();
}

function edge(moddle, plane, flow, from, to) {
  const waypoint = way(from, to).map(([x, y]) => moddle.create("dc:Point", { x, y }));
  const made = moddle.create("bpmndi:BPMNEdge", { id: `${flow.id}_di`, bpmnElement: flow, waypoint });
  made.$parent = plane;
  return made;
}

/** From side to side where it leads on, else below both. */
function way(from, to) {
  const [right, level, height] = [from.x + from.width, from.y + from.height / 2, to.y + to.height / 2];
  if (to.x > right) return [[right, level], [to.x - BEFORE, level], [to.x - BEFORE, height], [to.x, height]];
  const [bottom, end] = [from.y + from.height, to.y + to.height];
  const [below, x, back] = [Math.max(bottom, end) + BELOW, from.x + from.width / 2, to.x + to.width / 2];
  return [[x, bottom], [x, below], [back, below], [back, end]];
}
