// docs/options.md lists every option with its default, as the code has it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { constraints, schedules } from "rmsprop";
import { expect, test } from "vitest";
import { camelCase } from "../../src/check/names.js";
import { BASE_OPTIONS, baseDefault, OUR_OPTIONS } from "../../src/core/config.js";
import { OPTIMIZERS } from "../../src/optimizers/index.js";
import { ROOT } from "./blocks.js";

const OPTIONS = readFileSync(join(ROOT, "docs/options.md"), "utf8");

/** The rows of the first table under a heading, without its head, each as its cells. */
function tableOf(heading: string): string[][] {
  const section = OPTIONS.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .map((cell) => cell.trim().replaceAll("`", ""))
      .slice(1, -1),
  );
}

/** Options by name with their defaults, as a table says. */
const listed = (heading: string) =>
  Object.fromEntries(tableOf(heading).map(([name = "", value = ""]) => [name, value]));

const shown = (options: Readonly<Record<string, { readonly default: unknown }>>) =>
  Object.fromEntries(Object.entries(options).map(([name, { default: value }]) => [name, String(value)]));

test("every option that all optimizers have is listed with its default", () => {
  const defaults = [...BASE_OPTIONS, ...OUR_OPTIONS].map((name) => [name, String(baseDefault(name))]);
  expect(listed("All optimizers")).toEqual({ ...Object.fromEntries(defaults), name: "class name" });
});

test.each(OPTIMIZERS)("every option of $className is listed with its default", ({ className, options, base }) => {
  const own = Object.entries(base ?? {}).map(([name, value]) => [name, String(value)]);
  expect(listed(className)).toEqual({ ...Object.fromEntries(own), ...shown(options) });
});

/** What a schedule or a constraint must be given. */
const GIVEN: Readonly<Record<string, object>> = {
  initialLearningRate: { initialLearningRate: 1 },
  decaySteps: { decaySteps: 1 },
  firstDecaySteps: { firstDecaySteps: 1 },
  decayRate: { decayRate: 1 },
  boundaries: { boundaries: [1] },
  values: { values: [1, 2] },
};

const CLASSES = [
  ...Object.entries(schedules).map(([name, type]) => ({ heading: "Schedules", name, type })),
  ...Object.entries(constraints).map(([name, type]) => ({ heading: "Constraints", name, type })),
].filter(({ name }) => !["LearningRateSchedule", "Constraint"].includes(name));

test.each(CLASSES)("every option of $name is listed with its default", ({ heading, name, type }) => {
  let row = "";
  const options = tableOf(heading).flatMap(([of = "", option = "", value = ""]) => {
    row = of || row;
    return row === name && option !== "" ? [[option, value] as const] : [];
  });
  const required = options.flatMap(([option, value]) => (value === "" ? [GIVEN[option] ?? {}] : []));
  const made = new (type as new (options: object) => { getConfig(): object })(Object.assign({}, ...required));
  const config = Object.fromEntries(Object.entries(made.getConfig()).map(([key, value]) => [camelCase(key), value]));
  expect(options.map(([option]) => option).toSorted()).toEqual(
    Object.keys(config)
      .filter((key) => key !== "name")
      .toSorted(),
  );
  for (const [option, value] of options)
    if (value !== "") expect(`${option} ${config[option]}`).toBe(`${option} ${value}`);
});
