// A digit is drawn or taken from those held out, and both contestants tell which it is: with the raw weights, and with
// their moving averages.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { CLASSES } from "../../../examples/digits/data.js";
import type { DigitsState } from "../settings.js";
import { DrawingArea } from "./canvas.js";
import { Preview } from "./preview.js";
import { percent } from "./scores.js";
import { imageOf, type Stroke } from "./strokes.js";
import type { Sample } from "./training/contest.js";
import type { Prediction } from "./training/contestant.js";
import type { Session } from "./training/session.js";
import type { View } from "./training/worker.js";

interface TellingProps {
  readonly digits: DigitsState;
  readonly view: View | null;
  session(): Session;
}

type Picture = { readonly pixels: Float32Array<ArrayBuffer>; readonly sample: Sample | null };

export function Telling({ digits, view, session }: TellingProps): JSX.Element {
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [picture, setPicture] = useState<Picture | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const predictions = usePredictions(picture, view, session);
  const draw = (drawn: readonly Stroke[]): void => {
    setStrokes(drawn);
    setPicture(drawn.length === 0 ? null : { pixels: imageOf(drawn), sample: null });
  };
  const take = async (step: number): Promise<void> => {
    setStrokes([]);
    try {
      const sample = await session().ask("sample", picture?.sample ? picture.sample.index + step : 0);
      setPicture({ pixels: sample.pixels, sample });
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section aria-labelledby="telling-title">
      <h2 id="telling-title">Draw a digit</h2>
      <div class="telling">
        <div>
          <DrawingArea strokes={strokes} change={draw} />
          <div class="buttons">
            <button type="button" onClick={() => draw([])}>
              Clear
            </button>
            <button type="button" onClick={() => take(-1)}>
              Previous held-out digit
            </button>
            <button type="button" onClick={() => take(1)}>
              Next held-out digit
            </button>
          </div>
          {problem !== null && (
            <p class="error" role="alert">
              {problem}
            </p>
          )}
        </div>
        <div>
          <Preview pixels={picture?.pixels ?? null} />
          <p id="told" role="status">
            {toldText(picture, predictions)}
          </p>
        </div>
        <Bars digits={digits} predictions={picture ? predictions : []} />
      </div>
    </section>
  );
}

/** What both say to the picture, asked again after each epoch; one question at a time. */
function usePredictions(picture: Picture | null, view: View | null, session: () => Session) {
  const [told, setTold] = useState<Told>({ of: null, predictions: [] });
  const asking = useRef({ busy: false, again: false });
  const latest = useRef(picture);
  latest.current = picture;
  const ask = async (): Promise<void> => {
    const state = asking.current;
    state.again = true;
    if (state.busy) return;
    state.busy = true;
    while (state.again && latest.current) {
      state.again = false;
      const of = latest.current;
      // Why it has no answer is told above.
      const predictions = await session()
        .ask("predict", of.pixels)
        .catch(() => []);
      setTold({ of, predictions });
    }
    state.busy = false;
  };
  const epochs = view?.contestants.map(({ scores, error }) => `${scores.length} ${error}`).join();
  useEffect(() => {
    if (picture) void ask();
  }, [picture, epochs]);
  // While one draws, the newest answer stands; that to another digit would be a wrong one.
  const isOfAnother = told.of !== picture && (told.of?.sample ?? picture?.sample ?? null) !== null;
  return isOfAnother ? [] : told.predictions;
}

/** What was said, and of which picture. */
interface Told {
  readonly of: Picture | null;
  readonly predictions: readonly (Prediction | null)[];
}

function toldText(picture: Picture | null, predictions: readonly (Prediction | null)[]): string {
  if (!picture) return "Nothing is drawn.";
  const told = predictions.flatMap((prediction, i) => (prediction ? [`${i + 1} says ${best(prediction.raw)}`] : []));
  const source = picture.sample ? `Held-out digit ${picture.sample.index + 1}: a ${picture.sample.label}.` : "";
  return [source, told.length > 0 ? `${told.join(", ")}.` : ""].join(" ").trim();
}

/** The most probable digit. */
function best(probabilities: readonly number[]): number | string {
  const greatest = Math.max(...probabilities);
  return Number.isNaN(greatest) ? "nothing (NaN)" : probabilities.indexOf(greatest);
}

interface Column {
  readonly title: string;
  readonly color: string;
  readonly probabilities: readonly number[] | null;
}

/** Ten bars for each contestant, and ten more where it has averages. */
function Bars({
  digits,
  predictions,
}: Pick<TellingProps, "digits"> & { predictions: readonly (Prediction | null)[] }): JSX.Element {
  const columns = digits.contestants.flatMap(({ options }, i): Column[] => {
    const [prediction, color] = [predictions[i] ?? null, `run${i}`];
    const raw = { title: `${i + 1}`, color, probabilities: prediction?.raw ?? null };
    if (options.useEma !== true) return [raw];
    return [
      { ...raw, title: `${i + 1}, raw` },
      { title: `${i + 1}, EMA`, color, probabilities: prediction?.average ?? null },
    ];
  });
  return (
    <table id="prediction">
      <caption>Probability of each digit</caption>
      <thead>
        <tr>
          <th scope="col">digit</th>
          {columns.map(({ title }) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: CLASSES }, (_, digit) => (
          <tr key={digit}>
            <th scope="row">{digit}</th>
            {columns.map((column) => (
              <Bar key={column.title} column={column} digit={digit} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Bar({ column: { color, probabilities }, digit }: { column: Column; digit: number }): JSX.Element {
  const probability = probabilities?.[digit];
  const isBest = probabilities !== null && best(probabilities) === digit;
  return (
    <td class={isBest ? `${color} best` : color} data-value={probability}>
      {probability === undefined ? "–" : percent(probability)}
      <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect width={Number.isFinite(probability) ? (probability ?? 0) * 100 : 0} height="4" />
      </svg>
    </td>
  );
}
