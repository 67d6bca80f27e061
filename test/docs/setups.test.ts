// docs/setups.md can be read as recipes. `npm run test:setups` runs them.
import { expect, test } from "vitest";
import { cellsOf } from "../setups/cells.js";
import { readRecipes } from "../setups/recipes.js";

const { start, recipes } = readRecipes();

test("every recipe is tried with some version, by each of its commands", () => {
  const cells = cellsOf(recipes, []);
  for (const { title, commands } of recipes) {
    const tried = cells.filter(({ recipe }) => recipe.title === title).map(({ command }) => command);
    expect(new Set(tried), title).toEqual(new Set(commands));
    expect(commands.length, title).toBeGreaterThan(0);
  }
});

test("what a recipe prints has the bits of the others", () => {
  const bits = /bits \w+/.exec(start.prints ?? "")?.[0] ?? "no bits";
  for (const { prints } of recipes) expect(prints ?? start.prints).toContain(bits);
});
