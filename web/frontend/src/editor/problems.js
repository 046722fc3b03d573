/** The drawer of messages under the editor: each names element and reason and jumps there. */

const BADGES = "bihuan-problem";

/**
 * Show `problems` ([{element, message, rule, severity, line, file, trace}]) about a diagram; a click selects the
 * element, `play(problem)` plays the run that a proof found.
 */
export function showProblems(drawer, problems, modeler, play) {
  const registry = modeler.get("elementRegistry");
  listProblems(drawer, problems, (problem) => {
    const element = problem.element && registry.get(problem.element);
    return element && (() => jump(element, modeler));
  }, (id) => registry.get(id)?.businessObject.name, play);
}

/** Show `problems`; `way(problem)` returns a function that goes there, or nothing; `named(id)` an element's name. */
export function listProblems(drawer, problems, way, named = () => "", play = null) {
  const list = document.createElement("ol");
  list.append(...problems.map((problem) => row(problem, way(problem), named, play)));
  drawer.replaceChildren(head(drawer, problems.length), list);
  drawer.hidden = false;
}

function head(drawer, count) {
  const bar = document.createElement("header");
  const title = document.createElement("h2");
  title.textContent = count ? `检查结果：${count} 条` : "检查通过，没有问题";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-quiet btn-small";
  close.textContent = "收起";
  close.addEventListener("click", () => { drawer.hidden = true; });
  bar.append(title, close);
  return bar;
}

function row(problem, go, named, play) {
  const item = document.createElement("li");
  item.className = problem.severity === "warning" ? "is-warning" : "is-error";
  item.dataset.rule = problem.rule;
  const words = document.createElement(go ? "button" : "span");
  const kind = Object.assign(document.createElement("span"), {
    className: "editor-problem-kind", textContent: problem.severity === "warning" ? "提醒" : "必须改正",
  });
  words.append(kind, ` ${place(problem, named)}${problem.message}`);
  if (go) {
    words.type = "button";
    words.addEventListener("click", go);
  }
  item.append(words);
  if (play && problem.trace?.length) {
    const player = document.createElement("button");
    Object.assign(player, { type: "button", className: "btn btn-small", textContent: "播放反例" });
    player.addEventListener("click", () => play(problem));
    item.append(player);
  }
  return item;
}

function place(problem, named) {
  if (problem.element) return `${named(problem.element) || problem.element}：`;
  return problem.line ? `第 ${problem.line} 行：` : "";
}

/** Select an element and bring it into view. */
export function jump(element, modeler) {
  const root = modeler.get("canvas").findRoot(element);
  if (root) modeler.get("canvas").setRootElement(root);
  modeler.get("selection").select(element);
  modeler.get("canvas").scrollToElement(element);
}

/** Mark on the diagram what has problems, with a badge that says what they are. */
export function marks(problems, modeler) {
  const [canvas, registry, overlays] = ["canvas", "elementRegistry", "overlays"].map((name) => modeler.get(name));
  registry.forEach((element) => canvas.removeMarker(element, "has-problem"));
  overlays.remove({ type: BADGES });
  for (const id of new Set(problems.map((problem) => problem.element))) {
    const found = problems.filter((problem) => problem.element === id);
    const element = id && registry.get(id);
    if (!element || !element.parent) continue;
    const wrong = found.some((problem) => problem.severity !== "warning");
    if (wrong) canvas.addMarker(id, "has-problem");
    overlays.add(id, BADGES, { position: { top: -10, left: -10 }, html: badge(found, wrong), show: { minZoom: 0.3 } });
  }
}

function badge(found, wrong) {
  const mark = document.createElement("div");
  mark.className = `editor-badge ${wrong ? "is-error" : "is-warning"}`;
  mark.textContent = found.length > 1 ? String(found.length) : "!";
  mark.title = found.map((problem) => problem.message).join("\n");
  return mark;
}
