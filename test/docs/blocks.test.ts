// Every block of code in the README and the guide is run: programs print what they promise, commands exist (they are run by
// test/commands), and what cannot run here is listed with its reason in blocks.ts. `npm test` runs all programs in one process;
// `npm run test:package` gives each its own.
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isWhole } from "../seed.js";
import { type Block, blocksMarked, blocksOf, ELSEWHERE, PAGES, placeOf, promisesOf, ROOT } from "./blocks.js";
import { inventedIn, missingScripts } from "./commands.js";
import { sidesOf } from "./diffs.js";
import { instructionsOfStep, isComparable, operationsOf } from "./machine-code.js";
import { FAILED, type PagePrograms, type Program, printedByEach, printedTogether } from "./programs.js";
import { countsOf, differingBits, generatedText } from "./wasm.js";

const OUT = join(ROOT, "out/docs");

/** Files that a page's programs find in their folder. */
const GIVEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "docs/keras-files.md": { "model.keras": "test/keras-files/fixtures/tensorflow-plain.keras" },
};

interface Run {
  /** What the block's own programs have printed. */
  readonly lines: readonly string[];
  /** What the programs of the page have printed so far, these among them. */
  readonly printed: readonly string[];
}

type Runner = (block: Block, run: Run) => Promise<void> | void;

const program: Runner = ({ code }, { lines }) => {
  const promises = promisesOf(code);
  if (promises.length > 0) expect(lines).toEqual(promises);
};

/** The programs in blocks of these languages. */
const PROGRAMS: Readonly<Record<string, (code: string) => readonly Program[]>> = {
  ts: (code) => [{ name: "program", code }],
  js: (code) => [{ name: "program", code }],
  diff: sidesOf,
};

/** How a block of each language is held against what its programs have printed, and run if it is none. */
const RUNNERS: Readonly<Record<string, Runner>> = {
  ts: program,
  js: program,
  sh: ({ code }) => expect(inventedIn(code)).toEqual([]),
  text: ({ code }, { printed }) =>
    expect(printed.slice(-code.trimEnd().split("\n").length).join("\n")).toBe(code.trimEnd()),
  diff: () => undefined, // both of its programs have run
  wasm: async ({ code }) => {
    expect(await differingBits(code)).toBe(0);
    const generated = countsOf(await generatedText());
    // A kernel has the operations of a vector several times: before, in and after its loop.
    expect(countsOf(code, generated["f32x4.sqrt"])).toEqual(generated);
  },
  asm: async ({ code }) => {
    const lines = code.trimEnd().split("\n");
    // V8 has unrolled the loop once: two turns of what the block of WebAssembly shows.
    const turn = countsOf(blocksOf("docs/performance.md").find(({ language }) => language === "wasm")?.code ?? "", 2);
    expect(operationsOf(code)).toEqual(turn);
    if (isComparable) expect(instructionsOfStep().join("\n")).toContain(lines.join("\n"));
  },
};

const here = (block: Block): boolean => block.marker === null;

afterAll(() => rmSync(OUT, { recursive: true, force: true }));

test("every block has someone who runs it", () => {
  const orphans = PAGES.flatMap(blocksOf).filter(({ language, marker }) =>
    marker === null ? !(language in RUNNERS) : !ELSEWHERE.some((row) => row.marker === marker),
  );
  expect(orphans.map(placeOf)).toEqual([]);
});

test.each(ELSEWHERE)("blocks marked $marker are left to $runBy: $reason", ({ marker, runBy }) => {
  expect(readFileSync(join(ROOT, runBy), "utf8")).toContain(`blocksMarked("${marker}")`);
  expect(blocksMarked(marker).length).toBeGreaterThan(0);
});

const WITH_BLOCKS = PAGES.filter((page) => blocksOf(page).some(here));

/** A folder with what the programs of a page find there, and the programs. */
function prepared(page: string) {
  const folder = join(OUT, page.replace(/\W+/g, "-"));
  mkdirSync(folder, { recursive: true });
  for (const [name, from] of Object.entries(GIVEN[page] ?? {})) copyFileSync(join(ROOT, from), join(folder, name));
  const blocks = blocksOf(page).filter(here);
  return { folder, blocks, programs: blocks.flatMap((block) => programsIn(block).map((each) => ({ block, ...each }))) };
}

// A process for each block takes its time where the machine is busy.
describe.concurrent("run one after the other in an empty folder", { timeout: 240_000 }, () => {
  let together: Promise<string[][][]> | null = null;

  /** What each program of a page has printed. */
  async function printedOn(page: string, own: PagePrograms): Promise<string[][]> {
    if (isWhole) return printedByEach(own);
    together ??= printedTogether(OUT, WITH_BLOCKS.map(prepared));
    return (await together)[WITH_BLOCKS.indexOf(page)] ?? [];
  }

  test.each(WITH_BLOCKS)("the blocks of %s do what they say", async (page) => {
    const { blocks, programs, folder } = prepared(page);
    const outputs = await printedOn(page, { folder, programs });
    expect(outputs.length).toBe(programs.length);
    const printed: string[] = [];
    for (const block of blocks) {
      const lines = outputs.filter((_, i) => programs[i]?.block === block).flat();
      printed.push(...lines);
      try {
        expect(lines.join("\n")).not.toContain(FAILED);
        await RUNNERS[block.language]?.(block, { lines, printed });
      } catch (cause) {
        throw new Error(`${placeOf(block)}: ${cause instanceof Error ? cause.message : cause}`, { cause });
      }
    }
  });
});

/** The programs of a block, named by its line. */
function programsIn({ language, line, code }: Block): Program[] {
  return (PROGRAMS[language]?.(code) ?? []).map((each) => ({ name: `line-${line}-${each.name}`, code: each.code }));
}

test("promises are told from remarks", () => {
  const code = `console.log(a); // 9.5, as on Keras' page
console.log(b); // Keras reads it
console.log(c); // [2,1]
console.log(d); // wasm`;
  expect(promisesOf(code)).toEqual(["9.5", "[2,1]", "wasm"]);
});

test("commands that do not exist are found", () => {
  const code =
    "npm run start:jax\nnpm run strat\nnpm install rmsprop leftpad && npm ci\nnpx rmsprop inspect FILE\nrm -r out";
  expect(inventedIn(code)).toEqual(["npm run strat", "npm install rmsprop leftpad", "rm -r out"]);
});

test("WebAssembly that computes something else is found", async () => {
  const [block] = PAGES.flatMap(blocksOf).filter(({ language }) => language === "wasm");
  expect(await differingBits((block?.code ?? "").replace("f32x4.sub", "f32x4.add"))).toBeGreaterThan(0);
});

test.each(PAGES)("every script that %s names exists", (page) => {
  expect(missingScripts(readFileSync(join(ROOT, page), "utf8"))).toEqual([]);
});
