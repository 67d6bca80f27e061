// One picture: both runs on a map or as curves, their legend, the option's control, and a sentence.
import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { OptionSetting } from "./control.js";
import { Curves } from "./curves.js";
import { useLook } from "./look.js";
import { PathMap } from "./path-map.js";
import { RUN_NAMES, readingAt } from "./readings.js";
import type { Outcome, Runner } from "./runner.js";
import { type StoryName, storyOf } from "./stories.js";
import { isNoisy } from "./story.js";

/** How far below the window a picture is computed. */
const NEAR = "400px";

interface FigureProps {
  readonly name: StoryName;
  readonly runner: Runner;
  readonly place: number;
  choose(place: number): void;
  /** Opens the full form with these runs. */
  open(chosen: string): void;
}

export function Figure({ name, runner, place, choose, open }: FigureProps): JSX.Element {
  const ref = useRef<HTMLElement>(null);
  const isNear = useNear(ref);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const story = storyOf(name);
  const chosen = story.control.places[place] ?? "";
  useEffect(() => {
    if (isNear) runner.ask(name, { chosen, tell: setOutcome });
  }, [runner, name, chosen, isNear]);
  const told = outcome && "told" in outcome ? outcome.told : null;
  const look = useLook();
  const step = look.step ?? story.steps;
  const readings = RUN_NAMES.map((run) => ({ run, text: told ? readingAt(story, told, run, step) : "…" }));
  const drawn = { name, story, told, look, spoken: readings.map(({ run, text }) => `${run}: ${text}`).join("; ") };
  return (
    <section class={`option-picture ${isNoisy(story) ? "noisy" : ""}`} ref={ref} aria-labelledby={`picture-${name}`}>
      <h3 id={`picture-${name}`}>{name === "schedules" ? "learning rate schedules" : <code>{name}</code>}</h3>
      {story.view.kind === "map" ? <PathMap {...drawn} view={story.view} /> : <Curves {...drawn} view={story.view} />}
      <dl>
        <div class="at">
          <dt>after step</dt>
          <dd>{step}</dd>
        </div>
        {readings.map(({ run, text }) => (
          <div key={run} class={run}>
            <dt>{run}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <OptionSetting name={name} control={story.control} place={place} choose={choose} />
      {outcome && "failure" in outcome ? (
        <p class="error" role="alert">
          Nothing can be computed: {outcome.failure}. Load the page again.
        </p>
      ) : (
        <p class="sentence">{told ? story.sentence(told) : ""}</p>
      )}
      <p class="ways">
        <button type="button" class="link" aria-label={`Open with all options: ${name}`} onClick={() => open(chosen)}>
          Open with all options
        </button>
        {story.more && <a href={story.more.path}>{story.more.title}</a>}
      </p>
    </section>
  );
}

/** Whether an element is, or was, close to the window. */
function useNear(ref: RefObject<HTMLElement | null>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (!ref.current || isNear) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && setNear(true),
      { rootMargin: NEAR },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [isNear]);
  return isNear;
}
