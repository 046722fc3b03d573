/** Forms: a draft saves itself, a page with unsaved words asks before it is left, a refusal keeps what was typed. */
import htmx from "htmx.org";

import { toast } from "./network.js";

const AUTOSAVE_AFTER = 4000;
const RETRY_AFTER = 15000;
const TYPED = "textarea, input:not([type=radio], [type=checkbox])";
let dirty = false;
let timer = null;
let saving = null;

const form = () => document.querySelector("#task-form");

function say(text, wrong = false) {
  const status = form()?.querySelector("[data-saved]");
  if (!status) return;
  status.textContent = text;
  status.classList.toggle("is-error", wrong);
}

/** The form without its files: those are uploaded by themselves or with the submission. */
function content(element) {
  const data = new FormData(element);
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  return data;
}

async function save(token) {
  const element = form();
  if (!element?.dataset.autosave || !dirty || saving) return;
  dirty = false;
  saving = true;
  try {
    const answer = await fetch(element.dataset.autosave, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": token() },
      body: content(element),
    });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) say(told.text || "草稿已保存");
    else later(token, answer.status === 401 ? "登录已过期，内容仍在本页。请在新标签页登录后继续。" : told.message);
  } catch {
    later(token, "未保存：网络已断开，内容仍在本页。");
  } finally {
    saving = null;
  }
}

function later(token, text) {
  dirty = true;
  say(text || "草稿没有保存，内容仍在本页。", true);
  clearTimeout(timer);
  timer = setTimeout(() => save(token), RETRY_AFTER);
}

/** Ask before unsaved words are left behind. */
export function mayLeave() {
  if (!dirty || !form()) return true;
  const leave = window.confirm("刚填的内容还没有保存为草稿，离开将丢失。仍要离开吗？");
  if (leave) dirty = false;
  return leave;
}

function submit(event, token) {
  const element = event.target;
  const button = event.submitter;
  if (event.defaultPrevented || !element.matches("[data-submit-partial]")) return;
  clearTimeout(timer);
  if (button?.name === "save") {
    event.preventDefault();
    dirty = true;
    save(token);
    return;
  }
  event.preventDefault();
  send(element, button);
}

/** Submit through htmx, so that a refusal or a lost connection leaves the page and its words alone. */
async function send(element, button) {
  for (const one of element.querySelectorAll("button")) one.disabled = true;
  const values = button?.name ? { [button.name]: button.value } : {};
  const address = button?.hasAttribute("formaction") ? button.formAction : element.action;
  const before = dirty;
  dirty = false;
  try {
    await htmx.ajax("POST", address, { source: element, target: element, swap: "outerHTML", values });
  } finally {
    if (element.isConnected) {
      dirty = before;
      for (const one of element.querySelectorAll("button")) one.disabled = false;
    }
  }
}

export function watchDrafts(token) {
  const changed = (event) => {
    const element = event.target.closest?.("[data-dirty-guard]");
    if (!element || event.target.type === "file") return;
    // What is typed told so already with each letter; leaving the field changes nothing.
    if (event.type === "change" && event.target.matches(TYPED)) return;
    dirty = true;
    say("有未保存的修改");
    clearTimeout(timer);
    timer = setTimeout(() => save(token), AUTOSAVE_AFTER);
  };
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("submit", (event) => submit(event, token));
  document.addEventListener("htmx:sendError", () => toast("没有送达：网络已断开。内容仍在本页，恢复后请再提交。"));
  document.addEventListener("visibilitychange", () => document.hidden && save(token));
  window.addEventListener("online", () => save(token));
  window.addEventListener("beforeunload", (event) => {
    if (dirty && form()) event.preventDefault();
  });
}
