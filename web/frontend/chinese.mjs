/**
 * Two corrections of packages at build time. The form editor, and some lines of the panel, of the FEEL fields and of the
 * decision table, know no translation: their English words are replaced where they are shown (shown-words.json).
 * CodeMirror's styles go into adopted style sheets, because the content security policy blocks <style> elements.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const WITHOUT_TRANSLATION = new RegExp([
  "form-js-(editor|viewer)/dist/index\\.es\\.js$", "properties-panel/dist/index\\.esm\\.js$",
  "feel-lint/dist/index\\.esm\\.js$", "drag-and-drop/DragAndDrop\\.js$",
].join("|").replaceAll("/", "[\\\\/]"));
const STYLES = /style-mod[\\/]src[\\/]style-mod\.js$/;
// A word is shown when it is a property, an argument, a branch or a result; keys of the keyboard are compared instead.
const SHOWN = "(?<=(?:[:?(,=\\[]|return|&&|\\|\\|)\\s*)";

export const chinese = {
  name: "chinese",
  setup(build) {
    const words = Object.entries(JSON.parse(readFileSync(join(here, "shown-words.json"), "utf8")))
      .sort(([one], [other]) => other.length - one.length);
    build.onLoad({ filter: WITHOUT_TRANSLATION },
      ({ path }) => ({ contents: translated(readFileSync(path, "utf8"), words) }));
    build.onLoad({ filter: STYLES }, ({ path }) => ({ contents: adopting(readFileSync(path, "utf8")) }));
  },
};

function translated(source, words) {
  return words.reduce((text, [english, word]) => {
    const literal = english.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/'/g, "\\\\?'");
    return text.replace(new RegExp(`${SHOWN}(['"\`])${literal}\\1`, "g"), (_, quote) => quote + word + quote);
  }, source);
}

function adopting(source) {
  const before = "!root.head && root.adoptedStyleSheets";
  if (!source.includes(before)) throw new Error("style-mod has changed: look at chinese.mjs");
  return source.replace(before, "root.adoptedStyleSheets");
}
