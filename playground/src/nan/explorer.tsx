// The part of the page that computes: the steps up to NaN, one by one, by three formulas, and what helps.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { distanceOf, momentsOf, outcomeOf } from "./moments.js";
import { fromFragment, type NanState, toFragment } from "./state.js";
import { useRuns } from "./use-runs.js";
import { Meeting } from "./view/meeting.js";
import { Remedies } from "./view/remedies.js";
import { RulesTable } from "./view/rules-table.js";
import { TimeLine } from "./view/time-line.js";

export function Explorer(): JSX.Element {
  const [state, setState] = useState(() => fromFragment(location.hash));
  const { step, epsilon, clipvalue, centered } = state;
  const { runs, failure } = useRuns({ epsilon, clipvalue, centered });
  const moments = useMemo(() => (runs ? momentsOf(runs.keras) : []), [runs]);
  useEffect(() => {
    const read = (): void => setState(fromFragment(location.hash));
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  useKept(state);
  const set = (changed: Partial<NanState>): void => setState((present) => ({ ...present, ...changed }));
  // v and m are the same in all three: they depend on the gradients alone.
  const shown = runs?.keras[step - 1];
  return (
    <div class="explorer">
      {failure !== null && (
        <p class="error" role="alert">
          Nothing can be computed: {failure}. Load the page again.
        </p>
      )}
      <TimeLine
        steps={runs?.keras ?? []}
        moments={moments}
        step={step}
        seek={(update) => setState((present) => ({ ...present, step: update(present.step) }))}
      />
      {shown && <Meeting numbers={shown} step={step} sentence={distanceOf(shown)} />}
      {runs && <RulesTable runs={runs} step={step} centered={centered} sentence={outcomeOf(runs, step)} />}
      <Remedies state={state} set={set} />
    </div>
  );
}

/** Browsers refuse addresses that change at each frame. */
const ADDRESS_MS = 300;

/** Keeps the state in the address. */
function useKept(state: NanState): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      const fragment = toFragment(state);
      if (fragment !== location.hash.replace(/^#/, "")) history.replaceState(null, "", `#${fragment}`);
    }, ADDRESS_MS);
    return () => clearTimeout(timer);
  }, [state]);
}
