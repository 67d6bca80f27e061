// The commands of the README and the guide that install the package, each in an empty folder, and the program that comes
// after them on the page, with what they have installed. The package that was packed here stands for the published one.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transform } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Block, blocksOf, placeOf, promisesOf } from "../docs/blocks.js";
import { pack } from "../package/installed.js";
import { COMMANDS, isInstall, run } from "./shell.js";

const home = mkdtempSync(join(tmpdir(), "rmsprop-install-"));
let tarball = "";
beforeAll(() => {
  tarball = join(home, pack(home).filename);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test.each(COMMANDS.filter(isInstall).map((block) => ({ at: placeOf(block), block })))(
  "$at: the program after it runs to its end, and prints what it promises",
  async ({ block }) => {
    const folder = mkdtempSync(join(home, "user-"));
    await run(folder, block.code.replace(/(?<= )(rmsprop|\S+\.tgz)(?=\s)/, tarball));
    const { code } = programAfter(block);
    const { code: script } = await transform(code, { loader: "ts", format: "esm" });
    writeFileSync(join(folder, "program.mjs"), script);
    const printed = await run(folder, "node program.mjs");
    const promises = promisesOf(code);
    if (promises.length > 0) expect(printed.trimEnd().split("\n")).toEqual(promises);
  },
);

/** The next program of the page. */
function programAfter({ page, line }: Block): Block {
  const program = blocksOf(page).find((block) => block.line > line && block.language === "ts");
  if (program === undefined) throw new Error(`${page} has no program after line ${line}.`);
  return program;
}
