// The tab Code: an optimizer of the page or of the package as programs to copy.
import type { JSX } from "preact";
import type { TabProps } from "../tab-props.js";
import { chosenOf, groupsOf } from "./choices.js";
import { Snippet } from "./snippet.js";

export function CodeTab({ state, change }: TabProps): JSX.Element {
  const groups = groupsOf(state);
  const { group, choice } = chosenOf(groups, state);
  return (
    <div class="code">
      <div class="choice">
        <label for="code-of">Code of</label>
        <select
          id="code-of"
          value={choice.word}
          onChange={({ currentTarget }) => {
            const code = currentTarget.value;
            change((present) => ({ ...present, code }));
          }}
        >
          {groups.map(({ title, choices }) => (
            <optgroup key={title} label={title}>
              {choices.map(({ word, title }) => (
                <option key={word} value={word}>
                  {title}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </div>
      <section aria-labelledby="code-title">
        <h2 id="code-title">
          {group}: {choice.title}
        </h2>
        {Object.entries(choice.texts()).map(([title, text]) => (
          <Snippet key={`${choice.word} ${title}`} title={title} text={text} />
        ))}
      </section>
    </div>
  );
}
