// The printed programs run, and give the settings that they are printed for. What real Keras makes of the Python is
// checked by `npm run test:keras`, from the file that is compared here.
import { mkdirSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import "@tensorflow/tfjs-backend-cpu";
import { setBackend } from "@tensorflow/tfjs-core";
import { get, type KerasConfig } from "rmsprop";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { OPTIMIZERS } from "../../../src/optimizers/index.js";
import { choice } from "../../../test/seed.js";
import { createTfOptimizer } from "../digits/training/optimizers.js";
import { createOptimizer } from "../landscape/optimizers.js";
import { scheduleOf } from "../schedules.js";
import {
  contestantOf,
  isOwnKind,
  KINDS,
  OWN_CLASSES,
  type OwnKind,
  PRESETS,
  type RunSettings,
  SCHEDULE_NAMES,
  settingsOf,
} from "../settings.js";
import { kerasName, LIBRARY } from "./library.js";
import { libraryProgram, type Program } from "./program.js";
import { SNIPPETS, snippetsOf } from "./snippets.js";

const FOLDER = `${process.cwd()}/out/snippets`;
beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  // Another suite of this process may have registered a faster one, which takes time to be ready.
  await setBackend("cpu");
});

const EVERY_OPTION = {
  ...{ learningRate: 0.01, rho: 0.95, momentum: 0.9, epsilon: 1e-6, centered: true, weightDecay: 0.004 },
  ...{ useEma: true, emaMomentum: 0.97, emaOverwriteFrequency: 10, lossScaleFactor: 1024, name: 'my "own" \\ näme' },
  ...{ gradientAccumulationSteps: 2, clipnorm: 1 },
};

const CASES: Readonly<Record<string, RunSettings>> = {
  "as the page opens": settingsOf("rmsprop"),
  "Keras' defaults": settingsOf("rmsprop", { learningRate: 0.001 }),
  "every option": settingsOf("rmsprop", EVERY_OPTION),
  "a whole number as the rate": settingsOf("rmsprop", { learningRate: 1 }),
  ...Object.fromEntries((Object.keys(OWN_CLASSES) as OwnKind[]).map((kind) => [kind, settingsOf(kind)])),
  "SGD with a whole number as momentum": settingsOf("sgd", { momentum: 1 }),
  "SGD with every option": settingsOf("sgd", { momentum: 0.9, nesterov: true, weightDecay: 0.01, name: "mine" }),
  "Adam with every option": settingsOf("adam", { beta1: 0.8, beta2: 0.99, epsilon: 1e-3, amsgrad: true, useEma: true }),
  "AdamW without decay": settingsOf("adamw", { weightDecay: 0 }),
  "Lion with a schedule": { ...settingsOf("lion", { beta1: 0.95, beta2: 0.98 }), schedule: "CosineDecay" },
  clipvalue: settingsOf("rmsprop", { clipvalue: 0.5 }),
  global_clipnorm: settingsOf("rmsprop", { globalClipnorm: 0.5 }),
  ...Object.fromEntries(
    SCHEDULE_NAMES.slice(1).map((schedule) => [
      schedule,
      { ...settingsOf("rmsprop"), schedule, values: [1, 0.1, 0.01] },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(PRESETS).flatMap(([name, { runs }]) =>
      runs.flatMap((run, i) => (isOwnKind(run.kind) ? [[`${name}, ${i + 1}`, run]] : [])),
    ),
  ),
};

/** What a TypeScript snippet leaves behind. */
interface Left {
  readonly optimizer: { getConfig(): KerasConfig };
  readonly weights: Float32Array | { dataSync(): Float32Array } | { toArray(): number[] };
}

function numbersOf(weights: Left["weights"]): number[] {
  if (weights instanceof Float32Array) return [...weights];
  return "dataSync" in weights ? [...weights.dataSync()] : weights.toArray();
}

/** Runs a program from a file of its own; what it printed is not lost, but not shown. */
async function execute(name: string, program: string | undefined): Promise<Left> {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const path = `${FOLDER}/${name.replaceAll(/\W+/g, "-")}.ts`;
  writeFileSync(path, `${program}\nexport { optimizer, weights };\n`);
  const left = (await import(pathToFileURL(path).href)) as Left;
  expect(log).toHaveBeenCalled();
  log.mockRestore();
  expect(numbersOf(left.weights)).not.toContain(Number.NaN);
  return left;
}

const PYTHON = "Python, Keras";
const TYPESCRIPT = Object.keys(SNIPPETS).filter((title) => title !== PYTHON);

describe.each(TYPESCRIPT)("the snippet %s", (title) => {
  const some = <T>(of: readonly T[]): T[] => choice(of, TYPESCRIPT.length, TYPESCRIPT.indexOf(title));

  test.each(some(Object.entries(CASES)))("of %s makes the optimizer of the page, and runs", async (name, run) => {
    const { optimizer, weights } = await execute(`${title} ${name}`, snippetsOf(run)[title]);
    const config = optimizer.getConfig();
    expect(config).toEqual(createOptimizer(run).getConfig());
    expect(config).toMatchObject(claimedBy(run));
    // With accumulation the first call only accumulates.
    if (run.options.gradientAccumulationSteps === null) expect(numbersOf(weights)).not.toEqual([1, 2, 3]);
  });

  test.each(some(Object.keys(LIBRARY)))(
    "of the library's %s makes it with Keras' defaults, and runs",
    async (className) => {
      const { optimizer, weights } = await execute(
        `${title} library ${className}`,
        SNIPPETS[title]?.(inLibrary(className)),
      );
      expect(optimizer.getConfig()).toEqual(defaultsOf(className));
      expect(numbersOf(weights)).not.toEqual([1, 2, 3]);
    },
  );
});

test.each(["tfjs", "tfsgd", "tfadam"] as const)(
  "the contestant %s has the program of TensorFlow.js itself",
  async (kind) => {
    for (const run of [contestantOf(kind), contestantOf(kind, { learningRate: 0.2, momentum: 0.5, beta1: 0.7 })]) {
      const texts = snippetsOf(run);
      expect(Object.keys(texts)).toEqual(["TypeScript, TensorFlow.js"]);
      const name = `${kind} ${run.options.learningRate}`;
      const { optimizer, weights } = await execute(name, texts["TypeScript, TensorFlow.js"]);
      const made = createTfOptimizer(run);
      expect(optimizer.constructor).toBe(made.constructor);
      expect(optimizer.getConfig()).toEqual(made.getConfig());
      expect(numbersOf(weights)).not.toEqual([1, 2, 3]);
    }
  },
);

test("Keras' formula of RMSprop has the program of Keras alone", () => {
  expect(Object.keys(snippetsOf(settingsOf("keras", { rho: 0.5 })))).toEqual([PYTHON]);
});

test("the library is every optimizer of the package, with all options of its own at their defaults", () => {
  const known = OPTIMIZERS.map(({ className, options }) => [className, Object.keys(options).sort()]);
  const listed = Object.entries(LIBRARY).map(([className, { learningRate, weightDecay, ...own }]) => {
    const config = defaultsOf(className);
    for (const [key, value] of Object.entries({ learningRate, ...own }))
      expect(config[kerasName(key)], `${className}.${key}`).toBe(
        key === "learningRate" ? Math.fround(value as number) : value,
      );
    expect(weightDecay ?? null).toBe(config.weight_decay);
    return [className, Object.keys(own).sort()];
  });
  expect(listed).toEqual(known);
});

function inLibrary(className: string): Program {
  const program = libraryProgram(className);
  if (!program) throw new Error(`${className} is not in the library`);
  return program;
}

/** What the package itself makes of no arguments. */
function defaultsOf(className: string): KerasConfig {
  return get(className).getConfig();
}

/** The settings by Keras' names, read from the table of options. */
function claimedBy(run: RunSettings): Record<string, unknown> {
  const options = KINDS[run.kind].options.map(({ key, keras }) => [keras, run.options[key]] as const);
  const schedule = scheduleOf(run);
  const rate = schedule ? { class_name: schedule.name } : Math.fround(run.options.learningRate as number);
  return { ...Object.fromEntries(options), learning_rate: rate };
}

test("the Python is that which real Keras has accepted, with the same config", async () => {
  const ofRuns = Object.entries(CASES).map(([name, run]) => {
    return { name, python: snippetsOf(run)[PYTHON], config: createOptimizer(run).getConfig() };
  });
  const ofLibrary = Object.keys(LIBRARY).map((className) => {
    const python = SNIPPETS[PYTHON]?.(inLibrary(className));
    return { name: `the library's ${className}`, python, config: defaultsOf(className) };
  });
  const rows = [...ofRuns, ...ofLibrary];
  await expect(`${JSON.stringify(rows, null, 1)}\n`).toMatchFileSnapshot("./snippets.snap");
});
