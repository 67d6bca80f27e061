// The schedule of an optimizer's learning rate, and the arguments of the one that is chosen.
import type { JSX } from "preact";
import { type RunSettings, SCHEDULE_NAMES } from "../settings.js";
import { KerasName, TextInput } from "./option.js";

interface ScheduleControlProps {
  readonly id: string;
  readonly run: RunSettings;
  change(update: (present: RunSettings) => RunSettings): void;
}

export function ScheduleControl({ id, run, change }: ScheduleControlProps): JSX.Element {
  const isPiecewise = run.schedule === "PiecewiseConstantDecay";
  return (
    <>
      <div class="option wide">
        <label for={`${id}-schedule`}>Schedule</label>
        <select
          id={`${id}-schedule`}
          value={run.schedule}
          aria-describedby={`${id}-schedule-about`}
          onChange={({ currentTarget: { value } }) => {
            const schedule = SCHEDULE_NAMES.find((name) => name === value);
            if (schedule) change((present) => ({ ...present, schedule }));
          }}
        >
          {SCHEDULE_NAMES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <small id={`${id}-schedule-about`}>How the learning rate changes over the run.</small>
      </div>
      {isPiecewise && (
        <Numbers id={id} name="boundaries" about="The last step of each part but the last." {...{ run, change }} />
      )}
      {isPiecewise && <Numbers id={id} name="values" about="The learning rate in each part." {...{ run, change }} />}
      {run.schedule !== "constant" && !isPiecewise && <DecaySteps id={id} run={run} change={change} />}
    </>
  );
}

function DecaySteps({ id, run, change }: ScheduleControlProps): JSX.Element {
  const name = run.schedule === "CosineDecayRestarts" ? "first_decay_steps" : "decay_steps";
  return (
    <div class="option">
      <KerasName of={`${id}-decaySteps`} name={name} />
      <TextInput
        id={`${id}-decaySteps`}
        text={String(run.decaySteps)}
        placeholder="200"
        isNumber={true}
        read={(text) => {
          const decaySteps = Number(text);
          if (decaySteps > 0) change((present) => ({ ...present, decaySteps }));
        }}
      />
      <small id={`${id}-decaySteps-about`}>How many steps the decay takes.</small>
    </div>
  );
}

interface NumbersProps extends ScheduleControlProps {
  readonly name: "boundaries" | "values";
  readonly about: string;
}

/** A list of numbers. One that makes no sense is put back. */
function Numbers({ id, name, about, run, change }: NumbersProps): JSX.Element {
  return (
    <div class="option">
      <KerasName of={`${id}-${name}`} name={name} />
      <TextInput
        id={`${id}-${name}`}
        text={run[name].join(", ")}
        placeholder=""
        isNumber={false}
        read={(text) => {
          const numbers = text.split(/[\s,;]+/).filter((word) => word !== "");
          const isList = numbers.length > 0 && numbers.every((word) => Number.isFinite(Number(word)));
          if (isList) change((present) => ({ ...present, [name]: numbers.map(Number) }));
        }}
      />
      <small id={`${id}-${name}-about`}>{about} Separated by commas.</small>
    </div>
  );
}
