// Functions of the user's own in a checkpoint: their names are saved, which is said, and whoever loads it passes them along.
import { loadCheckpoint, RMSprop, saveCheckpoint, Variable } from "rmsprop";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let said: string[];
beforeEach(() => {
  said = [];
  vi.spyOn(console, "warn").mockImplementation((text: string) => said.push(text));
});
afterEach(() => vi.restoreAllMocks());

const AGAIN = "Pass it under that name in customObjects where it is loaded.";

test("a learning rate's function comes back by its name", () => {
  const lowering = (): number => 0.25;
  const v = new Variable([1, 2]);
  const optimizer = new RMSprop({ learningRate: lowering });
  optimizer.apply([[1, 1]], [v]);
  const bytes = saveCheckpoint(optimizer, [v]);
  expect(said).toEqual([`RMSprop: of learningRate, a function, only the name "lowering" is saved. ${AGAIN}`]);
  expect(() => loadCheckpoint(bytes)).toThrow(/learning_rate must be a function that is passed along, .*"lowering"/);
  expect(loadCheckpoint(bytes, null, null, { lowering }).optimizer.learningRate).toBe(0.25);
});

test("a constraint's function comes back by its name", () => {
  const halved = (value: Float32Array | Float64Array): number[] => Array.from(value, (weight) => weight / 2);
  const v = new Variable([1, 2], { constraint: halved });
  const optimizer = new RMSprop();
  optimizer.apply([[1, 1]], [v]);
  const bytes = saveCheckpoint(optimizer, [v]);
  expect(said).toEqual([`Variable: of constraint, a function, only the name "halved" is saved. ${AGAIN}`]);
  loadCheckpoint(bytes, optimizer, [v]);
  expect(said).toHaveLength(1);
  expect(() => loadCheckpoint(bytes)).toThrow(
    /constraint must be a function that is passed along, .*constraint="halved"/,
  );
  const [again] = loadCheckpoint(bytes, null, null, { halved }).variables;
  expect(again instanceof Variable && again.constraint).toBe(halved);
});

test("a learning rate's function without a name is not saved, which is said, and so an optimizer has to be passed", () => {
  const v = new Variable([1, 2]);
  const make = () => new RMSprop({ learningRate: [() => 0.25][0] ?? 0, name: "unnamed" });
  const optimizer = make();
  optimizer.apply([[1, 1]], [v]);
  const bytes = saveCheckpoint(optimizer, [v]);
  expect(said).toEqual([
    "RMSprop: its config is not saved, so that an optimizer has to be passed where it is loaded. " +
      "RMSprop: a function without a name cannot be written as JSON. Name it, or use a LearningRateSchedule.",
  ]);
  expect(() => loadCheckpoint(bytes)).toThrow(/its config could not be saved/);
  const twin = make();
  loadCheckpoint(bytes, twin, [v]);
  expect(twin.iterations).toBe(1);
});
