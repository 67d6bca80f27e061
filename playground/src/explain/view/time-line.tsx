// The bottom of the first screen: Play, the acts, the losses, and the step that is looked at.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { keepPace } from "../../landscape/pace.js";
import { STEPS } from "../state.js";
import { ACT_WORDS, type Act, actAt } from "../story/acts.js";
import { short } from "../story/format.js";
import { at } from "../story/paths.js";
import { spokenStep } from "../story/sentences.js";
import type { Shown } from "../use-paths.js";
import { LossChart } from "./loss-chart.js";

interface TimeLineProps {
  readonly shown: Shown | null;
  readonly acts: readonly Act[];
  readonly step: number;
  readonly scheduled: boolean;
  /** Another step from the present one. */
  seek(update: (present: number) => number): void;
  schedule(scheduled: boolean): void;
  /** Puts everything back; null where nothing was changed. */
  readonly reset: (() => void) | null;
}

export function TimeLine(props: TimeLineProps): JSX.Element {
  const { shown, acts, step, seek } = props;
  return (
    <section class="time" aria-label="Time line">
      <Playing {...props} />
      <div class="story">
        <div
          class="acts"
          style={{ "--acts": acts.map(({ from, to }) => `minmax(min-content, ${to - from + 1}fr)`).join(" ") }}
        >
          {acts.map((act, i) => (
            <button key={i} type="button" aria-pressed={act === actAt(acts, step)} onClick={() => seek(() => act.from)}>
              <b>{i + 1}</b> {ACT_WORDS[act.kind]}
            </button>
          ))}
        </div>
        <LossChart paths={shown?.paths ?? null} acts={acts} step={step} seek={(to) => seek(() => to)} />
        <input
          class="scrubber"
          type="range"
          min="1"
          max={STEPS}
          value={step}
          aria-label="Step"
          aria-valuetext={spokenStep(step, actAt(acts, step))}
          onInput={({ currentTarget }) => {
            const to = currentTarget.valueAsNumber;
            seek(() => to);
          }}
        />
      </div>
    </section>
  );
}

/** The buttons, and the losses at this step, which are the legend of the curves. */
function Playing({ shown, step, scheduled, seek, schedule, reset }: TimeLineProps): JSX.Element {
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    return keepPace((factor) => seek((present) => Math.min(STEPS, present + factor)));
  }, [playing]);
  useEffect(() => {
    if (step === STEPS) setPlaying(false);
  }, [step]);
  const play = (): void => {
    if (step === STEPS) seek(() => 1);
    setPlaying(!playing);
  };
  return (
    <div class="playing">
      <div class="buttons">
        <button type="button" class="primary" onClick={play}>
          {playing ? "Pause" : "Play"}
        </button>
        <button type="button" disabled={reset === null} onClick={() => reset?.()}>
          Reset
        </button>
      </div>
      <p>
        Step <b id="step">{step}</b> of {STEPS}. Loss:
      </p>
      <dl>
        {(["rmsprop", "sgd"] as const).map((name) => (
          <div key={name} class={name}>
            <dt>{name === "sgd" ? "SGD" : "RMSprop"}</dt>
            <dd>{shown ? short(at(shown.paths[name], "loss", step)) : ""}</dd>
          </div>
        ))}
      </dl>
      <button type="button" aria-pressed={scheduled} onClick={() => schedule(!scheduled)}>
        {scheduled ? "Remove schedule" : "Add a schedule"}
      </button>
    </div>
  );
}
