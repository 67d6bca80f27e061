// What the pictures of the options show and say is true of the runs of core, wherever their controls are.
import { RMSprop, type RMSpropOptions, Variable } from "rmsprop";
import { describe, expect, test } from "vitest";
import { at, pointAt } from "../explain/story/paths.js";
import { half } from "../landscape/run.js";
import { surfaceOf } from "../landscape/surfaces.js";
import { KINDS } from "../settings.js";
import { toldOf } from "./in-node.js";
import { lateDistance, lateLoss } from "./numbers.js";
import { STORIES, STORY_NAMES, type StoryName, storyOf } from "./stories.js";
import { drawnPath } from "./story.js";

/** The picture as it opens. */
function opened(name: StoryName) {
  const { control } = storyOf(name);
  return toldOf(name, control.places[control.initial] ?? "");
}

/** Arguments that have no picture: they are on the first screen, belong to another one, or do nothing by themselves. */
const WITHOUT_PICTURE = ["learning_rate", "rho", "epsilon", "ema_momentum", "ema_overwrite_frequency", "name"];

test("there is a picture for every option of RMSprop, and for schedules", () => {
  const names = KINDS.rmsprop.options.map(({ keras }) => keras).filter((name) => !WITHOUT_PICTURE.includes(name));
  expect(STORY_NAMES.toSorted()).toEqual([...names, "schedules"].toSorted());
});

const PLACES = STORY_NAMES.flatMap((name) => storyOf(name).control.places.map((chosen) => [name, chosen] as const));

test.each(PLACES)("%s at %s runs, and its sentence is whole", (name, chosen) => {
  const told = toldOf(name, chosen);
  expect(told.without.get("x")).toHaveLength(told.steps + 1);
  expect(told.with.get("x")).toHaveLength(told.steps + 1);
  expect(storyOf(name).sentence(told)).toMatch(/^[A-Z].*\.$/);
  expect(storyOf(name).sentence(told).replace("become NaN", "")).not.toMatch(/NaN|undefined|null|Infinity|∞/);
});

const CASES: readonly (readonly [StoryName, RMSpropOptions, RMSpropOptions])[] = [
  ["momentum", { learningRate: 0.01 }, { momentum: 0.9 }],
  ["centered", { learningRate: 0.02 }, { centered: true }],
  ["global_clipnorm", { learningRate: 0.3, momentum: 0.9, epsilon: 1 }, { globalClipnorm: 1 }],
  ["weight_decay", { learningRate: 0.03 }, { weightDecay: 2 }],
];

test.each(CASES)("%s shows the runs of the package used as anybody would", (name, shared, own) => {
  const told = opened(name);
  const surface = surfaceOf(storyOf(name).surface);
  for (const [path, options] of [[told.without, shared] as const, [told.with, { ...shared, ...own }] as const]) {
    const [x, y] = [new Variable(surface.start.x), new Variable(surface.start.y)];
    const optimizer = new RMSprop(options);
    for (let step = 1; step <= told.steps; step++) {
      const slope = surface.gradient({ x: x.item(), y: y.item() });
      optimizer.apply([slope.x, slope.y], [x, y]);
    }
    expect([x.item(), y.item()]).toEqual([at(path, "x", told.steps), at(path, "y", told.steps)]);
  }
});

describe("as they open, the pictures show", () => {
  const lossesOf = (name: StoryName): [number, number] => {
    const { without, with: own, steps } = opened(name);
    return [at(without, "loss", steps), at(own, "loss", steps)];
  };

  test.each(["momentum", "clipnorm", "global_clipnorm", "schedules"] as const)("a far lower loss with %s", (name) => {
    const [without, own] = lossesOf(name);
    expect(own).toBeLessThan(without / 100);
  });

  test("centered: longer steps along the steady slope", () => {
    const { without, with: own } = opened("centered");
    expect(at(own, "x_step", 30)).toBeGreaterThan(2 * at(without, "x_step", 30));
  });

  test("clips: the outlier's direction is kept by clipnorm and turned by clipvalue", () => {
    expect(STORIES.clipnorm.sentence(opened("clipnorm"))).toContain("scales it to (−1, 0.098), the same direction");
    expect(STORIES.clipvalue.sentence(opened("clipvalue"))).toContain("makes it (−1, 1)");
    expect(STORIES.clipnorm.sentence(toldOf("clipnorm", "100"))).toContain("changes nothing");
    const { without, with: own } = opened("clipvalue");
    expect(at(without, "y_velocity", 40)).toBeGreaterThan(10 * at(own, "y_velocity", 40));
  });

  test("weight_decay: no weight stays beyond one over it", () => {
    const told = opened("weight_decay");
    expect(pointAt(told.with, told.steps).x).toBeCloseTo(0.5, 1);
    expect(pointAt(told.without, told.steps).x).toBeCloseTo(1, 1);
  });

  test("use_ema: the average is far closer to the minimum", () => {
    const told = opened("use_ema");
    expect(lateDistance(drawnPath(STORIES.use_ema, told.with))).toBeLessThan(lateDistance(told.without) / 3);
    expect(told.with.get("x")).toEqual(told.without.get("x"));
  });

  test("gradient_accumulation_steps: fewer steps, less noise", () => {
    const told = opened("gradient_accumulation_steps");
    expect(lateLoss(told.with)).toBeLessThan(lateLoss(told.without));
    const moved = told.with.get("x_step")?.filter((step) => step !== 0);
    expect(moved).toHaveLength(told.steps / 8);
  });

  test("loss_scale_factor: without it float16 rounds the gradients to 0, and too large a one makes them infinite", () => {
    const told = opened("loss_scale_factor");
    expect(at(told.without, "x_step", told.steps)).toBe(0);
    expect(pointAt(told.without, told.steps).x).toBeLessThan(-2);
    expect(Math.abs(pointAt(told.with, told.steps).x)).toBeLessThan(0.01);
    expect(STORIES.loss_scale_factor.sentence(toldOf("loss_scale_factor", String(2 ** 42)))).toContain("become NaN");
  });
});

test.each([
  [1, 1],
  [0.1, 0.0999755859375],
  [2049, 2048],
  [2051, 2052],
  [-3e-8, -(2 ** -24)],
  [2 ** -25, 0],
  [65_504, 65_504],
  [65_519, 65_504],
  [65_520, Number.POSITIVE_INFINITY],
  [-1e9, Number.NEGATIVE_INFINITY],
  [0, 0],
])("%d in float16 is %d", (value, rounded) => {
  expect(half(value) + 0).toBe(rounded);
});
