// Options that Keras does not have: never in its JSON, and kept by checkpoints.
import {
  Adam,
  defineOptimizer,
  deserialize,
  LossScaleOptimizer,
  loadCheckpoint,
  RMSprop,
  saveCheckpoint,
  serialize,
  Variable,
} from "rmsprop";
import { expect, test } from "vitest";
import { WHOLE } from "../definitions/whole.js";

const OURS = { skipNonFinite: true, trackNorm: true };

test("a config has none of them, and takes them in either spelling", () => {
  const optimizer = new RMSprop(OURS);
  expect(Object.keys(optimizer.getConfig())).toEqual(Object.keys(new RMSprop().getConfig()));
  for (const added of [{ skip_non_finite: true, track_norm: true }, OURS]) {
    const again = RMSprop.fromConfig({ ...optimizer.getConfig(), ...added });
    expect(again).toMatchObject(OURS);
  }
});

test("they can be read, and not be set", () => {
  const optimizer = new RMSprop({ trackNorm: true });
  expect(optimizer).toMatchObject({ skipNonFinite: false, trackNorm: true });
  expect(() => Object.assign(optimizer, { trackNorm: false })).toThrow(/trackNorm must stay as it is/);
});

test("a checkpoint makes an optimizer with them", () => {
  const v = new Variable([3, 4]);
  const optimizer = new Adam(OURS);
  optimizer.apply([[3, 4]], [v]);
  optimizer.apply([[Number.NaN, 4]], [v]);
  const { optimizer: again, variables } = loadCheckpoint(saveCheckpoint(optimizer, [v]));
  if (!(again instanceof Adam)) throw new TypeError("another class");
  expect(again).toMatchObject({ ...OURS, skipped: 0, gradientNorm: null });
  again.apply([[6, 8]], variables);
  again.apply([[Number.NaN, 4]], variables);
  expect([again.skipped, again.gradientNorm, again.iterations]).toEqual([1, 10, 2]);
});

test("a checkpoint makes an inner optimizer with them", () => {
  const optimizer = new LossScaleOptimizer(new RMSprop(OURS));
  const { optimizer: again } = loadCheckpoint(saveCheckpoint(optimizer, []));
  if (!(again instanceof LossScaleOptimizer)) throw new TypeError("another class");
  expect(again.innerOptimizer).toMatchObject(OURS);
});

test("a checkpoint keeps the options of a definition that are in no JSON of Keras", () => {
  const Whole = defineOptimizer(WHOLE);
  const optimizer = new Whole({ outside: 0.5 });
  const { optimizer: again } = loadCheckpoint(saveCheckpoint(optimizer, []), null, null, { [WHOLE.className]: Whole });
  expect(again).toMatchObject({ outside: 0.5 });
  expect(deserialize(serialize(optimizer), { [WHOLE.className]: Whole })).toMatchObject({ outside: 0.25 });
});

test("the bytes of a checkpoint without them are those of before", () => {
  const text = new TextDecoder().decode(saveCheckpoint(new RMSprop({ skipNonFinite: false }), []));
  expect(text).not.toContain("rmsprop.options");
});
