// The one control of a picture. What a slider or a switch says is the option as one would write it.
import type { JSX } from "preact";
import { short } from "../explain/story/format.js";
import type { Control } from "./story.js";

interface SettingProps {
  readonly name: string;
  readonly control: Control;
  readonly place: number;
  choose(place: number): void;
}

export function OptionSetting({ name, control: { kind, places }, place, choose }: SettingProps): JSX.Element {
  const id = `option-${name}`;
  const chosen = places[place] ?? "";
  if (kind === "switch")
    return (
      <div class="setting">
        <label for={id}>
          <input
            id={id}
            type="checkbox"
            checked={chosen === "on"}
            onChange={({ currentTarget }) => choose(currentTarget.checked ? 1 : 0)}
          />{" "}
          <code>{name}</code>
        </label>
      </div>
    );
  if (kind === "choice")
    return (
      <div class="setting">
        <label for={id}>Schedule</label>
        <select id={id} value={place} onChange={({ currentTarget }) => choose(currentTarget.selectedIndex)}>
          {places.map((text, i) => (
            <option key={text} value={i}>
              {text}
            </option>
          ))}
        </select>
      </div>
    );
  return (
    <div class="setting">
      <label for={id}>
        <code>{labelOf(name)}</code>
      </label>
      <output for={id}>{short(Number(chosen))}</output>
      <input
        id={id}
        type="range"
        min="0"
        max={places.length - 1}
        value={place}
        aria-valuetext={chosen}
        onInput={({ currentTarget }) => choose(currentTarget.valueAsNumber)}
      />
    </div>
  );
}

/** Where the option is a switch, the number that belongs to it. */
function labelOf(name: string): string {
  return name === "use_ema" ? "ema_momentum" : name;
}
