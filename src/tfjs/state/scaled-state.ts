// The own variables of a LossScaleOptimizer, to be saved and restored: its counters, then those of the optimizer within.
import { lossScaleArgument } from "../../core/scale/dynamic-scale.js";
import type { StateVariable } from "../../core/state/state.js";
import { counterName, type Saved } from "./saved-state.js";
import { checkedRestore, savedWeights, Weights } from "./weights.js";

export function createScaledState(inner: Saved, variables: readonly StateVariable[]): Saved {
  const counters = variables.map((variable) => ({ name: variable.path, variable }));
  const own = { counters, slots: [] };
  const count = counters.length;
  const tensors = new Weights();
  return {
    values: async () => (await Promise.all([savedWeights(own), inner.values()])).flat(),
    tensorsOf: (values) => [...tensors.named(values.slice(0, count)), ...inner.tensorsOf(values.slice(count))],
    namesFor: (trained) => [...counters.map(counterName), ...inner.namesFor(trained)],
    checked: (read) => {
      const { restore } = checkedRestore(lossScaleArgument("weights"), own, read.slice(0, count));
      const restoreInner = inner.checked(read.slice(count));
      return () => {
        restore();
        restoreInner();
      };
    },
    dispose: () => tensors.dispose(),
  };
}
