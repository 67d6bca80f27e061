// The first screen: what RMSprop does, on a map, in numbers, and over time.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { OptionPictures } from "../options/section.js";
import { NAN_PATH } from "../pages.js";
import type { TabProps } from "../tab-props.js";
import { EXPLAIN_INITIAL, type ExplainState } from "./state.js";
import { actAt, actsOf } from "./story/acts.js";
import { numbersOf } from "./story/numbers.js";
import { sentenceOf } from "./story/sentences.js";
import { usePaths } from "./use-paths.js";
import { RavineMap } from "./view/map.js";
import { NumbersTable } from "./view/numbers-table.js";
import { Playing } from "./view/playing.js";
import { Rates } from "./view/rates.js";
import { Sliders } from "./view/sliders.js";
import { TimeLine } from "./view/time-line.js";

export function ExplainTab({ state: page, change }: TabProps): JSX.Element {
  const state = page.explain;
  const { shown, failure } = usePaths(state);
  const set = (changed: Partial<ExplainState>): void =>
    change((present) => ({ ...present, explain: { ...present.explain, ...changed } }));
  const seek = (update: (present: number) => number): void =>
    change((present) => ({ ...present, explain: { ...present.explain, step: update(present.explain.step) } }));
  const paths = shown?.paths ?? null;
  const acts = useMemo(() => (shown ? actsOf(shown.paths, shown.state) : []), [shown]);
  const { step } = state;
  const told = shown && { paths: shown.paths, state: { ...shown.state, step }, act: actAt(acts, step) };
  const numbers = told && numbersOf(told.paths.rmsprop, told.state, step);
  return (
    <div class="explain">
      <p class="lead">
        RMSprop divides each gradient by its recent size, so steep and flat directions move at the same pace.{" "}
        <span>Drag the start, a slider or the time line.</span>
      </p>
      {failure !== null && (
        <p class="error" role="alert">
          The optimizers could not start: {failure}. Reload the page.
        </p>
      )}
      <div class="screen">
        <section class="place" aria-label="Map">
          <RavineMap
            paths={paths}
            start={state.start}
            step={step}
            learningRate={state.learningRate}
            move={(start) => set({ start })}
          />
          <Playing
            step={step}
            scheduled={state.scheduled}
            seek={seek}
            schedule={(scheduled) => set({ scheduled })}
            reset={isInitial(state) ? null : () => set(EXPLAIN_INITIAL)}
          />
          <Sliders state={state} set={(name, value) => set({ [name]: value })} />
        </section>
        <div class="told">
          <NumbersTable
            step={step}
            numbers={numbers}
            hasMomentum={(shown?.state.momentum ?? 0) > 0}
            sentence={told && numbers ? sentenceOf({ ...told, numbers }) : ""}
          />
          <Rates effective={numbers?.effective} />
        </div>
        <TimeLine paths={paths} acts={acts} step={step} seek={(to) => seek(() => to)} />
      </div>
      {/* What is below waits for the first screen. */}
      {shown && <OptionPictures state={page} change={change} />}
      <p class="quiet">
        See also: <a href={NAN_PATH}>why centered RMSprop becomes NaN</a>, step by step.
      </p>
    </div>
  );
}

function isInitial(state: ExplainState): boolean {
  return JSON.stringify({ ...EXPLAIN_INITIAL, ...state }) === JSON.stringify(EXPLAIN_INITIAL);
}
