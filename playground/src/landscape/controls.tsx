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
  /** Other settings from the present ones, which may be newer than `run`. */
  change(update: (present: RunSettings) => RunSettings): void;
  remove: (() => void) | null;
}

export function RunControls({ index, run, error, change, remove }: RunControlsProps): JSX.Element {
  const set = (key: string, value: OptionValue): void =>
    change((present) => ({ ...present, options: { ...present.options, [key]: value } }));
  const id = `run${index}`;
  return (
    <details class={`run ${id}`} open={index === 0}>
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
      {error !== null && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
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
  );
}
