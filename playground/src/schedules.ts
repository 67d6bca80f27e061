// The learning rate schedules that can be chosen: the arguments that each gets from the settings of a run.
import type { RunSettings } from "./settings.js";

export type ScheduleName = Exclude<RunSettings["schedule"], "constant">;
type Argument = number | readonly number[];
type ArgumentsOf = (rate: number, run: RunSettings) => Readonly<Record<string, Argument>>;

/** Each but the last comes down to a tenth or to nothing within `decaySteps`. */
const ARGUMENTS: Readonly<Record<ScheduleName, ArgumentsOf>> = {
  ExponentialDecay: (initialLearningRate, { decaySteps }) => ({ initialLearningRate, decaySteps, decayRate: 0.1 }),
  InverseTimeDecay: (initialLearningRate, { decaySteps }) => ({ initialLearningRate, decaySteps, decayRate: 9 }),
  PolynomialDecay: (initialLearningRate, { decaySteps }) => ({ initialLearningRate, decaySteps }),
  CosineDecay: (initialLearningRate, { decaySteps }) => ({ initialLearningRate, decaySteps }),
  CosineDecayRestarts: (initialLearningRate, { decaySteps }) => ({ initialLearningRate, firstDecaySteps: decaySteps }),
  PiecewiseConstantDecay: (_, { boundaries, values }) => ({ boundaries, values }),
};

/** The schedule of a run by its name and its arguments, or null where the learning rate stays as it is. */
export function scheduleOf(
  run: RunSettings,
): { readonly name: ScheduleName; readonly given: Readonly<Record<string, Argument>> } | null {
  const rate = run.options.learningRate;
  if (run.schedule === "constant" || typeof rate !== "number") return null;
  return { name: run.schedule, given: ARGUMENTS[run.schedule](rate, run) };
}
