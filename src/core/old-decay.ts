// `decay`, by which Keras 2 lowered the learning rate from step to step. Keras 3 has a schedule for it.
import type { Argument } from "../check/argument.js";
import { isFromConfig } from "../check/spelling.js";

/**
 * Throws for a `decay` that means something; its message writes out the schedule. Keras 3 drops every one with a warning, and
 * trains on at another rate. `namesakes` is the option that the optimizer of TensorFlow.js calls decay, if there is one.
 */
export function checkOldDecay(
  argument: Argument,
  options: object,
  usualRate: unknown,
  namesakes: string | undefined,
): void {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const { decay = null, learningRate = usualRate } = given;
  if (decay === null || decay === 0) return;
  const requirement = "be 0 or null, since Keras 3 has no such argument";
  const isOurs = namesakes !== undefined && given[namesakes] === undefined;
  const advice = isOurs ? ` If it is that of tf.train.${argument.owner.toLowerCase()}, call it ${namesakes}.` : "";
  const remedy = `Keras 2 divides the learning rate by 1 + decay * step: ${instead(options, learningRate, decay)}.${advice}`;
  throw argument.bad("number", requirement, decay, remedy);
}

function instead(options: object, rate: unknown, decay: unknown): string {
  if (typeof rate !== "number" || typeof decay !== "number") return "pass a schedule or function of your own that does";
  if (!isFromConfig(options)) {
    const fields = `{ initialLearningRate: ${rate}, decaySteps: 1, decayRate: ${decay} }`;
    return `pass learningRate: new schedules.InverseTimeDecay(${fields})`;
  }
  const config = { initial_learning_rate: rate, decay_steps: 1, decay_rate: decay };
  const [module, class_name] = ["keras.optimizers.schedules", "InverseTimeDecay"];
  return `write "learning_rate": ${JSON.stringify({ module, class_name, config, registered_name: null })}`;
}
