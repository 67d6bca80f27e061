// The TypeScript of the README and the guide has no type errors, with the types of the built package.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Block, blocksOf, PAGES, ROOT } from "../docs/blocks.js";

// Within the package, so that "rmsprop" is the package itself.
const FOLDER = join(ROOT, "out/block-types");
const COMPILER_OPTIONS = {
  ...{ strict: true, noEmit: true, target: "es2022", module: "nodenext", moduleDetection: "force", types: ["node"] },
  ...{ lib: ["es2023", "dom", "esnext.disposable"], skipLibCheck: true },
};

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

test("blocks of TypeScript are free of type errors under strict", () => {
  const programs = PAGES.flatMap((page) => programsOf(blocksOf(page).filter(({ language }) => language === "ts")));
  expect(programs.length).toBeGreaterThan(20);
  mkdirSync(FOLDER, { recursive: true });
  for (const { name, code } of programs) writeFileSync(join(FOLDER, name), code);
  writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER_OPTIONS }));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { stdout } = settled(() => execFileSync(process.execPath, [tsc, "-p", FOLDER], { encoding: "utf8" }));
  expect(stdout).toBe("");
});

/** Each block by itself; those that need a device go on from one another. */
function programsOf(blocks: readonly Block[]): { readonly name: string; readonly code: string }[] {
  const name = ({ page, line }: Block): string => `${page.replace(/\W+/g, "-")}-line-${line}.ts`;
  const joined = blocks.filter(({ marker }) => marker !== null);
  const alone = blocks
    .filter(({ marker }) => marker === null)
    .map((block) => ({ name: name(block), code: block.code }));
  const [first] = joined;
  return first ? [...alone, { name: name(first), code: joined.map(({ code }) => code).join("") }] : alone;
}

/** What a command printed, also where it failed. */
function settled(run: () => string): { readonly stdout: string } {
  try {
    return { stdout: run() };
  } catch (error) {
    return error as { stdout: string }; // What execFileSync throws carries it.
  }
}
