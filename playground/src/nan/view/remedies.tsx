// What helps, to be switched on: a larger epsilon, a clip, and not to center.
import type { JSX } from "preact";
import { exact } from "../float32.js";
import { CLIPS, EPSILONS, NAN_INITIAL, type NanState } from "../state.js";

interface RemediesProps {
  readonly state: NanState;
  set(changed: Partial<NanState>): void;
}

export function Remedies({ state, set }: RemediesProps): JSX.Element {
  const { epsilon, clipvalue, centered, step } = state;
  const isInitial = epsilon === NAN_INITIAL.epsilon && clipvalue === null && centered;
  return (
    <section class="remedies" aria-labelledby="remedies">
      <h2 id="remedies">Try what helps</h2>
      <div class="remedy">
        <label for="epsilon">
          A larger <code>epsilon</code>
        </label>
        <output for="epsilon">{exact(epsilon)}</output>
        <input
          id="epsilon"
          type="range"
          min="0"
          max={EPSILONS.length - 1}
          value={EPSILONS.indexOf(epsilon)}
          aria-valuetext={exact(epsilon)}
          onInput={({ currentTarget }) => set({ epsilon: EPSILONS[currentTarget.valueAsNumber] ?? epsilon })}
        />
      </div>
      <fieldset>
        <legend>
          Clip the gradient: <code>clipvalue</code>
        </legend>
        {CLIPS.map((clip) => (
          <label key={clip}>
            <input
              type="radio"
              name="clipvalue"
              checked={clip === clipvalue}
              onChange={() => set({ clipvalue: clip })}
            />
            {clip === null ? "none" : clip}
          </label>
        ))}
      </fieldset>
      <label>
        <input
          type="checkbox"
          checked={centered}
          onChange={({ currentTarget }) => set({ centered: currentTarget.checked })}
        />{" "}
        <code>centered</code>
      </label>
      <button type="button" disabled={isInitial} onClick={() => set({ ...NAN_INITIAL, step })}>
        Reset
      </button>
    </section>
  );
}
