// What a contestant can be with one choice.
import { contestantOf, DIGITS_KINDS, KINDS, type RunSettings, settingsOf, titleOf } from "../settings.js";

/** The name that it was given, or what it is. */
export function contestantTitle(run: RunSettings): string {
  const isNamed = run.options.name !== settingsOf(run.kind).options.name;
  return isNamed ? titleOf(run) : KINDS[run.kind].title;
}

const STEPS_OF_25_EPOCHS = 2250;

const PRESETS: Readonly<Record<string, RunSettings>> = {
  "Keras' defaults": contestantOf("rmsprop"),
  "With momentum": contestantOf("rmsprop", { momentum: 0.9, learningRate: 3e-4 }),
  Centered: contestantOf("rmsprop", { centered: true }),
  "Averaged weights (EMA)": contestantOf("rmsprop", { useEma: true }),
  "Clipped gradients": contestantOf("rmsprop", { globalClipnorm: 0.1 }),
  "Cosine schedule": { ...contestantOf("rmsprop"), schedule: "CosineDecay", decaySteps: STEPS_OF_25_EPOCHS },
  SGD: contestantOf("sgd"),
  Adam: contestantOf("adam"),
  AdamW: contestantOf("adamw"),
  Lion: contestantOf("lion"),
  "tf.train.rmsprop": contestantOf("tfjs"),
  "tf.train.sgd": contestantOf("tfsgd"),
  "tf.train.adam": contestantOf("tfadam"),
};

/** All that can be chosen: those above, and the settings of the Landscape that train a network, too. */
export function presetsBeside(runs: readonly RunSettings[]): Readonly<Record<string, RunSettings>> {
  const own = runs.flatMap((run, i) =>
    DIGITS_KINDS.some((kind) => kind === run.kind)
      ? [[`Landscape's optimizer ${i + 1}: ${contestantTitle(run)}`, run] as const]
      : [],
  );
  return { ...PRESETS, ...Object.fromEntries(own) };
}
