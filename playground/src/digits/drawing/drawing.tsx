// A digit is drawn, or taken from those held out, and both contestants guess which it is, while they learn.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { DigitsState } from "../../settings.js";
import { contestantTitle } from "../presets.js";
import type { Prediction } from "../training/contestant.js";
import type { Session } from "../training/session.js";
import type { View } from "../training/worker.js";
import { Bars, best } from "./bars.js";
import { DrawingArea } from "./canvas.js";
import { Preview } from "./preview.js";
import { imageOf, type Stroke } from "./strokes.js";
import { type Picture, usePredictions } from "./use-predictions.js";

interface DrawingProps {
  readonly digits: DigitsState;
  readonly view: View | null;
  /** What stands beside the guess. */
  readonly children: ComponentChildren;
  session(): Session;
}

export function Drawing({ digits, view, session, children }: DrawingProps): JSX.Element {
  const { strokes, picture, problem, draw, take } = usePicture(view, session);
  const predictions = usePredictions(picture, view, session);
  return (
    <section class="drawing" aria-labelledby="drawing-title">
      <div>
        <h2 id="drawing-title">Draw a digit</h2>
        <DrawingArea strokes={strokes} change={draw} />
        <div class="buttons">
          <button type="button" onClick={() => draw([])}>
            Clear
          </button>
          <span>Held-out digit:</span>
          <button type="button" aria-label="Previous held-out digit" onClick={() => take(-1)}>
            ←
          </button>
          <button type="button" aria-label="Next held-out digit" onClick={() => take(1)}>
            →
          </button>
        </div>
        {problem !== null && (
          <p class="error" role="alert">
            {problem}
          </p>
        )}
      </div>
      <div class="guess">
        <Preview pixels={picture?.pixels ?? null} inputs={digits.inputs} />
        <p id="guess" role="status">
          {guessText(digits, picture, view, predictions)}
        </p>
        {children}
      </div>
      <Bars digits={digits} predictions={picture ? predictions : []} />
    </section>
  );
}

interface Shown {
  readonly strokes: readonly Stroke[];
  readonly picture: Picture | null;
  /** Why no held-out digit can be shown. */
  readonly problem: string | null;
  draw(strokes: readonly Stroke[]): void;
  /** The held-out digit so many further on. */
  take(step: number): Promise<void>;
}

/** What is drawn, or the held-out digit that was taken; at first one of them, so that there is something to guess at once. */
function usePicture(view: View | null, session: () => Session): Shown {
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [picture, setPicture] = useState<Picture | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isTouched, setTouched] = useState(false);
  const isFirst = view !== null && !isTouched;
  useEffect(() => {
    // What goes wrong with the worker is told by the training.
    if (isFirst)
      session()
        .ask("sample", 0)
        .then((sample) => setPicture((present) => present ?? { pixels: sample.pixels, sample }))
        .catch(() => undefined);
  }, [isFirst]);
  const draw = (drawn: readonly Stroke[]): void => {
    setTouched(true);
    setStrokes(drawn);
    setPicture(drawn.length === 0 ? null : { pixels: imageOf(drawn), sample: null });
  };
  const take = async (step: number): Promise<void> => {
    setTouched(true);
    setStrokes([]);
    try {
      const sample = await session().ask("sample", picture?.sample ? picture.sample.index + step : 0);
      setPicture({ pixels: sample.pixels, sample });
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return { strokes, picture, problem, draw, take };
}

function guessText(
  digits: DigitsState,
  picture: Picture | null,
  view: View | null,
  predictions: readonly (Prediction | null)[],
): string {
  if (!picture) return "Nothing is drawn.";
  const source = picture.sample
    ? `Held-out digit ${picture.sample.index + 1} is ${articled(picture.sample.label)}. `
    : "";
  const guesses = predictions.map((prediction) => (prediction ? best(prediction.raw) : null));
  return source + (view === null ? "" : saidText(namesOf(digits), guesses));
}

/** The only digit that begins with a vowel. */
function articled(digit: number): string {
  return digit === 8 ? "an 8" : `a ${digit}`;
}

function saidText(names: readonly string[], guesses: readonly (number | string | null)[]): string {
  const known = guesses.filter((guess) => guess !== null);
  if (known.length === 0) return "The networks are not trained yet.";
  if (known.length === 2 && known[0] === known[1]) return `Both say ${known[0]}.`;
  return `${guesses.flatMap((guess, i) => (guess === null ? [] : [`${names[i]} says ${guess}`])).join(", ")}.`;
}

/** What both are called; by number, where that is the same. */
function namesOf({ contestants }: DigitsState): string[] {
  const titles = contestants.map(contestantTitle);
  return titles[0] === titles[1] ? titles.map((title, i) => `${title} ${i + 1}`) : titles;
}
