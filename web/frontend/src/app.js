/** What every page has: parts loaded by htmx, the keyboard, drafts that save themselves, and words about the network. */
import htmx from "htmx.org";

import { watchDrafts } from "./app/drafts.js";
import { watchFilters, watchMaps, watchMenus, watchPrint, watchQuestions, watchTables } from "./app/controls.js";
import { watchKeyboard } from "./app/keyboard.js";
import { watchNetwork } from "./app/network.js";
import { watchWork } from "./app/work.js";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.historyCacheSize = 0;
htmx.config.selfRequestsOnly = true;
// A refused form (422, 409 …) comes back as a part of the page and is shown like any other.
htmx.config.responseHandling = [{ code: "204", swap: false }, { code: "[2345]..", swap: true }];

document.documentElement.classList.add("has-js");
const token = () => document.querySelector('meta[name="csrf-token"]').content;

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = token();
});
// After a part of the page came: the first field at fault, or the message, gets the focus.
document.addEventListener("htmx:afterSwap", () => {
  const wrong = document.querySelector("#error-summary, [data-focus]");
  if (wrong) {
    wrong.focus();
    wrong.scrollIntoView({ block: "center" });
  }
});

watchWork();
watchDrafts(token);
watchKeyboard();
watchNetwork();
watchFilters();
watchMaps();
watchMenus();
watchPrint();
watchQuestions();
watchTables();

// Without htmx's help a refused page comes back whole: jump to what is wrong there too.
document.querySelector("#error-summary")?.focus();
