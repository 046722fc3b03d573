/** The drawer of messages under the diagram: each names element and reason and jumps there. */

/** Show `problems` ([{element, message, rule, severity, line, file}]) in `drawer`; a click selects the element. */
export function showProblems(drawer, problems, modeler) {
  const list = document.createElement("ol");
  list.append(...problems.map((problem) => row(problem, modeler)));
  drawer.replaceChildren(head(drawer, problems.length), list);
  drawer.hidden = false;
  mark(problems, modeler);
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

function row(problem, modeler) {
  const item = document.createElement("li");
  item.className = problem.severity === "warning" ? "is-warning" : "is-error";
  const element = problem.element && modeler.get("elementRegistry").get(problem.element);
  const words = document.createElement(element ? "button" : "span");
  const kind = problem.severity === "warning" ? "提醒" : "必须改正";
  const place = problem.element ? `${name(element, problem.element)}：` : problem.line ? `第 ${problem.line} 行：` : "";
  words.textContent = `${kind} ${place}${problem.message}`;
  if (element) {
    words.type = "button";
    words.addEventListener("click", () => jump(element, modeler));
  }
  item.append(words);
  return item;
}

function name(element, id) {
  return element?.businessObject?.name || id;
}

/** Select an element and bring it into view. */
export function jump(element, modeler) {
  const root = modeler.get("canvas").findRoot(element);
  if (root) modeler.get("canvas").setRootElement(root);
  modeler.get("selection").select(element);
  modeler.get("canvas").scrollToElement(element);
}

function mark(problems, modeler) {
  const canvas = modeler.get("canvas");
  const registry = modeler.get("elementRegistry");
  registry.forEach((element) => canvas.removeMarker(element, "has-problem"));
  for (const problem of problems) {
    if (problem.element && registry.get(problem.element)) canvas.addMarker(problem.element, "has-problem");
  }
}
