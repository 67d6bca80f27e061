// The probability of each digit as bars: by the raw weights of each contestant, and by their moving averages.
import type { JSX } from "preact";
import { CLASSES } from "../../../../examples/digits/data.js";
import type { DigitsState } from "../../settings.js";
import { contestantTitle } from "../presets.js";
import { percent } from "../scores.js";
import type { Prediction } from "../training/contestant.js";

interface BarsProps {
  readonly digits: DigitsState;
  readonly predictions: readonly (Prediction | null)[];
}

/** The most probable digit. */
export function best(probabilities: readonly number[]): number | string {
  const greatest = Math.max(...probabilities);
  return Number.isNaN(greatest) ? "nothing (NaN)" : probabilities.indexOf(greatest);
}

interface Column {
  readonly title: string;
  readonly color: string;
  readonly probabilities: readonly number[] | null;
}

/** Ten bars for each contestant, and ten more where it has averages. */
export function Bars({ digits, predictions }: BarsProps): JSX.Element {
  const columns = digits.contestants.flatMap((run, i): Column[] => {
    const [prediction, color, name] = [predictions[i] ?? null, `run${i}`, `${i + 1}. ${contestantTitle(run)}`];
    const raw = { title: name, color, probabilities: prediction?.raw ?? null };
    if (run.options.useEma !== true) return [raw];
    return [raw, { title: `${name}, EMA`, color, probabilities: prediction?.average ?? null }];
  });
  return (
    <table id="prediction">
      <caption>Probability of each digit</caption>
      <thead>
        <tr>
          <th scope="col">Digit</th>
          {columns.map(({ title, color }) => (
            <th key={title} scope="col" class={color}>
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
