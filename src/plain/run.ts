// A run over numbers in memory, and what the package itself does with it.
import type { Config } from "../core/config.js";
import { type Composition, Run, runOf } from "../core/run/run.js";
import { withUndo } from "../core/run/undo.js";
import { stateOf } from "../core/state/own-state.js";
import { checkedState, copiesOf, copyWeights, type OptimizerVariable, type Weight } from "../core/state/state.js";
import { defaultEngine } from "../engine/default-engine.js";
import type { FloatArray, HostArray, HostEngine } from "../engine/engine.js";
import type { OptimizerDefinition } from "../optimizers/definition.js";
import { copyGradients, type Gradient } from "./inputs/gradients.js";
import { HostFace, valuesFor } from "./inputs/host-face.js";
import type { VariableLike } from "./inputs/targets.js";
import type { VariableValue } from "./variable.js";

export type HostRun = Run<VariableLike, Gradient, HostArray, HostEngine>;

export function createHostRun(
  definition: OptimizerDefinition,
  config: Config,
  compose: (engine: HostEngine) => Composition<HostArray> | undefined = () => undefined,
): HostRun {
  const engine = defaultEngine();
  return new Run(definition, config, engine, (state) => new HostFace(config, engine, state), compose(engine));
}

/** The run of an optimizer of this face. */
export function hostRunOf(optimizer: object): HostRun {
  return runOf(optimizer) as HostRun; // its class has made it
}

/** Runs `fn` with other values in the variables, puts theirs back, and returns `[what they held then, its result]`. */
export function withValues<T>(run: HostRun, values: readonly VariableValue[], fn: () => T): [FloatArray[], T] {
  run.checkBuilt("withValues");
  const { engine, state } = run;
  const numbers = valuesFor(state.argument("trainableVariables"), state.targets, values);
  run.checkBuilt("withValues"); // to read the values may have run code of the user's
  const arrays = state.targets.map(({ array }) => array);
  const act = (): [FloatArray[], T] => {
    for (const [i, array] of arrays.entries()) engine.write(array, numbers[i] ?? []);
    const result = fn();
    return [arrays.map((array) => engine.read(array).slice()), result];
  };
  return withUndo(act, state.keepValues());
}

/** What `statelessApply` takes. */
interface Stateless {
  readonly optimizerVariables: readonly Weight[];
  readonly gradients: readonly Gradient[];
  readonly trainableVariables: readonly VariableValue[];
}

/** What `apply` of an optimizer would give, without changing anything: copies `[trainableVariables, optimizerVariables]`. */
export function statelessApply(
  optimizer: { apply(gradients: readonly Gradient[]): void },
  run: HostRun,
  { optimizerVariables, gradients, trainableVariables }: Stateless,
): [FloatArray[], OptimizerVariable["value"][]] {
  const own = stateOf(optimizer);
  const { argument } = own;
  run.checkBuilt("statelessApply", argument("weights").owner);
  const given = copyGradients(argument("gradients"), gradients);
  const weights = copyWeights(argument("weights"), optimizerVariables);
  const act = (): OptimizerVariable["value"][] => {
    checkedState(argument("weights"), own.list(), weights)();
    optimizer.apply(given);
    return copiesOf(own.list()).map(({ value }) => value);
  };
  return withValues(run, trainableVariables, () => withUndo(act, own.keep()));
}
