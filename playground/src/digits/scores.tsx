// How far both contestants are: progress and time left, curves of loss and accuracy, and the same numbers as tables.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Score } from "../../../examples/digits/train.js";
import type { DigitsState } from "../settings.js";
import { Chart } from "../ui/chart.js";
import type { Curve } from "../ui/chart-data.js";
import { Scroll } from "../ui/scroll.js";
import { contestantTitle } from "./presets.js";
import type { EpochScore } from "./run.js";
import type { ContestantView } from "./training/contest.js";
import type { View } from "./training/worker.js";

interface ScoresProps {
  readonly digits: DigitsState;
  readonly view: View | null;
}

const COLORS = ["--run0", "--run1"];
const MS_PER_SECOND = 1000;

export function Progress({ digits: { epochs }, view }: ScoresProps): JSX.Element {
  const running = (view?.contestants ?? []).filter(({ error, scores }) => error === null && scores.length > 0);
  const dones = running.map(({ scores, share }) => Math.min(epochs, scores.length - 1 + share));
  const total = Math.max(1, running.length * epochs);
  const done = dones.reduce((sum, each) => sum + each, 0);
  return (
    <p class="progress">
      <progress max={total} value={done} aria-label="Training" />{" "}
      <span id="epochs">{progressText(Math.floor(Math.min(epochs, ...dones)), epochs, view, running)}</span>
    </p>
  );
}

function progressText(epoch: number, epochs: number, view: View | null, running: readonly ContestantView[]): string {
  if (view === null || running.length === 0) return "Start loads TensorFlow.js and trains.";
  if (epoch >= epochs) return `${epochs} epochs, the end: more of them go on from here`;
  const ms = running.reduce((sum, { scores, share }) => sum + meanMs(scores) * (epochs + 1 - scores.length - share), 0);
  const left = ms > 0 && view.training ? `, ${Math.ceil(ms / MS_PER_SECOND)} s left` : "";
  return `epoch ${epoch} of ${epochs}${left}`;
}

/** Of the epochs that were trained, or 0. */
function meanMs(scores: readonly EpochScore[]): number {
  return scores.reduce((sum, { ms }) => sum + ms, 0) / Math.max(1, scores.length - 1);
}

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
  const accuracies = names.flatMap((_, i) => [
    curve(i, "raw", false, ({ heldOut }) => heldOut.accuracy),
    ...(digits.contestants[i]?.options.useEma === true
      ? [curve(i, "average", true, ({ average }) => average?.accuracy ?? Number.NaN)]
      : []),
  ]);
  return (
    <>
      <Chart
        title="Loss: training, and held out (dashed)"
        log
        ceiling={null}
        none=""
        curves={losses}
        across="epoch"
        up="loss"
      />
      <Chart
        title="Held-out accuracy: raw weights, and EMA weights (dashed)"
        across="epoch"
        up="accuracy"
        log={false}
        ceiling={null}
        none=""
        curves={accuracies}
      />
      <Latest names={names} scoresOf={scoresOf} />
      <Epochs names={names} scoresOf={scoresOf} />
    </>
  );
}

interface TableProps {
  readonly names: readonly string[];
  scoresOf(i: number): readonly EpochScore[];
}

const COLUMNS: Readonly<Record<string, (score: EpochScore) => number | undefined>> = {
  "training loss": ({ training }) => training?.loss,
  "held-out loss": ({ heldOut }) => heldOut.loss,
  accuracy: ({ heldOut }) => heldOut.accuracy,
  "EMA loss": ({ average }) => average?.loss,
  "EMA accuracy": ({ average }) => average?.accuracy,
};

/** Where each is now; a column for each, which fits a phone. */
function Latest({ names, scoresOf }: TableProps): JSX.Element {
  const latest = names.map((_, i) => scoresOf(i).at(-1));
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
        {Object.entries(COLUMNS).map(([name, numberOf]) => (
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
  const text = value === undefined ? "–" : name.includes("accuracy") ? percent(value) : value.toPrecision(4);
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
          {["Optimizer", "epoch", ...Object.keys(COLUMNS)].map((name) => (
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
  return Number.isNaN(share) ? "NaN" : `${(share * 100).toFixed(1)} %`;
}
