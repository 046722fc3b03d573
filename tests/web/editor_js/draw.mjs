/** Node: gives every file of a folder to the editor's layout.js and puts what comes of it beside it, as `<name>.drawn`. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , layout, folder] = process.argv;
const { drawn } = await import(pathToFileURL(layout));
for (const name of readdirSync(folder)) {
  const path = join(folder, name);
  writeFileSync(`${path}.drawn`, await drawn(readFileSync(path, "utf8")));
}
