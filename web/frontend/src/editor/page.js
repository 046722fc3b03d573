/** The diagram editor: a bpmn-js modeler with the Camunda 7 properties panel, drafts, checks and publishing. */
import BpmnModeler from "bpmn-js/lib/Modeler";
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule }
  from "bpmn-js-properties-panel";
import camundaModdle from "camunda-bpmn-moddle/resources/camunda.json";
import CamundaBehaviors from "camunda-bpmn-js-behaviors/lib/camunda-platform";
import minimapModule from "diagram-js-minimap";

import { Counterexample } from "./counterexample.js";
import { DraftPage } from "./draft_page.js";
import { drawn } from "./layout.js";
import { marks, showProblems } from "./problems.js";
import providerModule from "./provider.js";
import { post } from "./requests.js";
import translateModule from "./zh.js";

// The part of the width that the palette covers.
const PALETTE = 0.08;

export class EditorPage extends DraftPage {
  constructor(root) {
    super(root);
    this.modeler = new BpmnModeler({
      container: root.querySelector("[data-canvas]"),
      propertiesPanel: { parent: root.querySelector("[data-properties]") },
      moddleExtensions: { camunda: camundaModdle },
      additionalModules: [
        BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule,
        CamundaBehaviors, minimapModule, translateModule, providerModule,
      ],
      bihuan: this.choices,
    });
    this.counterexample = new Counterexample(
      root.querySelector("[data-trace]"), root.querySelector("[data-problems]"), this.modeler, root.dataset.process,
    );
    Object.assign(this.acts, {
      publish: () => this.askPublish(), find: () => this.modeler.get("searchPad").toggle(),
      align: (button) => this.align(button.value),
    });
  }

  async open() {
    this.buttons();
    let warnings = [];
    try {
      ({ warnings } = await this.modeler.importXML(await drawn(await this.load())));
    } catch {
      this.say("这份文件画不出来。可以返回后放弃草稿，或下载 BPMN 文件用 Camunda Modeler 修改。", true);
      return;
    }
    // Attributes of other makers are kept as they are, and need no word.
    warnings = warnings.filter((warning) => !warning.message.startsWith("unknown attribute"));
    if (warnings.length) this.say(`打开时有 ${warnings.length} 条提醒，内容没有丢失。`);
    this.fit();
    this.modeler.on("commandStack.changed", () => this.changed());
    this.history();
    this.root.dataset.ready = "true";
    if (new URLSearchParams(window.location.search).has("check")) this.check();
    else this.checkSoon();
  }

  buttons() {
    super.buttons();
    this.root.querySelector("[data-publish-form]")?.addEventListener("submit", (event) => {
      if (event.submitter?.value !== "publish") return;
      event.preventDefault();
      this.publish();
    });
  }

  align(kind) {
    const chosen = this.modeler.get("selection").get();
    if (chosen.length < 2) return this.say("请先框选两个以上的元素再对齐。");
    return this.modeler.get("alignElements").trigger(chosen, kind);
  }

  undo() { this.modeler.get("commandStack").undo(); }

  redo() { this.modeler.get("commandStack").redo(); }

  canUndo() { return this.modeler.get("commandStack").canUndo(); }

  canRedo() { return this.modeler.get("commandStack").canRedo(); }

  /** Show the whole diagram, beside the palette and not under it. */
  fit() {
    const canvas = this.modeler.get("canvas");
    canvas.zoom("fit-viewport", "auto");
    const seen = canvas.viewbox();
    const room = seen.width * PALETTE;
    canvas.viewbox({ x: seen.x - room, y: seen.y - room / 2, width: seen.width + room, height: seen.height + room });
  }

  async text() {
    return (await this.modeler.saveXML({ format: true })).xml;
  }

  askPublish() {
    this.root.querySelector("[data-publish-form]").closest("dialog").showModal();
  }

  async publish() {
    const form = this.root.querySelector("[data-publish-form]");
    form.closest("dialog").close();
    if (!(await this.save())) return;
    const answer = await post(this.root.dataset.publishUrl, this.root.dataset.csrf,
      { row_version: this.rowVersion, reason: form.elements.reason.value });
    if (!answer.ok) {
      this.refused(answer);
      return;
    }
    this.dirty = false;
    window.location.assign(answer.url);
  }

  problems(problems, { quiet }) {
    marks(problems, this.modeler);
    const drawer = this.root.querySelector("[data-problems]");
    if (quiet && drawer.hidden) return;
    showProblems(drawer, problems, this.modeler, (problem) => this.counterexample.play(problem));
  }
}
