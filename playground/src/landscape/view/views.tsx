// What the runs of the landscape do: the map, their numbers, and curves of the loss and of what is inside of them.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { INSIDE_NAMES, INSIDES, markOf, type RunSettings, titleOf } from "../../settings.js";
import type { TabProps } from "../../tab-props.js";
import { Chart } from "../../ui/chart.js";
import type { Curve } from "../../ui/chart-data.js";
import { Choice } from "../../ui/choice.js";
import { useChanges } from "../../ui/follow.js";
import type { Player } from "../player.js";
import { surfaceOf } from "../surfaces.js";
import { LossMap } from "./map.js";

const COLORS = ["--run0", "--run1", "--run2", "--run3"];
/** How far above the start's loss the curves of losses are drawn. */
const ABOVE_START = 10;

interface ViewsProps extends TabProps {
  readonly player: Player;
}

/** The map. */
export function PathsOnMap({ state, player }: Omit<ViewsProps, "change">): JSX.Element {
  const { surface, runs } = state;
  return <LossMap surface={surface} player={player} mark={markOf(state)} names={runs.map(nameOf)} colors={COLORS} />;
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

/** Where each run is at the mark, and below where its average is; NaN is a place, too. */
function Numbers({ state, player }: ViewsProps): JSX.Element {
  const { runs, surface } = state;
  const mark = markOf(state);
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
          <Row key={i} i={i} name={name} values={["x", "y", "loss"].map((column) => track?.at(column, mark))} />
        ))}
        {tracks.map(({ i, name, track }) => {
          const [x, y] = [track?.at("x_average", mark), track?.at("y_average", mark)];
          if (x === undefined || y === undefined || mark < 1) return null;
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
  const { inside, runs } = state;
  useChanges(player, 0);
  const title = INSIDES[inside];
  const { tracks } = player;
  // The same lists while only the mark moves: the charts stay as they are.
  const losses = useMemo(
    () => runs.map((run, i) => curveOf(nameOf(run, i), i, tracks[i]?.column("loss"))),
    [runs, tracks],
  );
  const insides = useMemo(() => insideCurves(runs, tracks, inside), [runs, tracks, inside]);
  return (
    <>
      <Chart
        title="Loss"
        up="loss"
        log={state.surface !== "slope" && state.surface !== "saddle"}
        ceiling={ABOVE_START * surfaceOf(state.surface).loss(surfaceOf(state.surface).start)}
        curves={losses}
        mark={markOf(state)}
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
        title={inside === "learning_rate" ? title : `${title}: x solid, y dashed`}
        up={title}
        log={false}
        ceiling={null}
        curves={insides}
        mark={markOf(state)}
        none={`None of these optimizers keeps its ${title} with these settings.`}
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

function insideCurves(runs: readonly RunSettings[], tracks: Player["tracks"], name: keyof typeof INSIDES): Curve[] {
  return runs.flatMap((run, i) => {
    const track = tracks[i];
    if (name === "learning_rate") return [curveOf(nameOf(run, i), i, track?.column(name))];
    return ["x", "y"].map((axis) =>
      curveOf(`${nameOf(run, i)}, ${axis}`, i, track?.column(`${axis}_${name}`), axis === "y"),
    );
  });
}
