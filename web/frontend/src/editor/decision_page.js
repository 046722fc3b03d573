/** The decision editor: requirements diagram, decision table, literal and boxed expressions of one DMN file. */
import DmnModeler from "dmn-js/lib/Modeler";

import { DraftPage } from "./draft_page.js";
import translateModule from "./dmn-zh.js";
import { listProblems } from "./problems.js";

const VIEWS = {
  drd: "决策关系图", decisionTable: "决策表", literalExpression: "表达式", boxedExpression: "业务知识",
};

export class DecisionPage extends DraftPage {
  constructor(root) {
    super(root);
    // dmn-js hands no common modules to its views, so each gets the translation.
    const views = Object.fromEntries(Object.keys(VIEWS).map((id) => [id, { additionalModules: [translateModule] }]));
    this.modeler = new DmnModeler({
      container: root.querySelector("[data-canvas]"), ...views,
    });
    this.heard = new WeakSet();
  }

  async open() {
    this.buttons();
    try {
      await this.modeler.importXML(await this.load());
    } catch {
      this.say("这份决策文件打不开。可以下载后用 Camunda Modeler 修改。", true);
      return;
    }
    this.modeler.on("views.changed", () => this.viewed());
    this.viewed();
    this.root.dataset.ready = "true";
    this.checkSoon();
  }

  /** Another view was opened, or the views have changed: show them as tabs and listen to the open one. */
  viewed() {
    const viewer = this.modeler.getActiveViewer();
    if (viewer && !this.heard.has(viewer)) {
      this.heard.add(viewer);
      viewer.on("commandStack.changed", () => this.changed());
    }
    const active = this.modeler.getActiveView();
    const tabs = this.modeler.getViews().map((view) => this.tab(view, view.id === active?.id));
    this.root.querySelector("[data-views]").replaceChildren(...tabs);
    this.history();
  }

  tab(view, active) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "chip" });
    button.textContent = view.type === "drd" ? VIEWS.drd : view.element.name || view.element.id;
    button.title = VIEWS[view.type];
    if (active) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => this.modeler.open(view));
    return button;
  }

  undo() { this.stack()?.undo(); }

  redo() { this.stack()?.redo(); }

  canUndo() { return Boolean(this.stack()?.canUndo()); }

  canRedo() { return Boolean(this.stack()?.canRedo()); }

  stack() { return this.modeler.getActiveViewer()?.get("commandStack"); }

  fit() {
    const canvas = this.modeler.getActiveViewer()?.get("canvas", false);
    canvas?.zoom?.("fit-viewport", "auto");
  }

  async text() {
    return (await this.modeler.saveXML({ format: true })).xml;
  }

  problems(problems, { quiet }) {
    const drawer = this.root.querySelector("[data-problems]");
    if (!quiet || !drawer.hidden) listProblems(drawer, problems, (problem) => this.jump(problem));
  }

  /** Return the way to what a problem is about: the view of its decision. */
  jump(problem) {
    const view = this.modeler.getViews().find((each) => holds(each.element, problem.element));
    return view && (() => this.modeler.open(view));
  }
}

function holds(element, id) {
  if (!id) return false;
  if (element.id === id) return true;
  const table = element.decisionLogic;
  const parts = [table, ...(table?.input || []), ...(table?.output || []), ...(table?.rule || [])].filter(Boolean);
  return parts.some((part) => part.id === id || [...(part.inputEntry || []), ...(part.outputEntry || [])]
    .some((entry) => entry.id === id));
}
