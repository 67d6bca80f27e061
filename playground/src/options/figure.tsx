// One picture: both runs on a map or as curves, their legend, the option's control, and a sentence.
import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { short } from "../explain/story/format.js";
import { at, pointAt } from "../explain/story/paths.js";
import { surfaceOf } from "../landscape/surfaces.js";
import { OptionSetting } from "./control.js";
import { Curves } from "./curves.js";
import { PathMap } from "./path-map.js";
import type { Outcome, Runner } from "./runner.js";
import { type StoryName, storyOf } from "./stories.js";
import { drawnPath, isNoisy, type Story, type Told } from "./story.js";

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
  return (
    <section class={`option-picture ${isNoisy(story) ? "noisy" : ""}`} ref={ref} aria-labelledby={`picture-${name}`}>
      <h3 id={`picture-${name}`}>{name === "schedules" ? "learning rate schedules" : <code>{name}</code>}</h3>
      {story.view.kind === "map" ? (
        <PathMap story={story} view={story.view} told={told} />
      ) : (
        <Curves view={story.view} told={told} name={name} />
      )}
      <dl>
        {(["without", "with"] as const).map((run) => (
          <div key={run} class={run}>
            <dt>{run}</dt>
            <dd>
              loss{" "}
              {told
                ? short(run === "with" && story.average ? averageLoss(story, told) : at(told[run], "loss", told.steps))
                : "…"}
            </dd>
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
      <button type="button" class="link" aria-label={`Open with all options: ${name}`} onClick={() => open(chosen)}>
        Open with all options
      </button>
    </section>
  );
}

/** The loss where the average of the weights is. */
function averageLoss(story: Story, told: Told): number {
  return surfaceOf(story.surface).loss(pointAt(drawnPath(story, told.with), told.steps - 1));
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
