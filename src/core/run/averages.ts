// The averages of a run in the place of its variables, for a while.
import type { RunState } from "./run-state.js";
import { keepArrays } from "./undo.js";

/** Puts the averages into the variables, if there are any yet. The result puts the values of before back. */
export function showAverages<A>(run: RunState<A>): () => void {
  const shown = (run.calls === 0 ? [] : run.targets).flatMap(({ array }, index) => {
    const instead = run.averageOf(index);
    return instead === null ? [] : [{ array, instead }];
  });
  const restore = keepArrays(run.engine, shown);
  try {
    for (const { array, instead } of shown) run.engine.copy(instead, array);
  } catch (error) {
    restore();
    throw error;
  }
  return restore;
}
