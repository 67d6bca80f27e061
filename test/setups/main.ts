// `npm run test:setups [-- WORDS]`: the recipes of docs/setups.md, each in an empty folder with the packed package, or those
// with one of the words in title or version. It installs packages, and needs Chromium.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium } from "../browser/chromium.js";
import { pack } from "../package/installed.js";
import { cellsOf } from "./cells.js";
import { readRecipes } from "./recipes.js";
import { type Result, tryCell } from "./try-cell.js";

const { start, recipes } = readRecipes();
const home = mkdtempSync(join(tmpdir(), "rmsprop-setups-"));
findChromium(); // Without it there is little to try.
const results: Result[] = [];
try {
  const bench = { home, tarball: join(home, pack(home).filename), start };
  for (const cell of cellsOf(recipes, process.argv.slice(2))) {
    const result = await tryCell(bench, cell);
    results.push(result);
    const { problem, ...row } = result;
    console.log(Object.values(row).join(" | "), problem === null ? "" : `\n${problem}`);
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
console.table(results.map(({ problem, ...row }) => ({ ...row, ok: problem === null })));
process.exitCode = results.length > 0 && results.every(({ problem }) => problem === null) ? 0 : 1;
