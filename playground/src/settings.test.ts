// The page knows every optimizer of the package's list, with its options and Keras' defaults.
import { expect, test } from "vitest";
import { OPTIMIZERS } from "../../src/optimizers/index.js";
import { createOptimizer } from "./landscape/optimizers.js";
import { KINDS, LANDSCAPE_KINDS, OWN_CLASSES, type OwnKind, settingsOf } from "./settings.js";

const NAMES = OPTIMIZERS.map(({ className }) => className);
// They are the names of the table itself.
const KINDS_OF_KERAS = Object.keys(OWN_CLASSES) as OwnKind[];

test("every optimizer of the list can be chosen, in its order", () => {
  expect(KINDS_OF_KERAS.map((kind) => OWN_CLASSES[kind])).toEqual(NAMES);
  // As Keras names an optimizer that is given no name.
  expect(KINDS_OF_KERAS).toEqual(NAMES.map((name) => name.toLowerCase()));
  expect(LANDSCAPE_KINDS).toEqual(expect.arrayContaining(KINDS_OF_KERAS));
});

test.each(KINDS_OF_KERAS)("%s has its own options with their defaults, and no others", (kind) => {
  const definition = OPTIMIZERS.find(({ className }) => className === OWN_CLASSES[kind]);
  const own = Object.entries(definition?.options ?? {}).map(([key, option]) => [key, option.default]);
  const shared = KINDS.rmsprop.options
    .map(({ key }) => key)
    .filter((key) => !["rho", "momentum", "epsilon", "centered"].includes(key));
  const { options } = settingsOf(kind);
  expect(Object.fromEntries(own)).toEqual(
    Object.fromEntries(Object.entries(options).filter(([key]) => key in (definition?.options ?? {}))),
  );
  expect(Object.keys(options).toSorted()).toEqual([...own.map(([key]) => key), ...shared].toSorted());
});

test.each(LANDSCAPE_KINDS)("%s is made with its settings", (kind) => {
  const { options } = settingsOf(kind);
  const config = createOptimizer(settingsOf(kind)).getConfig();
  for (const { key, keras } of KINDS[kind].options.filter(({ key }) => key !== "learningRate"))
    expect([keras, config[keras as keyof typeof config]]).toEqual([keras, options[key]]);
});

test("help is about the option, and so is true on every surface and of the digits", () => {
  for (const { options } of Object.values(KINDS))
    for (const { about } of options) {
      expect(about).toMatch(/^[A-Z].*\.$/);
      expect(about).not.toMatch(/\b(here x|x and y|surface|map|picture)\b/);
    }
});

test("an option of one name is told by what it does in each optimizer", () => {
  const aboutOf = (kind: keyof typeof KINDS, key: string) => KINDS[kind].options.find((own) => own.key === key)?.about;
  expect(aboutOf("adam", "beta2")).toContain("squared gradients");
  expect(aboutOf("adamax", "beta2")).toContain("largest gradient");
  expect(aboutOf("adam", "beta1")).toContain("average of gradients");
  expect(aboutOf("schedulefreeadamw", "beta1")).toContain("average of the weights");
  expect(aboutOf("tfjs", "epsilon")).toContain("subtracted");
});
