// Below the first screen: a picture for each option, and the way to all of them.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PageState } from "../settings.js";
import type { TabProps } from "../tab-props.js";
import { Figure } from "./figure.js";
import { Runner } from "./runner.js";
import { STORY_NAMES, type StoryName, storyOf } from "./stories.js";

export function OptionPictures({ state, change }: TabProps): JSX.Element {
  const [runner] = useState(() => new Runner());
  useEffect(() => () => runner.close(), [runner]);
  const choose = (name: StoryName, place: number): void =>
    change((present) => ({ ...present, pictures: { ...present.pictures, [name]: place } }));
  return (
    <section class="options" aria-labelledby="options">
      <h2 id="options">What each option does</h2>
      <p class="lead">
        Two runs of RMSprop from the same start: grey without the option, blue with it. On maps, darker ground is a
        lower loss, and the cross is the minimum. Point at a picture to read its numbers at any step.
      </p>
      <div class="pictures">
        {STORY_NAMES.map((name) => (
          <Figure
            key={name}
            name={name}
            runner={runner}
            place={state.pictures[name] ?? storyOf(name).control.initial}
            choose={(place) => choose(name, place)}
            open={(chosen) => change((present) => opened(present, name, chosen))}
          />
        ))}
      </div>
      <section class="all" aria-labelledby="all">
        <h2 id="all">All options</h2>
        <p class="lead">Up to four optimizers with every argument that Keras has, on any surface, side by side.</p>
        <button type="button" onClick={() => change((present) => ({ ...present, tab: "landscape" }))}>
          Open all options
        </button>
      </section>
    </section>
  );
}

/** The full form with the two runs of a picture. */
function opened(present: PageState, name: StoryName, chosen: string): PageState {
  const { surface, steps, without, withOption } = storyOf(name);
  return { ...present, tab: "landscape", surface, until: steps, runs: [without, withOption(chosen)] };
}
