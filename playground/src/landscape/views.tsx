// What the runs of the landscape do: the map, their numbers, and curves of the loss and of what is inside of them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type PageState, type RunSettings, titleOf } from "../settings.js";
import { Chart, type Curve } from "../ui/chart.js";
import { Choice } from "../ui/choice.js";
import { useChanges } from "../ui/follow.js";
import { LossMap } from "./map.js";
import type { Player } from "./player.js";

const COLORS = ["--run0", "--run1", "--run2", "--run3"];
/** Curves are drawn less often than the map: each time they are drawn anew. */
const CURVES_MS = 150;

/** What can be drawn as curves, by the names that samples have. */
const INSIDE: Readonly<Record<string, string>> = {
  velocity: "velocity",
  momentum: "momentum",
  average_gradient: "average gradient",
  step: "effective step",
  learning_rate: "learning rate",
};

interface ViewsProps {
  readonly state: PageState;
  readonly player: Player;
}

export function Views({ state, player }: ViewsProps): JSX.Element {
  return (
    <>
      <LossMap surface={state.surface} player={player} colors={COLORS} />
      <Numbers runs={state.runs} player={player} />
      <Curves state={state} player={player} />
    </>
  );
}

/** Where each run is now; NaN is a place, too. */
function Numbers({ runs, player }: { runs: readonly RunSettings[]; player: Player }): JSX.Element {
  useChanges(player, 0);
  return (
    <table id="numbers">
      <thead>
        <tr>
          <th scope="col">Optimizer</th>
          <th scope="col">x</th>
          <th scope="col">y</th>
          <th scope="col">loss</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run, i) => (
          <tr key={i} class={`run${i}`}>
            <th scope="row">{nameOf(run, i)}</th>
            {["x", "y", "loss"].map((name) => {
              const value = player.tracks[i]?.last(name);
              return (
                <td key={name} data-value={value}>
                  {value === undefined ? "–" : value.toPrecision(5)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Curves({ state, player }: ViewsProps): JSX.Element {
  const [inside, setInside] = useState("velocity");
  useChanges(player, CURVES_MS);
  const title = INSIDE[inside] ?? inside;
  return (
    <>
      <Chart
        title="Loss"
        log={state.surface !== "slope" && state.surface !== "saddle"}
        curves={state.runs.map((run, i) => curveOf(nameOf(run, i), i, player.tracks[i]?.column("loss")))}
        none=""
      />
      <Choice
        id="inside"
        label="Inside of them"
        value={inside}
        names={Object.keys(INSIDE)}
        titleOf={(name) => INSIDE[name] ?? name}
        choose={setInside}
      />
      <Chart
        title={inside === "learning_rate" ? title : `${title}; of x, and dashed of y`}
        log={false}
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

function insideCurves(runs: readonly RunSettings[], player: Player, name: string): Curve[] {
  return runs.flatMap((run, i) => {
    const track = player.tracks[i];
    if (name === "learning_rate") return [curveOf(nameOf(run, i), i, track?.column(name))];
    return ["x", "y"].map((axis) =>
      curveOf(`${nameOf(run, i)}, ${axis}`, i, track?.column(`${axis}_${name}`), axis === "y"),
    );
  });
}
