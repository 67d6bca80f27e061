// The pictures, one for each option: surface, settings and control are chosen so that the option's effect is plain.
import { short, times } from "../explain/story/format.js";
import { at, type Pair, type Path, pointAt } from "../explain/story/paths.js";
import { surfaceOf } from "../landscape/surfaces.js";
import type { WholeRuns } from "../landscape/whole-runs.js";
import { NAN_PATH } from "../pages.js";
import { type RunSettings, SCHEDULE_NAMES, settingsOf } from "../settings.js";
import {
  clippedAt,
  gradientAt,
  greatest,
  lateDistance,
  lateLoss,
  lengthOf,
  steepestStep,
  stepsAbove,
} from "./numbers.js";
import { drawnPath, type Story, SWITCH, slider, type Told } from "./story.js";

type Options = RunSettings["options"];

/** RMSprop without and with an option: what both have, and what the place of the control adds. */
function pair(shared: Options, added: (chosen: string) => Options): Pick<Story, "without" | "withOption"> {
  const named = (name: string, own: Options): RunSettings => settingsOf("rmsprop", { ...shared, ...own, name });
  return { without: named("without", {}), withOption: (chosen) => named("with", added(chosen)) };
}

const loss = (path: Path, step: number): string => short(at(path, "loss", step));
const point = ({ x, y }: Pair): string => `(${short(two(x))}, ${short(two(y))})`;
const two = (value: number): number => Number(value.toPrecision(2));
const ends = ({ steps, without, with: own }: Told): string =>
  `After ${steps} steps the loss is ${loss(own, steps)}; without, ${loss(without, steps)}.`;

const RHO = 0.9;
/** From this step on v is no longer too small for having started at 0. */
const SETTLED = 1 / (1 - RHO);
const RATE = 0.05;

export const STORIES = {
  momentum: {
    ...{ surface: "rosenbrock", steps: 300, view: { kind: "map", minimum: { x: 1, y: 1 } } },
    control: slider([0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99], 0.9),
    ...pair({ learningRate: 0.01 }, (chosen) => ({ momentum: Number(chosen) })),
    sentence: (told) =>
      `Each step repeats ${chosenOf(told)} of the last one: while gradients agree, steps grow up to ` +
      `${times(1 / (1 - Number(told.chosen)))} times as long. ${ends(told)}`,
  },
  centered: {
    ...{ surface: "ravine", steps: 300, view: { kind: "chart", column: "loss", title: "loss" }, control: SWITCH },
    ...pair({ learningRate: 0.02 }, (chosen) => ({ centered: chosen === "on" })),
    more: { title: "Why centered RMSprop can become NaN", path: NAN_PATH },
    sentence: (told) => {
      if (told.chosen === "off") return `Not centered, RMSprop divides a gradient by its usual size. ${ends(told)}`;
      const longer = greatest(told.with, "x_step", SETTLED) / greatest(told.without, "x_step", SETTLED);
      return (
        "Centered divides by how much the gradients vary, not by how large they are. On a steady slope they vary " +
        `little: the longest step along x is ${times(longer)} times as long. ${ends(told)}`
      );
    },
  },
  clipnorm: {
    ...{ surface: "outliers", steps: 79, view: { kind: "chart", column: "loss", title: "loss" } },
    control: slider([0.3, 1, 3, 10, 30, 100], 1),
    ...pair({ learningRate: RATE }, (chosen) => ({ clipnorm: Number(chosen) })),
    sentence: (told) => {
      const step = steepestStep(told.without);
      const own = clippedAt(told.with, step, RHO);
      const cut = isCut(told, step)
        ? `scales it to ${point(own)}, the same direction`
        : "is above its length and changes nothing";
      return (
        `The gradient of step ${step} is an outlier: ${point(gradientAt(told.without, step))}. Unclipped, it fills v, and ` +
        `the next steps are tiny. A clipnorm of ${chosenOf(told)} ${cut}. ${ends(told)}`
      );
    },
  },
  clipvalue: {
    ...{ surface: "outliers", steps: 79, view: { kind: "chart", column: "y_velocity", title: "v of y" } },
    control: slider([0.3, 1, 3, 10, 30, 100], 1),
    ...pair({ learningRate: RATE }, (chosen) => ({ clipvalue: Number(chosen) })),
    sentence: (told) => {
      const step = steepestStep(told.without);
      const own = clippedAt(told.with, step, RHO);
      const remembers = stepsAbove(told.without, "y_velocity", at(told.without, "y_velocity", step - 1), step);
      const cut = isCut(told, step)
        ? `makes it ${point(own)}: each element is cut by itself, so the direction changes`
        : "is above both elements and changes nothing";
      return (
        `The same outlier, ${point(gradientAt(told.without, step))}. Unclipped, v remembers it for ${remembers} steps. ` +
        `A clipvalue of ${chosenOf(told)} ${cut}.`
      );
    },
  },
  global_clipnorm: {
    ...{ surface: "cliff", steps: 150, view: { kind: "map", minimum: { x: 1, y: 0 } } },
    control: slider([0.3, 1, 3, 10, 30, 100], 1),
    ...pair({ learningRate: 0.3, momentum: 0.9, epsilon: 1 }, (chosen) => ({ globalClipnorm: Number(chosen) })),
    sentence: (told) => {
      const { without, steps } = told;
      const thrown = Math.min(...(without.get("x")?.subarray(steepestStep(without), steps) ?? []));
      return (
        `The wall’s gradient, ${short(two(lengthOf(gradientAt(without, steepestStep(without)))))} long, throws the point back ` +
        `to x = ${short(two(thrown))}. global_clipnorm shortens the gradients of all variables together to a length of at most ` +
        `${chosenOf(told)}. ${ends(told)}`
      );
    },
  },
  weight_decay: {
    ...{ surface: "cliff", steps: 200, view: { kind: "map", minimum: { x: 1, y: 0 } } },
    control: slider([0.3, 0.5, 1, 1.5, 2, 3, 5, 10], 2),
    ...pair({ learningRate: 0.03 }, (chosen) => ({ weightDecay: Number(chosen) })),
    sentence: (told) => {
      const [own, other] = [told.with, told.without].map((path) => short(two(pointAt(path, told.steps).x)));
      return (
        `Each step also takes away learning_rate × ${chosenOf(told)} of every weight. RMSprop’s own steps are about one ` +
        `learning_rate long, so no weight stays beyond 1 ∕ weight_decay = ${short(two(1 / Number(told.chosen)))}: ` +
        `x ends at ${own}; without, at ${other}.`
      );
    },
  },
  use_ema: {
    ...{ surface: "noisy", steps: 400, view: { kind: "map", minimum: { x: 0, y: 0 } }, average: true },
    control: slider([0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995], 0.98),
    ...pair({ learningRate: 0.5 }, (chosen) => ({ useEma: true, emaMomentum: Number(chosen) })),
    sentence: (told) => {
      const [own, other] = [lateDistance(drawnPath({ average: true }, told.with)), lateDistance(told.without)];
      return (
        `Noise keeps the weights moving. Their average, which keeps ${chosenOf(told)} of itself in each step, moves less: ` +
        `over the last quarter it is ${short(two(own))} from the minimum, the weights ${short(two(other))}.`
      );
    },
  },
  gradient_accumulation_steps: {
    ...{ surface: "noisy", steps: 400, view: { kind: "chart", column: "loss", title: "loss" } },
    control: slider([2, 4, 8, 16, 32], 8),
    ...pair({ learningRate: 0.2 }, (chosen) => ({ gradientAccumulationSteps: Number(chosen) })),
    sentence: (told) => {
      const count = Number(told.chosen);
      return (
        `The mean of ${count} noisy gradients makes one step: ${Math.floor(told.steps / count)} steps instead of ` +
        `${told.steps}. Over the last quarter the mean loss is ${short(two(lateLoss(told.with)))}; without, ` +
        `${short(two(lateLoss(told.without)))}.`
      );
    },
  },
  loss_scale_factor: {
    ...{ surface: "faint", steps: 150, view: { kind: "map", minimum: { x: 0, y: 0 } } },
    control: {
      kind: "slider",
      places: [2, 4, 6, 8, 10, 15, 20, 30, 40, 42].map((power) => String(2 ** power)),
      initial: 4,
    },
    ...pair({ learningRate: RATE, epsilon: 1e-20 }, (chosen) => ({ lossScaleFactor: Number(chosen) })),
    sentence: (told) => {
      const stopped = `Gradients in float16: below 3e−8 they round to 0, and the run stops at ${point(pointAt(told.without, told.steps))}.`;
      const factor = `Multiplied by 2^${Math.log2(Number(told.chosen))}`;
      const { x, y } = pointAt(told.with, told.steps);
      if (!Number.isFinite(x + y))
        return `${stopped} ${factor} they are beyond float16’s largest number: the weights become NaN.`;
      return `${stopped} ${factor} they survive, and are divided again before the step: it gets to ${point({ x, y })}.`;
    },
  },
  schedules: {
    ...{ surface: "ravine", steps: 400, view: { kind: "chart", column: "loss", title: "loss" } },
    control: { kind: "choice", places: SCHEDULE_NAMES.slice(1), initial: SCHEDULE_NAMES.indexOf("CosineDecay") - 1 },
    without: settingsOf("rmsprop", { learningRate: RATE, name: "without" }),
    withOption: (chosen) => ({
      ...settingsOf("rmsprop", { learningRate: RATE, name: "with" }),
      ...{
        schedule: SCHEDULE_NAMES.find((name) => name === chosen) ?? "constant",
        decaySteps: chosen.endsWith("Restarts") ? 100 : 400,
      },
      ...{ boundaries: [150, 300], values: [RATE, RATE / 10, RATE / 100] },
    }),
    sentence: (told) =>
      `At a constant rate it swings to and fro for ever. ${told.chosen} brings the rate down from ${RATE} to ` +
      `${short(two(leastRate(told)))}. ${ends(told)}`,
  },
} as const satisfies Readonly<Record<string, Story>>;

export type StoryName = keyof typeof STORIES;
// They are the names of the table itself.
export const STORY_NAMES = Object.keys(STORIES) as readonly StoryName[];

export function storyOf(name: StoryName): Story {
  return STORIES[name];
}

/** What the worker is asked for a picture: its run without the option, and the one with it. */
export function requestOf(name: StoryName, chosen: string): WholeRuns {
  const { surface, steps, without, withOption } = storyOf(name);
  return { runs: [without, withOption(chosen)], surface, start: surfaceOf(surface).start, steps };
}

const chosenOf = ({ chosen }: Told): string => short(Number(chosen));

/** Whether the clip has shortened the gradient of a step. */
function isCut({ with: own, without }: Told, step: number): boolean {
  return lengthOf(clippedAt(own, step, RHO)) < 0.999 * lengthOf(gradientAt(without, step));
}

function leastRate({ with: own, steps }: Told): number {
  return Math.min(...(own.get("learning_rate")?.subarray(0, steps) ?? []));
}
