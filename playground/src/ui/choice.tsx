// A select with its label, over a table of names.
import type { JSX } from "preact";

interface ChoiceProps<Name extends string> {
  readonly id: string;
  readonly label: string;
  readonly value: Name | "";
  readonly names: readonly Name[];
  titleOf(name: Name): string;
  choose(name: Name): void;
}

export function Choice<Name extends string>(props: ChoiceProps<Name>): JSX.Element {
  const { id, label, value, names, titleOf, choose } = props;
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={({ currentTarget }) => {
          const found = names.find((name) => name === currentTarget.value);
          if (found !== undefined) choose(found);
        }}
      >
        {names.map((name) => (
          <option key={name} value={name}>
            {titleOf(name)}
          </option>
        ))}
      </select>
    </div>
  );
}
