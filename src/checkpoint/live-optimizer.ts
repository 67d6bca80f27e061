// An optimizer of any face as a checkpoint sees it.
import { type Configured, savedName, serializeOptimizer } from "../core/serialization.js";
import { stateOf } from "../core/state/own-state.js";
import type { Live } from "./run-transfer.js";

export function liveOptimizer<V extends object>(optimizer: Configured, run: Live<V>["run"]): Live<V> {
  return {
    ...{ className: savedName(optimizer), run, isBuilt: run.built, isNew: false },
    variables: () => stateOf(optimizer).list(),
    serialize: () => serializeOptimizer(optimizer),
  };
}
