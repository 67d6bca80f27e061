// Below the map: Play, what brings the page back, and the schedule.
import type { JSX } from "preact";
import { PlayButton } from "../../ui/play-button.js";
import { boundedStep, STEPS } from "../state.js";

interface PlayingProps {
  readonly step: number;
  readonly scheduled: boolean;
  /** Another step from the present one. */
  seek(update: (present: number) => number): void;
  schedule(scheduled: boolean): void;
  /** Puts everything back; null where nothing was changed. */
  readonly reset: (() => void) | null;
}

export function Playing({ step, scheduled, seek, schedule, reset }: PlayingProps): JSX.Element {
  return (
    <div class="playing">
      <PlayButton
        isLast={step === STEPS}
        isOver={step === STEPS}
        framesPerStep={1}
        ended="The run has ended."
        advance={(factor) => seek((present) => boundedStep(present + factor))}
        rewind={() => seek(() => 1)}
      />
      <button type="button" disabled={reset === null} onClick={() => reset?.()}>
        Reset
      </button>
      <button type="button" aria-pressed={scheduled} onClick={() => schedule(!scheduled)}>
        {scheduled ? "Remove schedule" : "Add a schedule"}
      </button>
      <p>
        Step <b id="step">{step}</b> of {STEPS}
      </p>
    </div>
  );
}
