/** The form editor: form-js with its components, the form and the properties side by side. */
import { FormEditor } from "@bpmn-io/form-js-editor";

import { DraftPage } from "./draft_page.js";
import { listProblems } from "./problems.js";

// The server refuses these: they would bring foreign pages and scripts into a form (design of forms).
const REFUSED = ["html", "iframe", "documentPreview"];

export class FormPage extends DraftPage {
  constructor(root) {
    super(root);
    this.editor = new FormEditor({
      container: root.querySelector("[data-canvas]"),
      additionalModules: [{ __init__: ["withoutRefused"], withoutRefused: ["type", WithoutRefused] }],
    });
  }

  async open() {
    this.buttons();
    try {
      this.given = JSON.parse(await this.load());
      await this.editor.importSchema(structuredClone(this.given));
    } catch {
      this.say("这份表单打不开。可以下载后用 Camunda Modeler 修改。", true);
      return;
    }
    this.editor.on("commandStack.changed", () => {
      this.touched = true;
      this.changed();
    });
    this.history();
    this.root.dataset.ready = "true";
    this.checkSoon();
  }

  undo() { this.stack().undo(); }

  redo() { this.stack().redo(); }

  canUndo() { return this.stack().canUndo(); }

  canRedo() { return this.stack().canRedo(); }

  stack() { return this.editor.get("commandStack"); }

  fit() { this.editor.get("selection").clear(); }

  /** The file as it is now; an untouched form is what was given, key for key. */
  async text() {
    const schema = this.touched ? { ...this.given, ...this.editor.saveSchema() } : this.given;
    return JSON.stringify(schema, null, 2);
  }

  problems(problems, { quiet }) {
    const drawer = this.root.querySelector("[data-problems]");
    if (!quiet || !drawer.hidden) listProblems(drawer, problems, (problem) => this.jump(problem));
  }

  /** Return the way to what a problem is about: the field of that id or key. */
  jump(problem) {
    const fields = this.editor.get("formFieldRegistry").getAll();
    const field = problem.element && fields.find((one) => one.id === problem.element || one.key === problem.element);
    return field && (() => this.editor.get("selection").set(field));
  }
}

/** Takes components the server refuses out of the palette. */
class WithoutRefused {
  static $inject = ["formFields"];

  constructor(formFields) {
    for (const type of REFUSED) delete formFields._formFields[type];
  }
}
