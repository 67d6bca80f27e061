// How well both contestants do: curves of error rate and loss, and the same numbers as tables.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Score } from "../../../examples/digits/train.js";
import type { DigitsState } from "../settings.js";
import { Chart } from "../ui/chart.js";
import type { Curve } from "../ui/chart-data.js";
import { Scroll } from "../ui/scroll.js";
import { contestantTitle } from "./presets.js";
import type { EpochScore } from "./run.js";
import type { View } from "./training/worker.js";

interface ScoresProps {
  readonly digits: DigitsState;
  readonly view: View | null;
}

const COLORS = ["--run0", "--run1"];

/** Drawn again only when there is a new epoch. */
export function Scores({ digits, view }: ScoresProps): JSX.Element {
  const epochs = (view?.contestants ?? []).map(({ scores }) => [scores.length, scores.at(-1)?.heldOut.loss]);
  return useMemo(() => <Curves digits={digits} view={view} />, [digits, JSON.stringify(epochs)]);
}

function Curves({ digits, view }: ScoresProps): JSX.Element {
  const names = digits.contestants.map((run, i) => `${i + 1}. ${contestantTitle(run)}`);
  const scoresOf = (i: number): readonly EpochScore[] => view?.contestants[i]?.scores ?? [];
  const curve = (i: number, what: string, dashed: boolean, numberOf: (score: EpochScore) => number): Curve => ({
    ...{ label: `${names[i]}, ${what}`, color: COLORS[i] ?? "--quiet", dashed },
    values: Float64Array.from(scoresOf(i), numberOf),
  });
  const losses = names.flatMap((_, i) => [
    curve(i, "training", false, ({ training }) => training?.loss ?? Number.NaN),
    curve(i, "held out", true, ({ heldOut }) => heldOut.loss),
  ]);
  const errors = names.flatMap((_, i) => [
    curve(i, "raw weights", false, ({ heldOut }) => errorPercent(heldOut)),
    ...(digits.contestants[i]?.options.useEma === true
      ? [curve(i, "EMA weights", true, ({ average }) => (average ? errorPercent(average) : Number.NaN))]
      : []),
  ]);
  const hasEma = digits.contestants.some(({ options }) => options.useEma === true);
  return (
    <section aria-labelledby="scores-title">
      <h2 id="scores-title">How well they read</h2>
      <div class="pair">
        <Chart
          title={`Errors on held-out digits, in percent${hasEma ? " (dashed: EMA weights)" : ""}`}
          log
          ceiling={null}
          none=""
          curves={errors}
          across="epoch"
          up="errors, %"
        />
        <Chart
          title="Loss: training, and held out (dashed)"
          log
          ceiling={null}
          none=""
          curves={losses}
          across="epoch"
          up="loss"
        />
      </div>
      <Latest names={names} scoresOf={scoresOf} />
      <Epochs names={names} scoresOf={scoresOf} />
    </section>
  );
}

const PERCENT = 100;

function errorPercent({ accuracy }: Score): number {
  return PERCENT * (1 - accuracy);
}

interface TableProps {
  readonly names: readonly string[];
  scoresOf(i: number): readonly EpochScore[];
}

const COLUMNS: Readonly<Record<string, (score: EpochScore) => number | undefined>> = {
  "Training loss": ({ training }) => training?.loss,
  "Held-out loss": ({ heldOut }) => heldOut.loss,
  Accuracy: ({ heldOut }) => heldOut.accuracy,
  "EMA loss": ({ average }) => average?.loss,
  "EMA accuracy": ({ average }) => average?.accuracy,
};

/** Where each is now; a column for each, which fits a phone. */
function Latest({ names, scoresOf }: TableProps): JSX.Element {
  const latest = names.map((_, i) => scoresOf(i).at(-1));
  const hasEma = latest.some((score) => score?.average != null);
  const rows = Object.entries(COLUMNS).filter(([name]) => hasEma || !name.startsWith("EMA"));
  return (
    <table id="scores">
      <thead>
        <tr>
          <th scope="col">After epoch</th>
          {names.map((name, i) => (
            <th key={i} scope="col" class={`run${i}`}>
              {name}: {Math.max(0, scoresOf(i).length - 1)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, numberOf]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {latest.map((score, i) => (
              <Cell key={i} name={name} value={score && numberOf(score)} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ name, value }: { name: string; value: number | undefined }): JSX.Element {
  const text = value === undefined ? "–" : /accuracy/i.test(name) ? percent(value) : value.toPrecision(4);
  return <td data-value={value}>{text}</td>;
}

/** A row for each epoch, under all curves; made only when it is looked at. */
function Epochs(props: TableProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>All epochs as a table</summary>
      {isOpen && (
        <Scroll label="All epochs">
          <EpochTable {...props} />
        </Scroll>
      )}
    </details>
  );
}

function EpochTable({ names, scoresOf }: TableProps): JSX.Element {
  const rows = names.flatMap((name, i) => scoresOf(i).map((score, epoch) => ({ name, i, epoch, score })));
  return (
    <table id="history">
      <thead>
        <tr>
          {["Optimizer", "Epoch", ...Object.keys(COLUMNS)].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows
          .sort((a, b) => a.epoch - b.epoch)
          .map(({ name, i, epoch, score }) => (
            <tr key={`${epoch} ${i}`} class={`run${i}`}>
              <th scope="row">{name}</th>
              <td>{epoch}</td>
              {Object.entries(COLUMNS).map(([column, numberOf]) => (
                <Cell key={column} name={column} value={numberOf(score)} />
              ))}
            </tr>
          ))}
      </tbody>
    </table>
  );
}

/** A share, such as an accuracy, in percent. */
export function percent(share: Score["accuracy"]): string {
  return Number.isNaN(share) ? "NaN" : `${(share * 100).toFixed(1)}%`;
}
