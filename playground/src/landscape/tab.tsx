// The tab Landscape: several optimizers on one surface, their paths, their losses and what is inside of them.
import type { JSX } from "preact";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { TabProps } from "../app.js";
import { KINDS, MAX_RUNS, type PageState, PRESETS, type RunSettings, SPEEDS, settingsOf } from "../settings.js";
import { Chart, type Curve } from "../ui/chart.js";
import { RunControls } from "./controls.js";
import { LossMap } from "./map.js";
import { MAX_STEPS, Player, type Track } from "./player.js";
import { SURFACES, type SurfaceName, surfaceOf } from "./surfaces.js";

const COLORS = ["--run0", "--run1", "--run2", "--run3"];

/** What can be drawn as curves, by the names that samples have. */
const INSIDE: Readonly<Record<string, string>> = {
  velocity: "velocity",
  momentum: "momentum",
  average_gradient: "average gradient",
  step: "effective step",
  learning_rate: "learning rate",
};

export function LandscapeTab({ state, change }: TabProps): JSX.Element {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [playing, setPlaying] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const player = useRef<Player | null>(null);
  const runsText = JSON.stringify(state.runs);
  useEffect(() => {
    player.current = new Player(() => redraw(null as never), setFailure);
    return () => player.current?.close();
  }, []);
  useEffect(() => player.current?.start(state.runs, state.surface), [runsText, state.surface]);
  useEffect(() => {
    if (!playing) return;
    let frame = requestAnimationFrame(function next() {
      player.current?.step(state.speed);
      frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, state.speed]);
  const tracks = player.current?.tracks ?? [];
  const reset = () => player.current?.start(state.runs, state.surface);
  return (
    <div class="landscape">
      <Settings state={state} change={change} tracks={tracks} />
      <section aria-label="Runs">
        {failure !== null && (
          <p class="error" role="alert">
            The worker that computes did not start: {failure}.
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={() => setPlaying(!playing)}>
            {playing ? "Pause" : "Play"}
          </button>
          <button type="button" onClick={() => player.current?.step(1)}>
            Step
          </button>
          <button type="button" onClick={reset}>
            Reset
          </button>
          <SpeedChoice state={state} change={change} />
          <span id="steps">{stepsText(player.current?.steps ?? 0)}</span>
        </div>
        <Views state={state} tracks={tracks} />
      </section>
    </div>
  );
}

function stepsText(steps: number): string {
  return steps === MAX_STEPS ? `${steps} steps, the end` : `${steps} steps`;
}

function SpeedChoice({ state, change }: TabProps): JSX.Element {
  return (
    <Choice
      id="speed"
      label="Steps a frame"
      value={String(state.speed)}
      names={SPEEDS.map(String)}
      titleOf={(name) => name}
      choose={(name) => {
        const speed = SPEEDS.find((candidate) => String(candidate) === name) ?? 1;
        change((present) => ({ ...present, speed }));
      }}
    />
  );
}

function Settings({ state, change, tracks }: TabProps & { tracks: readonly Track[] }): JSX.Element {
  const setRuns = (update: (runs: readonly RunSettings[]) => readonly RunSettings[]): void =>
    change((present) => ({ ...present, runs: update(present.runs) }));
  const setRun = (index: number, update: (run: RunSettings) => RunSettings): void =>
    setRuns((runs) => runs.map((run, i) => (i === index ? update(run) : run)));
  return (
    <section aria-label="Settings">
      <Choice
        id="preset"
        label="Preset"
        value=""
        names={["", ...Object.keys(PRESETS)]}
        titleOf={(name) => name || "choose …"}
        choose={(name) => {
          const preset = PRESETS[name];
          if (preset) change((present) => ({ ...present, ...preset }));
        }}
      />
      <Choice
        id="surface"
        label="Surface"
        value={state.surface}
        names={Object.keys(SURFACES) as SurfaceName[]}
        titleOf={(name) => surfaceOf(name).title}
        choose={(surface) => change((present) => ({ ...present, surface }))}
      />
      <p>{surfaceOf(state.surface).about}</p>
      {state.runs.map((run, i) => (
        <RunControls
          key={i}
          index={i}
          run={run}
          color={`run${i}`}
          error={tracks[i]?.error ?? null}
          change={(update) => setRun(i, update)}
          remove={state.runs.length > 1 ? () => setRuns((runs) => runs.filter((_, other) => other !== i)) : null}
        />
      ))}
      {state.runs.length < MAX_RUNS && (
        <button type="button" onClick={() => setRuns((runs) => [...runs, settingsOf("rmsprop")].slice(0, MAX_RUNS))}>
          Add an optimizer
        </button>
      )}
    </section>
  );
}

/** The map, the numbers and the curves of the runs. */
function Views({ state, tracks }: { state: PageState; tracks: readonly Track[] }): JSX.Element {
  const [inside, setInside] = useState("velocity");
  return (
    <>
      <LossMap surface={state.surface} tracks={tracks} colors={COLORS} />
      <Numbers runs={state.runs} tracks={tracks} />
      <Chart
        title="Loss"
        log={state.surface !== "slope" && state.surface !== "saddle"}
        curves={state.runs.map((run, i) => curveOf(run, i, tracks[i], "loss"))}
      />
      <Choice
        id="inside"
        label="Inside (x; y dashed)"
        value={inside}
        names={Object.keys(INSIDE)}
        titleOf={(name) => INSIDE[name] ?? name}
        choose={setInside}
      />
      <Chart title={INSIDE[inside] ?? inside} log={false} curves={insideCurves(state.runs, tracks, inside)} />
    </>
  );
}

interface ChoiceProps<Name extends string> {
  readonly id: string;
  readonly label: string;
  readonly value: Name | "";
  readonly names: readonly Name[];
  titleOf(name: Name): string;
  choose(name: Name): void;
}

function Choice<Name extends string>({ id, label, value, names, titleOf, choose }: ChoiceProps<Name>): JSX.Element {
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={({ currentTarget }) => {
          const found = names.find((name) => name === currentTarget.value);
          if (found !== undefined) choose(found);
        }}
      >
        {names.map((name) => (
          <option key={name} value={name}>
            {titleOf(name)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Where each run is now; NaN is a place, too. */
function Numbers({ runs, tracks }: { runs: readonly RunSettings[]; tracks: readonly Track[] }): JSX.Element {
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
        {runs.map((run, i) => {
          const last = tracks[i]?.samples.at(-1);
          return (
            <tr key={i} class={`run${i}`}>
              <th scope="row">
                {i + 1}. {KINDS[run.kind].title}
              </th>
              {[last?.x, last?.y, last?.loss].map((value, column) => (
                <td key={column} data-value={value}>
                  {value === undefined ? "–" : value.toPrecision(6)}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function curveOf(run: RunSettings, i: number, track: Track | undefined, name: "loss" | "x" | "y"): Curve {
  const values = track?.samples.map((sample) => sample[name]) ?? [];
  return { label: `${i + 1}. ${KINDS[run.kind].title}`, color: COLORS[i] ?? "--quiet", dashed: false, values };
}

function insideCurves(runs: readonly RunSettings[], tracks: readonly Track[], name: string): Curve[] {
  return runs.flatMap((run, i) =>
    (["x", "y"] as const).map((axis) => ({
      label: `${i + 1}. ${KINDS[run.kind].title}, ${axis}`,
      color: COLORS[i] ?? "--quiet",
      dashed: axis === "y",
      values: insideValues(tracks[i], axis, name),
    })),
  );
}

function insideValues(track: Track | undefined, axis: "x" | "y", name: string): number[] {
  const samples = track?.samples ?? [];
  if (name === "step") return samples.map((sample, i) => sample[axis] - (samples[i - 1] ?? sample)[axis]);
  return samples.map(({ state }) => state[name === "learning_rate" ? name : `${axis}_${name}`] ?? Number.NaN);
}
