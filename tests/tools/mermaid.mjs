// Asks Mermaid's own parser whether it accepts diagrams: node mermaid.mjs FILE.mmd …
// Needs `npm install mermaid` in the folder from which it runs.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const installed = createRequire(join(process.cwd(), "package.json"));
const { default: mermaid } = await import(pathToFileURL(installed.resolve("mermaid")).href);
const files = process.argv.slice(2);
if (files.length === 0) throw new Error("which diagrams?");
for (const file of files) {
  const { diagramType } = await mermaid.parse(readFileSync(file, "utf8"));
  if (diagramType !== "sequence") throw new Error(`${file} is a ${diagramType} diagram`);
}
console.log(`Mermaid accepts ${files.length} diagrams`);
