// The settings of one optimizer: its kind, its options and its schedule. A single option is in option.tsx.
import type { JSX } from "preact";
import {
  KINDS,
  type KindName,
  LANDSCAPE_KINDS,
  type OptionValue,
  type RunSettings,
  settingsOf,
  titleOf,
} from "../settings.js";
import { OptionControl } from "./option.js";
import { ScheduleControl } from "./schedule-control.js";

interface RunControlsProps {
  readonly index: number;
  readonly run: RunSettings;
  readonly error: string | null;
  /** Whether it is unfolded when it first appears. */
  readonly isOpen: boolean;
  /** Other settings from the present ones, which may be newer than `run`. */
  change(update: (present: RunSettings) => RunSettings): void;
  remove: (() => void) | null;
}

export function RunControls({ index, run, error, isOpen, change, remove }: RunControlsProps): JSX.Element {
  const set = (key: string, value: OptionValue): void =>
    change((present) => ({ ...present, options: { ...present.options, [key]: value } }));
  const id = `run${index}`;
  return (
    <div class={`run ${id}`}>
      <details open={isOpen}>
        <summary>
          {index + 1}. {titleOf(run)}
        </summary>
        <div class="choice">
          <label for={`${id}-kind`}>Optimizer</label>
          <select
            id={`${id}-kind`}
            value={run.kind}
            // The values are the names of the table.
            onChange={({ currentTarget: { value } }) => change(() => settingsOf(value as KindName))}
          >
            {LANDSCAPE_KINDS.map((name) => (
              <option key={name} value={name}>
                {KINDS[name].title}
              </option>
            ))}
          </select>
        </div>
        {KINDS[run.kind].options.map((option) => (
          <OptionControl key={option.key} id={`${id}-${option.key}`} option={option} run={run} set={set} />
        ))}
        <ScheduleControl id={id} run={run} change={change} />
        {remove && (
          <button type="button" onClick={remove}>
            Remove this optimizer
          </button>
        )}
      </details>
      {/* Below, so that it is seen while they are folded. */}
      {error !== null && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
