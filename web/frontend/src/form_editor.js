/** The bundle of the form editor: its styles, and the page object for each element marked `data-editor`. */
import "../node_modules/@bpmn-io/form-js-editor/node_modules/@bpmn-io/form-js-viewer/dist/assets/form-js.css";
import "@bpmn-io/form-js-editor/dist/assets/form-js-editor.css";
import "@bpmn-io/form-js-editor/dist/assets/properties-panel.css";

import { FormPage } from "./editor/form_page.js";

for (const root of document.querySelectorAll("[data-editor]")) {
  new FormPage(root).open();
}
