/** The player of a counter-example: a run of the procedure that breaks a rule, step by step on the diagram. */

const AT = "trace-at";
const PASSED = "trace-passed";
const PACE = 1600;
// The smallest scale at which names can be read.
const LEGIBLE = 0.7;

export class Counterexample {
  /** `bar` is the section of the player, `drawer` that of the messages it takes the place of, `process` the key of the procedure that the diagram shows. */
  constructor(bar, drawer, modeler, process) {
    this.bar = bar;
    this.drawer = drawer;
    this.modeler = modeler;
    this.process = process;
  }

  /** Play `problem.trace` ([{words, passed: [[process, node, flow]], at: [[process, node]]}]) from its first step. */
  play(problem) {
    this.problem = problem;
    this.bar.replaceChildren(this.head(), this.list());
    this.bar.hidden = false;
    this.drawer.hidden = true;
    this.show(0);
    this.run(true);
  }

  close() {
    this.run(false);
    this.clear();
    this.bar.hidden = true;
    this.drawer.hidden = false;
  }

  head() {
    const head = document.createElement("header");
    const title = Object.assign(document.createElement("h2"), { textContent: `反例：${this.problem.message}` });
    this.previous = button("上一步", () => this.step(-1));
    this.next = button("下一步", () => this.step(1));
    this.running = button("暂停", () => this.run(!this.timer));
    head.append(title, this.previous, this.next, this.running, button("关闭", () => this.close()));
    return head;
  }

  list() {
    const list = document.createElement("ol");
    list.append(...this.problem.trace.map((step, number) => {
      const item = document.createElement("li");
      item.append(button(step.words, () => { this.run(false); this.show(number); }));
      return item;
    }));
    return list;
  }

  step(by) {
    this.run(false);
    this.show(this.number + by);
  }

  /** Go on by itself, or stop. */
  run(on) {
    clearInterval(this.timer);
    this.timer = on ? setInterval(() => this.advance(), PACE) : null;
    if (this.running) this.running.textContent = on ? "暂停" : "自动播放";
  }

  advance() {
    if (this.number + 1 < this.problem.trace.length) this.show(this.number + 1);
    else this.run(false);
  }

  show(number) {
    const trace = this.problem.trace;
    this.number = Math.max(0, Math.min(number, trace.length - 1));
    this.clear();
    const [canvas, registry] = [this.modeler.get("canvas"), this.modeler.get("elementRegistry")];
    const mark = (process, id, kind) => process === this.process && registry.get(id) && canvas.addMarker(id, kind);
    for (const [process, node, flow] of trace[this.number].passed) {
      mark(process, node, PASSED);
      if (flow) mark(process, flow, PASSED);
    }
    for (const [process, node] of trace[this.number].at) mark(process, node, AT);
    this.bar.querySelectorAll("li").forEach((item, place) => {
      item.toggleAttribute("aria-current", place === this.number);
      if (place === this.number) item.scrollIntoView({ block: "nearest" });
    });
    this.previous.disabled = this.number === 0;
    this.next.disabled = this.number + 1 === trace.length;
    const [, seen] = trace[this.number].at.find(([process, id]) => process === this.process && registry.get(id)) || [];
    if (!seen) return;
    if (canvas.zoom() < LEGIBLE) canvas.zoom(LEGIBLE);
    canvas.scrollToElement(registry.get(seen));
  }

  clear() {
    const canvas = this.modeler.get("canvas");
    this.modeler.get("elementRegistry").forEach((element) => {
      canvas.removeMarker(element, AT);
      canvas.removeMarker(element, PASSED);
    });
  }
}

function button(words, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet btn-small" });
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}
