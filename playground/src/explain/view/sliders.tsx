// The four options as sliders; the picture follows while they are dragged.
import type { JSX } from "preact";
import { SCALES } from "../sliders.js";
import { type ExplainState, SLIDER_NAMES, type SliderName } from "../state.js";

interface SlidersProps {
  readonly state: ExplainState;
  set(name: SliderName, value: number): void;
}

export function Sliders({ state, set }: SlidersProps): JSX.Element {
  return (
    <div class="sliders">
      {SLIDER_NAMES.map((name) => {
        const { keras, letter, about, last, valueAt, placeOf } = SCALES[name];
        const id = `slider-${name}`;
        return (
          <div key={name}>
            <label for={id}>
              <code>{keras}</code> {letter}
            </label>
            <output for={id}>{String(state[name]).replace("-", "−")}</output>
            <input
              id={id}
              type="range"
              min="0"
              max={last}
              value={placeOf(state[name])}
              aria-valuetext={String(state[name])}
              aria-describedby={`${id}-about`}
              onInput={({ currentTarget }) => set(name, valueAt(currentTarget.valueAsNumber))}
            />
            <small id={`${id}-about`}>{about}</small>
          </div>
        );
      })}
    </div>
  );
}
