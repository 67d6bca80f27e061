// The printed programs run, and give the settings that they are printed for. What real Keras makes of the Python is
// checked by `npm run test:keras`, from the file that is compared here.
import { mkdirSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { KerasConfig } from "rmsprop";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { createOptimizer } from "../landscape/optimizers.js";
import { scheduleOf } from "../schedules.js";
import {
  isOwnKind,
  KINDS,
  OWN_CLASSES,
  type OwnKind,
  PRESETS,
  type RunSettings,
  SCHEDULE_NAMES,
  settingsOf,
} from "../settings.js";
import { SNIPPETS } from "./snippets.js";

const FOLDER = `${process.cwd()}/out/snippets`;
beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
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

describe.each(Object.keys(SNIPPETS).filter((title) => title.startsWith("TypeScript")))("the snippet %s", (title) => {
  test.each(Object.entries(CASES))("of %s makes the optimizer of the page, and runs", async (name, run) => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const path = `${FOLDER}/${`${title} ${name}`.replaceAll(/\W+/g, "-")}.ts`;
    writeFileSync(path, `${SNIPPETS[title]?.(run)}\nexport { optimizer, weights };\n`);
    const { optimizer, weights } = (await import(pathToFileURL(path).href)) as Left;
    const config = optimizer.getConfig();
    expect(config).toEqual(createOptimizer(run).getConfig());
    expect(config).toMatchObject(claimedBy(run));
    expect(numbersOf(weights)).not.toContain(Number.NaN);
    // With accumulation the first call only accumulates.
    if (run.options.gradientAccumulationSteps === null) expect(numbersOf(weights)).not.toEqual([1, 2, 3]);
    expect(log).toHaveBeenCalled();
    log.mockRestore();
  });
});

/** The settings by Keras' names, read from the table of options. */
function claimedBy(run: RunSettings): Record<string, unknown> {
  const options = KINDS[run.kind].options.map(({ key, keras }) => [keras, run.options[key]] as const);
  const schedule = scheduleOf(run);
  const rate = schedule ? { class_name: schedule.name } : Math.fround(run.options.learningRate as number);
  return { ...Object.fromEntries(options), learning_rate: rate };
}

test("the Python is that which real Keras has accepted, with the same config", async () => {
  const rows = Object.entries(CASES).map(([name, run]) => {
    return { name, python: SNIPPETS["Python, Keras"]?.(run), config: createOptimizer(run).getConfig() };
  });
  await expect(`${JSON.stringify(rows, null, 1)}\n`).toMatchFileSnapshot("./snippets.snap");
});
