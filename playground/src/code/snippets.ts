// The settings of an optimizer as code: TypeScript for each face of the package, and Python for Keras.
import { scheduleOf } from "../schedules.js";
import { KINDS, type OptionValue, OWN_CLASSES, type OwnKind, type RunSettings } from "../settings.js";

/** Languages and libraries, in the order of the page. Every snippet is a whole program. */
export const SNIPPETS: Readonly<Record<string, (run: RunSettings) => string>> = {
  "TypeScript, typed arrays": (run) =>
    `${imports(run, "rmsprop")}
const weights = new Float32Array([1, 2, 3]);
const optimizer = new ${classOf(run)}(${typescript(run)});
optimizer.apply([Float32Array.of(0.1, 0.2, 0.3)], [weights]);
console.log(weights);
`,
  "TypeScript, TensorFlow.js": (run) =>
    `import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
${imports(run, "rmsprop/tfjs")}
const weights = tf.variable(tf.tensor1d([1, 2, 3]));
const optimizer = new ${classOf(run)}(${typescript(run)});
optimizer.minimize(() => tf.sum(tf.square(weights)) as tf.Scalar);
weights.print();
`,
  "TypeScript, jax-js": (run) =>
    `import { init, numpy as np } from "@jax-js/jax";
${imports(run, "rmsprop/jax", "Variable")}
await init("wasm");
const weights = new Variable([1, 2, 3]);
const optimizer = new ${classOf(run)}(${typescript(run)});
optimizer.minimize(() => np.square(weights.ref).sum(), [weights]);
console.log(weights.toArray());
`,
  "Python, Keras": (run) =>
    `import keras

optimizer = keras.optimizers.${classOf(run)}(${python(run)})
`,
};

/** The name of its class in every library. Only optimizers of the package have snippets. */
const classOf = ({ kind }: RunSettings): string => OWN_CLASSES[kind as OwnKind];

function imports(run: RunSettings, face: string, ...others: string[]): string {
  const own = `import { ${[classOf(run), ...others].join(", ")} } from "${face}";\n`;
  if (run.schedule === "constant") return own;
  if (face === "rmsprop") return `import { ${classOf(run)}, schedules } from "rmsprop";\n`;
  return `import { schedules } from "rmsprop";\n${own}`;
}

/** The options that are not Keras' defaults. The learning rate always is among them: the page starts with another one. */
function changed(run: RunSettings): { key: string; keras: string; value: OptionValue }[] {
  return KINDS[run.kind].options.flatMap(({ key, keras, initial }) => {
    const value = run.options[key] ?? null;
    return key !== "learningRate" && value === initial ? [] : [{ key, keras, value }];
  });
}

function typescript(run: RunSettings): string {
  const schedule = scheduleOf(run);
  const lines = changed(run).map(({ key, value }) => {
    if (key !== "learningRate" || !schedule) return `  ${key}: ${JSON.stringify(value)},`;
    const given = Object.entries(schedule.given).map(([name, argument]) => `${name}: ${listed(argument)}`);
    return `  ${key}: new schedules.${schedule.name}({ ${given.join(", ")} }),`;
  });
  return `{\n${lines.join("\n")}\n}`;
}

function python(run: RunSettings): string {
  const schedule = scheduleOf(run);
  const lines = changed(run).map(({ key, keras, value }) => {
    if (key !== "learningRate" || !schedule) return `    ${keras}=${pythonValue(key, value)},`;
    const given = Object.entries(schedule.given).map(([name, argument]) => `${snakeCase(name)}=${listed(argument)}`);
    return `    ${keras}=keras.optimizers.schedules.${schedule.name}(${given.join(", ")}),`;
  });
  return `\n${lines.join("\n")}\n`;
}

function listed(argument: number | readonly number[]): string {
  return typeof argument === "number" ? String(argument) : `[${argument.join(", ")}]`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function pythonValue(key: string, value: OptionValue): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  // JSON's strings are Python's.
  if (typeof value === "string") return JSON.stringify(value);
  // Keras refuses an integer as a learning rate.
  return key === "learningRate" && Number.isInteger(value) ? value.toFixed(1) : String(value);
}
