// The settings of the tab Digits: numbers of the course, and each contestant with its options and its checkpoint.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { countOf } from "../address.js";
import { OptionControl } from "../landscape/option.js";
import { ScheduleControl } from "../landscape/schedule-control.js";
import {
  contestantOf,
  DIGITS_KINDS,
  DIGITS_RANGES,
  type DigitsState,
  INPUTS,
  type Inputs,
  isOwnKind,
  KINDS,
  type RunSettings,
} from "../settings.js";
import { contestantTitle, presetsBeside } from "./presets.js";
import type { ContestantView } from "./training/contest.js";
import { STUCK_INK } from "./training/inputs.js";

const COUNTS: Readonly<Record<keyof typeof DIGITS_RANGES, string>> = {
  epochs: "Epochs",
  batchSize: "Batch size",
  seed: "Seed",
};

const INPUT_TITLES: Readonly<Record<Inputs, string>> = {
  stuck: `One pixel stuck at ${STUCK_INK} × full ink`,
  clean: "As they are",
};

interface CourseProps {
  readonly digits: DigitsState;
  change(update: (present: DigitsState) => DigitsState): void;
}

export function CourseControls({ digits, change }: CourseProps): JSX.Element {
  return (
    <div class="choice">
      {Object.entries(COUNTS).map(([key, title]) => {
        const name = key as keyof typeof COUNTS; // Object.entries forgets it.
        const [min, max] = DIGITS_RANGES[name];
        return (
          <label key={name} class="count">
            {title}
            <input
              type="number"
              {...{ id: `digits-${name}`, min, max, value: digits[name] }}
              onChange={({ currentTarget }) => {
                const value = countOf(name, currentTarget.value);
                // What makes no sense is not taken: the field shows what counts.
                currentTarget.value = String(value ?? digits[name]);
                if (value !== null) change((present) => ({ ...present, [name]: value }));
              }}
            />
          </label>
        );
      })}
      <label class="count" for="digits-inputs">
        Images
        <select
          id="digits-inputs"
          value={digits.inputs}
          onChange={({ currentTarget: { value } }) => {
            const inputs = INPUTS.find((name) => name === value);
            if (inputs) change((present) => ({ ...present, inputs }));
          }}
        >
          {INPUTS.map((name) => (
            <option key={name} value={name}>
              {INPUT_TITLES[name]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

interface ContestantProps {
  readonly index: 0 | 1;
  readonly run: RunSettings;
  /** The optimizers of the Landscape, whose settings can be taken. */
  readonly others: readonly RunSettings[];
  readonly view: ContestantView | null;
  change(update: (present: RunSettings) => RunSettings): void;
  save(): Promise<{ readonly bytes: Uint8Array; readonly epoch: number }>;
}

export function ContestantControls({ index, run, others, view, change, save }: ContestantProps): JSX.Element {
  const id = `contestant${index}`;
  const set = (key: string, value: RunSettings["options"][string]): void =>
    change((present) => ({ ...present, options: { ...present.options, [key]: value } }));
  return (
    <div class={`run contestant run${index}`}>
      <h3>
        {index + 1}. {contestantTitle(run)}
      </h3>
      {view?.error != null && (
        <p class="error" role="alert">
          {view.error}
        </p>
      )}
      <PresetChoice id={id} others={others} change={change} />
      <details>
        <summary>Options</summary>
        <KindChoice id={id} run={run} change={change} />
        {KINDS[run.kind].options.map((option) => (
          <OptionControl key={option.key} id={`${id}-${option.key}`} option={option} run={run} set={set} />
        ))}
        {isOwnKind(run.kind) && <ScheduleControl id={id} run={run} change={change} />}
      </details>
      <SaveButton index={index} run={run} view={view} save={save} />
    </div>
  );
}

type ChoiceProps = Pick<ContestantProps, "change"> & { readonly id: string };

function PresetChoice({ id, others, change }: ChoiceProps & Pick<ContestantProps, "others">): JSX.Element {
  const presets = presetsBeside(others);
  return (
    <div class="choice">
      <label for={`${id}-preset`}>Preset</label>
      <select
        id={`${id}-preset`}
        value=""
        onChange={({ currentTarget }) => {
          const preset = presets[currentTarget.value];
          currentTarget.value = "";
          if (preset) change(() => preset);
        }}
      >
        <option value="">Choose …</option>
        {Object.keys(presets).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </div>
  );
}

function KindChoice({ id, run, change }: ChoiceProps & Pick<ContestantProps, "run">): JSX.Element {
  return (
    <div class="choice">
      <label for={`${id}-kind`}>Optimizer</label>
      <select
        id={`${id}-kind`}
        value={run.kind}
        onChange={({ currentTarget: { value } }) => {
          const kind = DIGITS_KINDS.find((name) => name === value);
          if (kind) change(() => contestantOf(kind));
        }}
      >
        {DIGITS_KINDS.map((name) => (
          <option key={name} value={name}>
            {KINDS[name].title}
          </option>
        ))}
      </select>
    </div>
  );
}

function SaveButton({ index, run, view, save }: Pick<ContestantProps, "index" | "run" | "view" | "save">): JSX.Element {
  const [message, setMessage] = useState("");
  if (!isOwnKind(run.kind))
    return <p class="quiet">TensorFlow.js' own optimizers have no checkpoints: choose one of this package.</p>;
  const onClick = async (): Promise<void> => {
    try {
      const { bytes, epoch } = await save();
      download(`digits-${index + 1}-epoch-${epoch}.safetensors`, bytes);
      setMessage(`Saved after epoch ${epoch}.`);
    } catch (error) {
      setMessage(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div class="buttons">
      <button type="button" disabled={!view?.isSaveable} onClick={onClick}>
        Save checkpoint of {index + 1}
      </button>
      <span role="status">{message}</span>
    </div>
  );
}

function download(name: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
