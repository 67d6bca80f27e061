// The blocks of the guide that need Keras: the file that the program before them has written is loaded by real Keras.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { blocksMarked, blocksOf, placeOf, ROOT } from "../docs/blocks.js";
import { printedBy } from "../docs/programs.js";

/** Runs after the guide's own lines: what was loaded is what the program has saved. */
const CHECK = `
assert int(model.optimizer.iterations) == 1, model.optimizer.iterations
assert len(model.optimizer.variables) == 6, model.optimizer.variables
`;

/** Runs the blocks and says how many. Throws an Error that names the block when Keras does, or only warns. */
export async function runDocs(python: string): Promise<number> {
  const folder = join(ROOT, "out/keras-docs");
  mkdirSync(folder, { recursive: true });
  try {
    for (const block of blocksMarked("keras")) {
      const before = blocksOf(block.page).findLast(({ language, line }) => language === "ts" && line < block.line);
      await printedBy(folder, "before", before?.code ?? "");
      const path = join(folder, "block.py");
      writeFileSync(path, block.code + CHECK);
      // Keras only warns when it leaves the state out.
      const parameters = ["-B", "-W", "error::UserWarning", path];
      const { status, stderr } = spawnSync(python, parameters, { cwd: folder, encoding: "utf8" });
      if (status !== 0) throw new Error(`${placeOf(block)}: ${stderr.slice(-2000)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return blocksMarked("keras").length;
}
