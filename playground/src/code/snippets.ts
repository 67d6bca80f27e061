// The settings of an optimizer as code: TypeScript for each face of the package, and Python for Keras.
import { KINDS, type RunSettings, settingsOf } from "../settings.js";

/** Languages and libraries, in the order of the page. */
export const SNIPPETS: Readonly<Record<string, (run: RunSettings) => string>> = {
  "TypeScript, typed arrays": (run) =>
    `${imports(run, "rmsprop")}
const weights = new Float32Array([1, 2, 3]);
const optimizer = new RMSprop(${typescript(run)});
optimizer.apply([Float32Array.of(0.1, 0.2, 0.3)], [weights]);
console.log(weights);
`,
  "TypeScript, TensorFlow.js": (run) =>
    `import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
${imports(run, "rmsprop/tfjs")}
const weights = tf.variable(tf.tensor1d([1, 2, 3]));
const optimizer = new RMSprop(${typescript(run)});
optimizer.minimize(() => tf.sum(tf.square(weights)) as tf.Scalar);
weights.print();
`,
  "Python, Keras": (run) =>
    `import keras

optimizer = keras.optimizers.RMSprop(${python(run)})
`,
};

const SCHEDULE_OPTIONS: Readonly<Record<string, readonly (readonly [string, string, number | null])[]>> = {
  ExponentialDecay: [
    ["decaySteps", "decay_steps", null],
    ["decayRate", "decay_rate", 0.1],
  ],
  InverseTimeDecay: [
    ["decaySteps", "decay_steps", null],
    ["decayRate", "decay_rate", 9],
  ],
  PolynomialDecay: [["decaySteps", "decay_steps", null]],
  CosineDecay: [["decaySteps", "decay_steps", null]],
  CosineDecayRestarts: [["firstDecaySteps", "first_decay_steps", null]],
};

function imports({ schedule }: RunSettings, face: string): string {
  if (schedule === "constant") return `import { RMSprop } from "${face}";\n`;
  if (face === "rmsprop") return `import { RMSprop, schedules } from "rmsprop";\n`;
  return `import { schedules } from "rmsprop";\nimport { RMSprop } from "${face}";\n`;
}

/** The options that differ from Keras' defaults, and the learning rate. */
function changed(run: RunSettings): { key: string; keras: string; value: number | boolean | null }[] {
  const initial = settingsOf(run.kind).options;
  return KINDS[run.kind].options.flatMap(({ key, keras }) => {
    const value = run.options[key] ?? null;
    return key !== "learningRate" && value === initial[key] ? [] : [{ key, keras, value }];
  });
}

function typescript(run: RunSettings): string {
  const lines = changed(run).map(({ key, value }) => {
    if (key !== "learningRate" || run.schedule === "constant") return `  ${key}: ${value},`;
    const own = scheduleOptions(run).map(([name, , number]) => `, ${name}: ${number}`);
    return `  ${key}: new schedules.${run.schedule}({ initialLearningRate: ${value}${own.join("")} }),`;
  });
  return `{\n${lines.join("\n")}\n}`;
}

function python(run: RunSettings): string {
  const lines = changed(run).map(({ key, keras, value }) => {
    if (key !== "learningRate" || run.schedule === "constant") return `    ${keras}=${pythonValue(key, value)},`;
    const own = scheduleOptions(run).map(([, name, number]) => `, ${name}=${number}`);
    return `    ${keras}=keras.optimizers.schedules.${run.schedule}(${pythonValue(key, value)}${own.join("")}),`;
  });
  return `\n${lines.join("\n")}\n`;
}

function scheduleOptions(run: RunSettings): (readonly [string, string, number])[] {
  return (SCHEDULE_OPTIONS[run.schedule] ?? []).map(([ours, keras, value]) => [ours, keras, value ?? run.decaySteps]);
}

/** Keras refuses an integer as a learning rate. */
function pythonValue(key: string, value: number | boolean | null): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return key === "learningRate" && Number.isInteger(value) ? value.toFixed(1) : String(value);
}
