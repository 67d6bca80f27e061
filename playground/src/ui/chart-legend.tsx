// What the curves of a chart are, with their values at one step, in columns that do not move.
import type { JSX } from "preact";
import type { Reading } from "./chart-data.js";

interface LegendProps {
  readonly readings: readonly Reading[];
  /** The step, in words. */
  readonly at: string;
}

export function Legend({ readings, at }: LegendProps): JSX.Element {
  return (
    <ul class="legend curves" aria-hidden="true">
      <li class="at">{at}</li>
      {readings.map(({ label, color, dashed, text }) => (
        <li key={label}>
          <svg viewBox="0 0 24 8" aria-hidden="true">
            <path d="M0,4H24" style={{ stroke: `var(${color})` }} stroke-dasharray={dashed ? "5 4" : undefined} />
          </svg>
          {label} <span class="value">{text}</span>
        </li>
      ))}
    </ul>
  );
}
