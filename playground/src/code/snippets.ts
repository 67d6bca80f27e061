// Optimizers as code: TypeScript for each face of the package, Python for Keras, and those of TensorFlow.js itself. Every
// snippet is a whole program.
import { type OptionValue, type RunSettings, settingsOf } from "../settings.js";
import { type Argument, type Program, programOf } from "./program.js";

const KERAS = "Python, Keras";
const TENSORFLOW = "TypeScript, TensorFlow.js";

/** Languages and libraries, in the order of the page. */
export const SNIPPETS: Readonly<Record<string, (program: Program) => string>> = {
  "TypeScript, typed arrays": (program) =>
    `${imports(program, "rmsprop")}
const weights = new Float32Array([1, 2, 3]);
const optimizer = ${constructed(program)};
optimizer.apply([Float32Array.of(0.1, 0.2, 0.3)], [weights]);
console.log(weights);
`,
  [TENSORFLOW]: (program) => tensorflow(imports(program, "rmsprop/tfjs"), constructed(program)),
  "TypeScript, jax-js": (program) =>
    `import { init, numpy as np } from "@jax-js/jax";
${imports(program, "rmsprop/jax", "Variable")}
await init("wasm");
const weights = new Variable([1, 2, 3]);
const optimizer = ${constructed(program)};
optimizer.minimize(() => np.square(weights.ref).sum(), [weights]);
console.log(weights.toArray());
`,
  [KERAS]: (program) =>
    `import keras

optimizer = keras.optimizers.${program.className}(${python(program)})
`,
};

/** All programs that there are for these settings, by their titles. */
export function snippetsOf(run: RunSettings): Readonly<Record<string, string>> {
  const theirs = THEIRS[run.kind]?.(argumentsOf(run));
  if (theirs !== undefined) return { [TENSORFLOW]: tensorflow("", `tf.train.${theirs}`) };
  const program = programOf(run);
  if (program === null) return {};
  // Keras' own formula of RMSprop is in Keras only.
  return run.kind === "keras" ? { [KERAS]: SNIPPETS[KERAS]?.(program) ?? "" } : programTexts(program);
}

export function programTexts(program: Program): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(SNIPPETS).map(([title, write]) => [title, write(program)]));
}

const THEIRS: Readonly<Partial<Record<RunSettings["kind"], (at: (key: string) => OptionValue) => string>>> = {
  tfjs: (at) =>
    `rmsprop(${["learningRate", "rho", "momentum", "epsilon", "centered"].map((key) => String(at(key))).join(", ")})`,
  tfsgd: (at) =>
    at("momentum") === 0 ? `sgd(${at("learningRate")})` : `momentum(${at("learningRate")}, ${at("momentum")})`,
  tfadam: (at) => `adam(${["learningRate", "beta1", "beta2", "epsilon"].map((key) => String(at(key))).join(", ")})`,
};

function argumentsOf({ kind, options }: RunSettings): (key: string) => OptionValue {
  const initial = settingsOf(kind).options;
  return (key) => options[key] ?? initial[key] ?? null;
}

function tensorflow(imports: string, optimizer: string): string {
  return `import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
${imports}
const weights = tf.variable(tf.tensor1d([1, 2, 3]));
const optimizer = ${optimizer};
optimizer.minimize(() => tf.sum(tf.square(weights)) as tf.Scalar);
weights.print();
`;
}

function constructed(program: Program): string {
  return `new ${program.className}(${typescript(program)})`;
}

function imports({ className, schedule }: Program, face: string, ...others: string[]): string {
  const own = `import { ${[className, ...others].join(", ")} } from "${face}";\n`;
  if (!schedule) return own;
  if (face === "rmsprop") return `import { ${className}, schedules } from "rmsprop";\n`;
  return `import { schedules } from "rmsprop";\n${own}`;
}

function typescript({ args, schedule }: Program): string {
  const lines = args.map(({ key, value }) => {
    if (key !== "learningRate" || !schedule) return `  ${key}: ${JSON.stringify(value)},`;
    const given = Object.entries(schedule.given).map(([name, argument]) => `${name}: ${listed(argument)}`);
    return `  ${key}: new schedules.${schedule.name}({ ${given.join(", ")} }),`;
  });
  return `{\n${lines.join("\n")}\n}`;
}

function python({ args, schedule }: Program): string {
  const lines = args.map((argument) => {
    if (argument.key !== "learningRate" || !schedule) return `    ${argument.keras}=${pythonValue(argument)},`;
    const given = Object.entries(schedule.given).map(([name, value]) => `${snakeCase(name)}=${listed(value)}`);
    return `    ${argument.keras}=keras.optimizers.schedules.${schedule.name}(${given.join(", ")}),`;
  });
  return `\n${lines.join("\n")}\n`;
}

function listed(argument: number | readonly number[]): string {
  return typeof argument === "number" ? String(argument) : `[${argument.join(", ")}]`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The options that are whole numbers. */
const COUNTS: ReadonlySet<string> = new Set(["emaOverwriteFrequency", "gradientAccumulationSteps", "warmupSteps"]);

function pythonValue({ key, value }: Argument): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  // JSON's strings are Python's.
  if (typeof value === "string") return JSON.stringify(value);
  // Keras refuses an integer where it wants a float: as a learning rate, as SGD's momentum.
  return Number.isInteger(value) && !COUNTS.has(key) ? value.toFixed(1) : String(value);
}
