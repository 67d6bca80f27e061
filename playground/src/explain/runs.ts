// The two runs of the first screen as settings of optimizers: RMSprop as the sliders have it, and SGD beside it.
import { type RunSettings, settingsOf } from "../settings.js";
import { type ExplainState, STEPS } from "./state.js";

/** SGD's learning rate: a little below the one at which it would fly apart along y. */
export const SGD_RATE = 0.18;

export function runsOf({ learningRate, rho, momentum, epsilon, scheduled }: ExplainState): readonly RunSettings[] {
  const rmsprop = settingsOf("rmsprop", { learningRate, rho, momentum, epsilon });
  return [
    scheduled ? { ...rmsprop, schedule: "CosineDecay", decaySteps: STEPS } : rmsprop,
    settingsOf("sgd", { learningRate: SGD_RATE }),
  ];
}
