// The step that is looked at, as a slider. Under a chart its thumb stands below the line of that step.
import type { JSX } from "preact";

interface ScrubberProps {
  readonly label: string;
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** The step in words. */
  readonly spoken: string;
  seek(step: number): void;
}

export function Scrubber({ label, first, last, step, spoken, seek }: ScrubberProps): JSX.Element {
  return (
    <input
      class="scrubber"
      type="range"
      min={first}
      max={last}
      value={step}
      aria-label={label}
      aria-valuetext={spoken}
      onInput={({ currentTarget }) => seek(currentTarget.valueAsNumber)}
    />
  );
}
