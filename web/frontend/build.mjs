/**
 * Bundles every src/*.js into ../static/dist/<name>.js (+ <name>.css), shared code into chunks, the style sheets of all
 * pages into page.css, and the icons that are used (icons.json) into one sprite. What every page loads shares no code
 * with the editors: a chunk would be one more request before anything runs. `node build.mjs --watch` builds again at
 * each change, with source maps.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { context, build } from "esbuild";

import { chinese } from "./chinese.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const target = join(here, "..", "static", "dist");
const watching = process.argv.includes("--watch");

const entries = readdirSync(source).filter((name) => /\.(js|css)$/.test(name));
const editors = entries.filter((name) => name.endsWith("editor.js"));
const bundles = [editors, ...entries.filter((name) => !editors.includes(name)).map((name) => [name])];

const options = {
  absWorkingDir: here,
  outdir: target,
  bundle: true,
  format: "esm",
  splitting: true,
  target: ["es2022"],
  minify: !watching,
  sourcemap: watching ? "linked" : false,
  legalComments: "external",
  charset: "utf8",
  logLevel: "warning",
  chunkNames: "chunks/[name]-[hash]",
  assetNames: "assets/[name]-[hash]",
  loader: { ".woff": "file", ".woff2": "file", ".ttf": "file", ".eot": "file", ".svg": "dataurl", ".png": "dataurl" },
  plugins: [chinese],
  define: { "process.env.NODE_ENV": '"production"' },
};

function sprite() {
  const folder = join(here, "node_modules", "bootstrap-icons", "icons");
  const symbols = JSON.parse(readFileSync(join(here, "icons.json"), "utf8")).map((name) => {
    const drawing = readFileSync(join(folder, `${name}.svg`), "utf8");
    const inner = drawing.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").trim();
    return `<symbol id="${name}" viewBox="0 0 16 16">${inner}</symbol>`;
  });
  const head = '<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">';
  writeFileSync(join(target, "icons.svg"), `${head}${symbols.join("")}</svg>\n`);
}

if (existsSync(target)) {
  rmSync(target, { recursive: true });
}
for (const names of bundles) {
  const bundle = { ...options, entryPoints: names.map((name) => join(source, name)) };
  if (watching) {
    const running = await context(bundle);
    await running.rebuild();
    await running.watch();
  } else {
    await build(bundle);
  }
}
sprite();
