// The settings of one optimizer: its kind, and each of its options with Keras' name and a line about it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { KINDS, type KindName, type Option, type RunSettings, SCHEDULE_NAMES, settingsOf } from "../settings.js";

interface RunControlsProps {
  readonly index: number;
  readonly run: RunSettings;
  readonly color: string;
  readonly error: string | null;
  /** Other settings from the present ones, which may be newer than `run`. */
  change(update: (present: RunSettings) => RunSettings): void;
  remove: (() => void) | null;
}

export function RunControls({ index, run, color, error, change, remove }: RunControlsProps): JSX.Element {
  const set = (key: string, value: number | boolean | null): void =>
    change((present) => ({ ...present, options: { ...present.options, [key]: value } }));
  const id = `run${index}`;
  return (
    <details class={`run ${color}`} open={index === 0}>
      <summary>
        {index + 1}. {KINDS[run.kind].title}
      </summary>
      <label for={`${id}-kind`}>Optimizer </label>
      <select
        id={`${id}-kind`}
        value={run.kind}
        // The values are the names of the table.
        onChange={({ currentTarget: { value } }) => change(() => settingsOf(value as KindName))}
      >
        {Object.entries(KINDS).map(([name, { title }]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
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

interface OptionControlProps {
  readonly id: string;
  readonly option: Option;
  readonly run: RunSettings;
  set(key: string, value: number | boolean | null): void;
}

function OptionControl({ id, option, run, set }: OptionControlProps): JSX.Element {
  const { key, keras, about, nullable, initial } = option;
  const value = run.options[key] ?? null;
  // What is being typed: the page is drawn many times meanwhile, and must not put the old number back.
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <div class="option">
      <label for={id}>
        <code>
          {keras.split("_").map((word, i) => (
            <>
              {i > 0 && "_"}
              <wbr />
              {word}
            </>
          ))}
        </code>
      </label>
      {typeof initial === "boolean" ? (
        <input
          id={id}
          type="checkbox"
          aria-describedby={`${id}-about`}
          checked={value === true}
          onChange={(event) => set(key, event.currentTarget.checked)}
        />
      ) : (
        <input
          id={id}
          type="number"
          step="any"
          aria-describedby={`${id}-about`}
          placeholder={nullable ? "None" : ""}
          value={draft ?? (value === null ? "" : String(value))}
          onInput={({ currentTarget }) => setDraft(currentTarget.value)}
          onChange={({ currentTarget: { value: text, valueAsNumber } }) => {
            setDraft(null);
            if (text === "") set(key, initial);
            else if (Number.isFinite(valueAsNumber)) set(key, valueAsNumber);
          }}
        />
      )}
      <small id={`${id}-about`}>{about}</small>
    </div>
  );
}

function ScheduleControl({ id, run, change }: Pick<RunControlsProps, "run" | "change"> & { id: string }): JSX.Element {
  return (
    <div class="option">
      <label for={`${id}-schedule`}>schedule</label>
      <select
        id={`${id}-schedule`}
        value={run.schedule}
        onChange={({ currentTarget: { value } }) => {
          const schedule = SCHEDULE_NAMES.find((name) => name === value);
          if (schedule) change((present) => ({ ...present, schedule }));
        }}
      >
        {SCHEDULE_NAMES.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <small>How the learning rate comes down from its start.</small>
      {run.schedule !== "constant" && (
        <>
          <label for={`${id}-decaySteps`}>
            <code>decay_steps</code>
          </label>
          <input
            id={`${id}-decaySteps`}
            type="number"
            min="1"
            value={run.decaySteps}
            onChange={({ currentTarget: { valueAsNumber } }) => {
              if (valueAsNumber > 0) change((present) => ({ ...present, decaySteps: valueAsNumber }));
            }}
          />
        </>
      )}
    </div>
  );
}
