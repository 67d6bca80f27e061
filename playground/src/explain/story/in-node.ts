// The runs of the first screen without a worker, for tests.
import { wholeRuns } from "../../landscape/whole-runs.js";
import { runsOf } from "../runs.js";
import { EXPLAIN_INITIAL, type ExplainState, STEPS } from "../state.js";
import { type Paths, pathOf } from "./paths.js";

interface Computed {
  readonly state: ExplainState;
  readonly paths: Paths;
}

const known = new Map<string, Computed>();

/** The screen as it opens, but for some, and its runs, which are computed once. */
export function pathsWith(changed: Partial<ExplainState>): Computed {
  const key = JSON.stringify(changed);
  const computed = known.get(key) ?? compute(changed);
  known.set(key, computed);
  return computed;
}

function compute(changed: Partial<ExplainState>): Computed {
  const state = { ...EXPLAIN_INITIAL, ...changed };
  const whole = { runs: runsOf(state), surface: "ravine", start: state.start, steps: STEPS } as const;
  const [rmsprop, sgd] = wholeRuns(whole);
  if (!rmsprop || !sgd || rmsprop.error !== null || sgd.error !== null)
    throw new Error(`a run was refused: ${rmsprop?.error} ${sgd?.error}`);
  return { state, paths: { rmsprop: pathOf(rmsprop), sgd: pathOf(sgd) } };
}
