// What a run on a device holds, on the processor: to be saved, to be gone on from, to be shown.
import * as core from "rmsprop";
import type { Engine } from "../../../../../examples/webgpu/engine.js";
import type { RunSettings } from "../../../settings.js";
import { type Rates, ratesOf } from "../rates.js";
import { createCoreOptimizer } from "./optimizers.js";

/** A run over numbers. */
interface CoreRun {
  readonly optimizer: core.Optimizer;
  readonly variables: readonly core.Variable[];
}

/** Puts the run of a checkpoint on the device of an engine with the same settings. Throws the package's own errors. */
export async function giveState(bytes: Uint8Array, engine: Engine, run: RunSettings): Promise<void> {
  const { optimizer, variables } = await takeState(engine, run);
  core.loadCheckpoint(bytes, optimizer, [...variables]);
  const store = {};
  optimizer.saveOwnVariables(store);
  engine.optimizer.loadOwnVariables(store);
  for (const [i, variable] of engine.variables.entries()) variable.assign(variables[i]?.value ?? []);
}

/** As TensorFlow.js names them, so that it takes a file of them for its own. */
const NAMES = ["dense_Dense1_kernel", "dense_Dense1_bias", "dense_Dense2_kernel", "dense_Dense2_bias"];

/** The run as a file, with these texts, for this engine and for TensorFlow.js. */
export async function savedState(
  engine: Engine,
  run: RunSettings,
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const { optimizer, variables } = await takeState(engine, run, NAMES);
  return core.saveCheckpoint(optimizer, [...variables], metadata);
}

/** What the engine holds now. Variables without names are those of any file. */
async function takeState(engine: Engine, run: RunSettings, names: readonly string[] = []): Promise<CoreRun> {
  const store = {};
  await engine.optimizer.saveOwnVariables(store);
  const variables = await Promise.all(
    engine.variables.map(async (each, i) => {
      const name = names[i];
      return new core.Variable(await each.read(), { shape: each.shape, ...(name !== undefined && { name }) });
    }),
  );
  const optimizer = createCoreOptimizer(run);
  optimizer.build(variables);
  optimizer.loadOwnVariables(store);
  return { optimizer, variables };
}

/** The effective rates, from all slots in one read. */
export async function readRates({ optimizer, variables }: Engine, run: RunSettings): Promise<Rates | null> {
  const values = await optimizer.getWeights();
  const { iterations, learningRate } = optimizer;
  const read = optimizer.variables.map(({ slot, of }, i) => ({ slot, of, value: values[i]?.value ?? [] }));
  return ratesOf({ iterations, learningRate, variables: read }, run, variables);
}
