// An optimizer of any face as a checkpoint sees it.
import { type KerasConfig, serializeOptimizer } from "../core/serialization.js";
import { stateOf } from "../core/state/own-state.js";
import type { Live } from "./run-transfer.js";

/** `run` is that of the optimizer that keeps the slots. */
export function liveOptimizer<V extends object>(
  optimizer: { getConfig(): KerasConfig },
  className: string,
  run: Live<V>["run"],
): Live<V> {
  return {
    ...{ className, run, isBuilt: run.built, isNew: false },
    variables: () => stateOf(optimizer).list(),
    serialize: () => serializeOptimizer(optimizer, className),
  };
}
