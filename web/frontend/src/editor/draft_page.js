/** What the editors of diagrams, decisions and forms share: drafts that save themselves, checks, and what is said. */
import { post } from "./requests.js";

const AUTOSAVE_AFTER = 3000;
const CHECK_AFTER = 1200;

/**
 * A page over one file of a draft. What extends it gives `text()` (the file as it is now), `canUndo()`, `canRedo()`,
 * `undo()`, `redo()`, `fit()` and `problems(list)`.
 */
export class DraftPage {
  /** `root` is the element that carries the addresses and the token as data attributes. */
  constructor(root) {
    this.root = root;
    this.rowVersion = root.dataset.rowVersion ? Number(root.dataset.rowVersion) : null;
    this.choices = JSON.parse(root.querySelector("[data-choices]")?.textContent || "{}");
    this.dirty = false;
    this.saving = Promise.resolve(true);
    this.acts = {
      save: () => this.save(), check: () => this.check(), undo: () => this.undo(), redo: () => this.redo(),
      fit: () => this.fit(),
    };
  }

  /** Fetch the file this page edits. */
  async load() {
    const response = await fetch(this.root.dataset.fileUrl, { credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    return response.text();
  }

  /** Wire the buttons of the bar, the keys, and the questions asked before leaving. */
  buttons() {
    for (const button of this.root.querySelectorAll("[data-act]")) {
      button.addEventListener("click", () => this.acts[button.dataset.act](button));
    }
    for (const link of this.root.querySelectorAll("[data-saves-first]")) {
      link.addEventListener("click", (event) => this.saveThenGo(event, link));
    }
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "s") {
        event.preventDefault();
        this.save();
      }
    });
    window.addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
  }

  async saveThenGo(event, link) {
    if (!this.dirty) return;
    event.preventDefault();
    if (!(await this.save())) return;
    if (link.form) link.form.requestSubmit();
    else window.location.assign(link.href);
  }

  /** Something was edited. */
  changed() {
    this.dirty = true;
    this.say("有未保存的修改");
    this.history();
    clearTimeout(this.timer);
    if (!this.conflict) this.timer = setTimeout(() => this.save(), AUTOSAVE_AFTER);
    this.checkSoon();
  }

  checkSoon() {
    clearTimeout(this.checkTimer);
    this.checkTimer = setTimeout(() => this.check({ quiet: true }), CHECK_AFTER);
  }

  history() {
    this.root.querySelector("[data-act=undo]").disabled = !this.canUndo();
    this.root.querySelector("[data-act=redo]").disabled = !this.canRedo();
  }

  /** Save the draft; saves queue up, so that each carries the row version the one before was given. */
  save() {
    clearTimeout(this.timer);
    this.saving = this.saving.then(() => this.saveNow(), () => this.saveNow());
    return this.saving;
  }

  async saveNow() {
    if (!this.dirty && this.rowVersion !== null) return true;
    const xml = await this.text();
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
      link.download = `我的修改-${this.root.dataset.fileName}`;
      this.root.querySelector("[data-status]").after(link);
    }
    link.href = URL.createObjectURL(new Blob([xml], { type: "application/octet-stream" }));
  }

  /** Ask the server what is wrong; `quiet` shows it on the drawing and in the count only. */
  async check({ quiet = false } = {}) {
    clearTimeout(this.checkTimer);
    this.checks = (this.checks || 0) + 1;
    const turn = this.checks;
    const answer = await post(this.root.dataset.checkUrl, this.root.dataset.csrf, { xml: await this.text() });
    if (turn !== this.checks) return;
    if (!answer.ok) {
      if (!quiet) this.refused(answer);
      return;
    }
    this.count(answer.problems);
    this.problems(answer.problems, { quiet });
    if (!quiet) this.say(answer.problems.length ? "检查完成" : "检查通过");
  }

  /** Show in the bar how many things have to be mended, and how many are worth a look. */
  count(problems) {
    const badge = this.root.querySelector("[data-count]");
    if (!badge) return;
    const errors = problems.filter((problem) => problem.severity !== "warning").length;
    const words = errors ? `${errors} 处须改正` : problems.length ? `${problems.length} 条提醒` : "没有问题";
    badge.textContent = words;
    badge.dataset.count = errors ? "error" : problems.length ? "warning" : "none";
  }

  refused(answer) {
    this.say(answer.message || "没有成功，请稍后再试。", true);
    if (answer.problems) this.problems(answer.problems, { quiet: false });
  }

  say(text, wrong = false) {
    const status = this.root.querySelector("[data-status]");
    status.textContent = text;
    status.classList.toggle("is-error", wrong);
  }
}
