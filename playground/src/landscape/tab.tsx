// The tab Landscape: several optimizers on one surface. Here are their settings and the buttons; what is seen is in views.tsx.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { MAX_RUNS, MAX_STEPS, markOf, PRESETS, type RunSettings, SPEEDS, settingsOf } from "../settings.js";
import type { TabProps } from "../tab-props.js";
import { Choice } from "../ui/choice.js";
import { useChanges } from "../ui/follow.js";
import { LESS_MOTION, STRIDE } from "../ui/pace.js";
import { PlayButton } from "../ui/play-button.js";
import { Scrubber } from "../ui/scrubber.js";
import { RunControls } from "./controls.js";
import { Player } from "./player.js";
import { SURFACES, type SurfaceName, surfaceOf } from "./surfaces.js";
import { PathsOnMap, Views } from "./view/views.js";

export function LandscapeTab({ state, change }: TabProps): JSX.Element {
  const [player] = useState(() => new Player());
  const { runs, surface, until } = state;
  useEffect(() => () => player.close(), []);
  useEffect(() => {
    player.ask({ runs, surface, start: surfaceOf(surface).start, steps: until });
  }, [JSON.stringify(runs), surface, until]);
  // The same while only the mark moves, many times in a second: they are not drawn again.
  const scene = useMemo(() => <Scene state={state} change={change} />, [runs, surface, until]);
  const settings = useMemo(() => <Settings state={state} change={change} player={player} />, [runs]);
  return (
    <div class="landscape">
      <section class="scene" aria-label="Scene">
        {scene}
      </section>
      <section class="stage" aria-label="Runs">
        <Buttons state={state} change={change} player={player} />
        <PathsOnMap state={state} player={player} />
        <div class="below-map">
          <Views state={state} change={change} player={player} />
        </div>
      </section>
      {settings}
    </div>
  );
}

interface PlayedProps extends TabProps {
  readonly player: Player;
}

function Buttons({ state, change, player }: PlayedProps): JSX.Element {
  useChanges(player, 0);
  const { speed, until } = state;
  const mark = markOf(state);
  const isLast = mark === until;
  const seek = (update: (mark: number) => number): void =>
    change((present) => {
      const to = update(markOf(present));
      return { ...present, at: to >= present.until ? null : to };
    });
  return (
    <>
      {player.failure !== null && (
        <p class="error" role="alert">
          The optimizers could not start: {player.failure}. Reload the page.
        </p>
      )}
      <div class="buttons">
        <PlayButton
          isLast={isLast}
          isOver={isLast}
          framesPerStep={1}
          ended="The runs have ended."
          advance={(factor) => seek((present) => present + speed * factor)}
          rewind={() => seek(() => 0)}
        />
        <button type="button" disabled={isLast} onClick={() => seek((present) => present + 1)}>
          Step
        </button>
        <button type="button" onClick={() => seek(() => 0)}>
          Back to the start
        </button>
        <Pace state={state} change={change} />
        <span id="steps">
          {mark} of {until} steps
        </span>
      </div>
      <Scrubber
        label="Step that is marked"
        first={0}
        last={until}
        step={mark}
        spoken={`Step ${mark} of ${until}`}
        seek={(to) => seek(() => to)}
      />
      {matchMedia(LESS_MOTION).matches && (
        <p class="quiet">
          Your system asks for reduced motion, so Play moves in strides of {STRIDE * speed} steps, twice a second.
        </p>
      )}
    </>
  );
}

/** How fast the runs go, and how far. */
function Pace({ state, change }: TabProps): JSX.Element {
  const setUntil = (until: number): void => {
    if (until >= 1) change((present) => ({ ...present, until: Math.min(MAX_STEPS, Math.floor(until)) }));
  };
  return (
    <>
      <Choice
        id="speed"
        label="Speed"
        value={String(state.speed)}
        names={SPEEDS.map(String)}
        titleOf={(name) => name}
        choose={(name) => {
          const speed = SPEEDS.find((candidate) => String(candidate) === name) ?? 1;
          change((present) => ({ ...present, speed }));
        }}
      />
      <div class="choice">
        <label for="until">End at step</label>
        <input
          id="until"
          type="number"
          min="1"
          max={MAX_STEPS}
          value={state.until}
          onChange={({ currentTarget }) => setUntil(currentTarget.valueAsNumber)}
        />
      </div>
    </>
  );
}

function Settings({ state, change, player }: PlayedProps): JSX.Element {
  const [errors, setErrors] = useState("[]");
  useEffect(() => player.listen(() => setErrors(JSON.stringify(player.tracks.map(({ error }) => error)))), [player]);
  // It was written just above.
  const errorOf = JSON.parse(errors) as readonly (string | null)[];
  const [added, setAdded] = useState<number | null>(null);
  const setRuns = (update: (runs: readonly RunSettings[]) => readonly RunSettings[]): void =>
    change((present) => ({ ...present, runs: update(present.runs) }));
  const setRun = (index: number, update: (run: RunSettings) => RunSettings): void =>
    setRuns((runs) => runs.map((run, i) => (i === index ? update(run) : run)));
  const add = (): void => {
    setAdded(state.runs.length);
    setRuns((runs) => [...runs, settingsOf("rmsprop")].slice(0, MAX_RUNS));
  };
  return (
    <section class="form" aria-label="Settings">
      {state.runs.map((run, i) => (
        <RunControls
          key={i}
          index={i}
          run={run}
          error={errorOf[i] ?? null}
          isOpen={i === 0 || i === added}
          change={(update) => setRun(i, update)}
          remove={state.runs.length > 1 ? () => setRuns((runs) => runs.filter((_, other) => other !== i)) : null}
        />
      ))}
      {state.runs.length < MAX_RUNS && (
        <button type="button" onClick={add}>
          Add an optimizer
        </button>
      )}
    </section>
  );
}

/** The preset and the surface. */
function Scene({ state, change }: TabProps): JSX.Element {
  return (
    <>
      <Choice
        id="preset"
        label="Preset"
        value={presetOf(state)}
        names={["", ...Object.keys(PRESETS)]}
        titleOf={(name) => name || "Choose…"}
        choose={(name) => {
          const preset = PRESETS[name];
          if (preset) change((present) => ({ ...present, ...preset, at: null }));
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
    </>
  );
}

/** The preset that the state is, if it is one. */
function presetOf({ surface, until, runs }: TabProps["state"]): string {
  const text = JSON.stringify({ surface, until, runs });
  const found = Object.entries(PRESETS).find(([, preset]) => {
    return JSON.stringify({ surface: preset.surface, until: preset.until, runs: preset.runs }) === text;
  });
  return found?.[0] ?? "";
}
