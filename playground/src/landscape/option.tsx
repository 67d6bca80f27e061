// One option of an optimizer as a control, by the type of its value, with Keras' name and a line about it.
import type { JSX, TargetedEvent, TargetedInputEvent } from "preact";
import { useState } from "preact/hooks";
import type { Option, OptionValue, RunSettings } from "../settings.js";

interface OptionControlProps {
  readonly id: string;
  readonly option: Option;
  readonly run: RunSettings;
  set(key: string, value: OptionValue): void;
}

export function OptionControl({ id, option, run, set }: OptionControlProps): JSX.Element {
  const { key, keras, about, initial } = option;
  const value = run.options[key] ?? null;
  return (
    <div class="option">
      <KerasName of={id} name={keras} />
      {typeof initial === "boolean" ? (
        <input
          id={id}
          type="checkbox"
          aria-describedby={`${id}-about`}
          checked={value === true}
          onChange={(event) => set(key, event.currentTarget.checked)}
        />
      ) : (
        <TextInput
          id={id}
          text={value === null ? "" : String(value)}
          placeholder={option.nullable ? "None" : String(initial)}
          isNumber={typeof initial !== "string"}
          read={(text) => {
            if (text.trim() === "") return set(key, initial);
            set(key, typeof initial === "string" ? text : Number(text));
          }}
        />
      )}
      <small id={`${id}-about`}>{about}</small>
    </div>
  );
}

/** The label: a name in Keras' spelling, which may be broken after an underscore. */
export function KerasName({ of, name }: { of: string; name: string }): JSX.Element {
  return (
    <label for={of}>
      <code>
        {name.split("_").map((word, i) => (
          <>
            {i > 0 && "_"}
            <wbr />
            {word}
          </>
        ))}
      </code>
    </label>
  );
}

interface TextInputProps {
  readonly id: string;
  readonly text: string;
  readonly placeholder: string;
  readonly isNumber: boolean;
  /** Called with what was typed, when it is done. A number is finite. */
  read(text: string): void;
}

/** An input that keeps what is being typed: the page is drawn meanwhile, and must not put the old text back. */
export function TextInput({ id, text, placeholder, isNumber, read }: TextInputProps): JSX.Element {
  const [draft, setDraft] = useState<string | null>(null);
  const shared = {
    ...{ id, placeholder, autocomplete: "off", "aria-describedby": `${id}-about`, value: draft ?? text },
    onInput: ({ currentTarget }: TargetedInputEvent<HTMLInputElement>) => setDraft(currentTarget.value),
    onChange: ({ currentTarget }: TargetedEvent<HTMLInputElement>) => {
      setDraft(null);
      if (!currentTarget.validity.badInput) read(currentTarget.value);
    },
  };
  return isNumber ? <input type="number" step="any" {...shared} /> : <input {...shared} />;
}
