// A process of its own, started with --expose-gc: makes many steps with each set of options, and prints what the heap says.
import { PerformanceObserver } from "node:perf_hooks";
import { LossScaleOptimizer, RMSprop, type RMSpropOptions, schedules, setEngine, Variable } from "rmsprop";
import { isWhole } from "../seed.js";

/** What a number of steps did to the heap. */
export interface Garbage {
  readonly name: string;
  readonly steps: number;
  /** Bytes by which the heap has grown while no garbage was collected: all that was allocated. */
  readonly allocated: number;
  /** Bytes of it that are still there after a collection. */
  readonly kept: number;
  /** Collections during the steps. */
  readonly collections: number;
}

const WARM_UP = 30_000;
const schedule = () => new schedules.CosineDecay({ initialLearningRate: 0.01, decaySteps: 1_000_000 });

const SETS: Readonly<Record<string, () => RMSpropOptions>> = {
  plain: () => ({}),
  "momentum, centered, weight decay": () => ({ momentum: 0.9, centered: true, weightDecay: 0.01 }),
  clipnorm: () => ({ clipnorm: 1 }),
  globalClipnorm: () => ({ globalClipnorm: 1 }),
  clipvalue: () => ({ clipvalue: 0.5 }),
  EMA: () => ({ useEma: true, emaOverwriteFrequency: 3 }),
  accumulation: () => ({ gradientAccumulationSteps: 4, lossScaleFactor: 8 }),
  "a schedule": () => ({ learningRate: schedule() }),
  "a function": () => ({ learningRate: () => 0.01 }),
  everything: () => ({
    ...{ learningRate: schedule(), momentum: 0.9, centered: true, weightDecay: 0.01, globalClipnorm: 1 },
    ...{ useEma: true, emaOverwriteFrequency: 3, gradientAccumulationSteps: 4, lossScaleFactor: 8 },
  }),
};

type Step = () => unknown;

/** A step of Variables over and over. */
function applied(options: RMSpropOptions): Step {
  const [gradients, variables, optimizer] = [made(), made(), new RMSprop(options)];
  optimizer.build(variables);
  return () => optimizer.apply(gradients);
}

function minimized(options: RMSpropOptions): Step {
  const [gradients, variables, optimizer] = [made(), made(), new RMSprop(options)];
  const result = { value: 1, gradients };
  // Made once: a function that is made in each step is garbage of the caller's.
  const loss = () => result;
  optimizer.build(variables);
  return () => optimizer.minimize(loss);
}

function scaled(options: RMSpropOptions): Step {
  const [gradients, variables] = [made(), made()];
  const optimizer = new LossScaleOptimizer(new RMSprop(options), { dynamicGrowthSteps: 1_000_000 });
  optimizer.build(variables);
  return () => optimizer.apply(gradients);
}

function made(): Variable[] {
  return [7, 64, 1000].map((length) => new Variable(Float32Array.from({ length }, (_, i) => (i % 5) / 8 + 0.1)));
}

/** Steps that leave garbage do so each time; the compiler, which may be late on a busy machine, does not. */
const TRIES = 4;

async function leastOf(name: string, step: Step, steps: number): Promise<Garbage> {
  let least = await measure(name, step, steps);
  for (let i = 1; i < TRIES && least.collections > 0; i++) {
    const again = await measure(name, step, steps);
    if (again.collections < least.collections) least = again;
  }
  return least;
}

async function measure(name: string, step: Step, steps: number): Promise<Garbage> {
  for (let i = 0; i < WARM_UP; i++) step();
  await new Promise((resolve) => setTimeout(resolve, 50)); // for the compiler, which works beside us
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  collect();
  const before = process.memoryUsage().heapUsed;
  observer.observe({ entryTypes: ["gc"] });
  for (let i = 0; i < steps; i++) step();
  const allocated = process.memoryUsage().heapUsed - before;
  await new Promise((resolve) => setTimeout(resolve, 20)); // until the observer was told
  observer.disconnect();
  collect();
  return { name, steps, allocated, kept: process.memoryUsage().heapUsed - before, collections };
}

function collect(): void {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("start this with node --expose-gc");
  gc();
  gc();
}

setEngine("wasm");
const count = Number(process.argv[2]);
const steps: Readonly<Record<string, Step>> = {
  ...Object.fromEntries(Object.entries(SETS).map(([name, options]) => [name, applied(options())])),
  minimize: minimized({ momentum: 0.9 }),
  LossScaleOptimizer: scaled({ momentum: 0.9 }),
};
/** `npm run test:package` measures each. */
const OFTEN = ["plain", "globalClipnorm", "a schedule", "everything", "LossScaleOptimizer"];
// Everything runs before anything is measured: what has met one kind of step only is compiled for that kind alone.
for (const step of Object.values(steps)) for (let i = 0; i < WARM_UP; i++) step();
const results: Garbage[] = [];
for (const [name, step] of Object.entries(steps)) {
  if (isWhole || OFTEN.includes(name)) results.push(await leastOf(name, step, count));
}
console.log(JSON.stringify(results));
