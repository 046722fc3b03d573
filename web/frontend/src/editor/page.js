/** The editor page: a bpmn-js modeler with the Camunda 7 properties panel, drafts, checks and publishing. */
import BpmnModeler from "bpmn-js/lib/Modeler";
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule }
  from "bpmn-js-properties-panel";
import camundaModdle from "camunda-bpmn-moddle/resources/camunda.json";
import CamundaBehaviors from "camunda-bpmn-js-behaviors/lib/camunda-platform";
import minimapModule from "diagram-js-minimap";

import { showProblems } from "./problems.js";
import providerModule from "./provider.js";
import { post } from "./requests.js";
import translateModule from "./zh.js";

const AUTOSAVE_AFTER = 3000;

export class EditorPage {
  /** `root` is the element that carries the addresses and the token as data attributes. */
  constructor(root) {
    this.root = root;
    this.rowVersion = root.dataset.rowVersion ? Number(root.dataset.rowVersion) : null;
    this.dirty = false;
    this.saving = Promise.resolve(true);
    this.modeler = new BpmnModeler({
      container: root.querySelector("[data-canvas]"),
      propertiesPanel: { parent: root.querySelector("[data-properties]") },
      moddleExtensions: { camunda: camundaModdle },
      additionalModules: [
        BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule,
        CamundaBehaviors, minimapModule, translateModule, providerModule,
      ],
      bihuan: JSON.parse(root.querySelector("[data-choices]")?.textContent || "{}"),
    });
  }

  async open() {
    this.buttons();
    const response = await fetch(this.root.dataset.xmlUrl, { credentials: "same-origin" });
    let warnings = [];
    try {
      if (!response.ok) throw new Error(String(response.status));
      ({ warnings } = await this.modeler.importXML(await response.text()));
    } catch {
      this.say("这份文件画不出来。可以返回后放弃草稿，或下载 BPMN 文件用 Camunda Modeler 修改。", true);
      return;
    }
    if (warnings.length) this.say(`打开时有 ${warnings.length} 条提醒，内容没有丢失。`);
    this.modeler.get("canvas").zoom("fit-viewport", "auto");
    this.modeler.on("commandStack.changed", () => this.changed());
    this.history();
    this.root.dataset.ready = "true";
  }

  buttons() {
    const acts = {
      save: () => this.save(), check: () => this.check(), publish: () => this.askPublish(),
      undo: () => this.modeler.get("commandStack").undo(), redo: () => this.modeler.get("commandStack").redo(),
      fit: () => this.modeler.get("canvas").zoom("fit-viewport", "auto"),
    };
    for (const button of this.root.querySelectorAll("[data-act]")) {
      button.addEventListener("click", () => acts[button.dataset.act]());
    }
    this.root.querySelector("[data-publish-form]").addEventListener("submit", (event) => {
      if (event.submitter?.value !== "publish") return;
      event.preventDefault();
      this.publish();
    });
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "s") {
        event.preventDefault();
        this.save();
      }
    });
    window.addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
  }

  changed() {
    this.dirty = true;
    this.say("有未保存的修改");
    this.history();
    clearTimeout(this.timer);
    if (!this.conflict) this.timer = setTimeout(() => this.save(), AUTOSAVE_AFTER);
  }

  history() {
    const stack = this.modeler.get("commandStack");
    this.root.querySelector("[data-act=undo]").disabled = !stack.canUndo();
    this.root.querySelector("[data-act=redo]").disabled = !stack.canRedo();
  }

  async xml() {
    return (await this.modeler.saveXML({ format: true })).xml;
  }

  /** Save the draft; saves queue up, so that each carries the row version the one before was given. */
  save() {
    clearTimeout(this.timer);
    this.saving = this.saving.then(() => this.saveNow(), () => this.saveNow());
    return this.saving;
  }

  async saveNow() {
    if (!this.dirty && this.rowVersion !== null) return true;
    const xml = await this.xml();
    this.dirty = false;
    const answer = await post(this.root.dataset.draftUrl, this.root.dataset.csrf, { xml, row_version: this.rowVersion });
    if (answer.ok) {
      this.rowVersion = answer.row_version;
      this.say(`草稿已保存 ${answer.saved_at}`);
      return true;
    }
    this.dirty = true;
    if (answer.status === 409) this.offerCopy(xml);
    this.refused(answer);
    return false;
  }

  /** Somebody else has saved: no more autosave, and this page's work can be taken along as a file. */
  offerCopy(xml) {
    this.conflict = true;
    let link = this.root.querySelector("[data-copy]");
    if (!link) {
      link = Object.assign(document.createElement("a"), { className: "btn btn-small", textContent: "另存我的修改" });
      link.dataset.copy = "";
      link.download = `${this.root.dataset.key}-我的修改.bpmn`;
      this.root.querySelector("[data-status]").after(link);
    }
    link.href = URL.createObjectURL(new Blob([xml], { type: "application/xml" }));
  }

  async check() {
    const answer = await post(this.root.dataset.checkUrl, this.root.dataset.csrf, { xml: await this.xml() });
    if (!answer.ok) return this.refused(answer);
    this.problems(answer.problems);
    return this.say(answer.problems.length ? "检查完成" : "检查通过");
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

  refused(answer) {
    this.say(answer.message || "没有成功，请稍后再试。", true);
    if (answer.problems) this.problems(answer.problems);
  }

  problems(problems) {
    showProblems(this.root.querySelector("[data-problems]"), problems, this.modeler);
  }

  say(text, wrong = false) {
    const status = this.root.querySelector("[data-status]");
    status.textContent = text;
    status.classList.toggle("is-error", wrong);
  }
}
