// What the runs of the landscape do: the map, their numbers, and curves of the loss and of what is inside of them.
import type { JSX } from "preact";
import { INSIDE_NAMES, INSIDES, type RunSettings, titleOf } from "../settings.js";
import type { TabProps } from "../tab-props.js";
import { Chart } from "../ui/chart.js";
import type { Curve } from "../ui/chart-data.js";
import { Choice } from "../ui/choice.js";
import { useChanges } from "../ui/follow.js";
import { LossMap } from "./map.js";
import type { Player } from "./player.js";
import { surfaceOf } from "./surfaces.js";

const COLORS = ["--run0", "--run1", "--run2", "--run3"];
/** Curves are drawn less often than the map: each time they are drawn anew. */
const CURVES_MS = 150;

/** How far above the start's loss the curves of losses are drawn. */
const ABOVE_START = 10;

interface ViewsProps extends TabProps {
  readonly player: Player;
}

/** The map. */
export function PathsOnMap({ state, player }: Omit<ViewsProps, "change">): JSX.Element {
  return <LossMap surface={state.surface} player={player} colors={COLORS} />;
}

/** What stands below it: numbers and curves. */
export function Views(props: ViewsProps): JSX.Element {
  return (
    <>
      <Numbers {...props} />
      <Curves {...props} />
    </>
  );
}

/** Where each run is now, and below where its average is; NaN is a place, too. */
function Numbers({ state: { runs, surface }, player }: ViewsProps): JSX.Element {
  useChanges(player, 0);
  const tracks = runs.map((run, i) => ({ i, name: nameOf(run, i), track: player.tracks[i] }));
  return (
    <table id="numbers">
      <thead>
        <tr>
          {["Optimizer", "x", "y", "loss"].map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {tracks.map(({ i, name, track }) => (
          <Row key={i} i={i} name={name} values={["x", "y", "loss"].map((column) => track?.last(column))} />
        ))}
        {tracks.map(({ i, name, track }) => {
          const [x, y] = [track?.last("x_average"), track?.last("y_average")];
          if (x === undefined || y === undefined || track === undefined || track.length < 2) return null;
          return (
            <Row
              key={`average${i}`}
              i={i}
              name={`${name}, average`}
              values={[x, y, surfaceOf(surface).loss({ x, y })]}
            />
          );
        })}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly i: number;
  readonly name: string;
  readonly values: readonly (number | undefined)[];
}

function Row({ i, name, values }: RowProps): JSX.Element {
  return (
    <tr class={`run${i}`}>
      <th scope="row">{name}</th>
      {values.map((value, column) => (
        <td key={column} data-value={value}>
          {value === undefined ? "–" : value.toPrecision(5)}
        </td>
      ))}
    </tr>
  );
}

function Curves({ state, change, player }: ViewsProps): JSX.Element {
  const { inside } = state;
  useChanges(player, CURVES_MS);
  const title = INSIDES[inside];
  return (
    <>
      <Chart
        title="Loss"
        up="loss"
        log={state.surface !== "slope" && state.surface !== "saddle"}
        ceiling={ABOVE_START * surfaceOf(state.surface).loss(surfaceOf(state.surface).start)}
        curves={state.runs.map((run, i) => curveOf(nameOf(run, i), i, player.tracks[i]?.column("loss")))}
        none=""
      />
      <Choice
        id="inside"
        label="Internals"
        value={inside}
        names={INSIDE_NAMES}
        titleOf={(name) => INSIDES[name]}
        choose={(inside) => change((present) => ({ ...present, inside }))}
      />
      <Chart
        title={inside === "learning_rate" ? title : `${title}; of x, and dashed of y`}
        up={title}
        log={false}
        ceiling={null}
        curves={insideCurves(state.runs, player, inside)}
        none={`None of these optimizers has ${title} with these settings.`}
      />
    </>
  );
}

function nameOf(run: RunSettings, i: number): string {
  return `${i + 1}. ${titleOf(run)}`;
}

function curveOf(label: string, i: number, values: Float64Array | null | undefined, dashed = false): Curve {
  return { label, color: COLORS[i] ?? "--quiet", dashed, values: values ?? null };
}

function insideCurves(runs: readonly RunSettings[], player: Player, name: keyof typeof INSIDES): Curve[] {
  return runs.flatMap((run, i) => {
    const track = player.tracks[i];
    if (name === "learning_rate") return [curveOf(nameOf(run, i), i, track?.column(name))];
    return ["x", "y"].map((axis) =>
      curveOf(`${nameOf(run, i)}, ${axis}`, i, track?.column(`${axis}_${name}`), axis === "y"),
    );
  });
}
