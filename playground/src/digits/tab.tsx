// The tab Digits: two optimizers train the classifier of `npm start` side by side; a drawing is told by both; files are read.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { DigitsState, PageState, RunSettings } from "../settings.js";
import type { TabProps } from "../tab-props.js";
import { ContestantControls, CourseControls } from "./controls.js";
import type { Saved } from "./files/checkpoint.js";
import { Files } from "./files/files.js";
import { Progress, Scores } from "./scores.js";
import { Telling } from "./telling.js";
import { type Held, useSession } from "./training/use-session.js";

export function DigitsTab({ state, change }: TabProps): JSX.Element {
  const { digits } = state;
  const { session, send, view, failure } = useSession(digits);
  const setDigits = (update: (present: DigitsState) => DigitsState): void =>
    change((present: PageState) => ({ ...present, digits: update(present.digits) }));
  const resume = async (i: 0 | 1, saved: Saved): Promise<void> => {
    await session().ask("resume", i, saved);
    setDigits((present) => ({ ...withContestant(present, i, () => saved.settings), ...saved.course }));
  };
  return (
    <div class="digits">
      <section aria-label="Contestants">
        <p>
          A network of 64-128-10 neurons learns 1,437 handwritten digits; 360 are held out. Both optimizers have the
          same initial weights and the same batches.
        </p>
        <CourseControls digits={digits} change={setDigits} />
        {([0, 1] as const).map((i) => (
          <ContestantControls
            key={i}
            index={i}
            run={digits.contestants[i]}
            others={state.runs}
            view={view?.contestants[i] ?? null}
            change={(update) => setDigits((present) => withContestant(present, i, update))}
            save={() => session().ask("save", i)}
          />
        ))}
      </section>
      <section aria-label="Training">
        {failure !== null && (
          <p class="error" role="alert">
            {failure}. Start tries again.
          </p>
        )}
        <Buttons digits={digits} view={view} send={send} />
        <Scores digits={digits} view={view} />
        <Telling digits={digits} view={view} session={session} />
        <Files resume={resume} />
      </section>
    </div>
  );
}

function withContestant(digits: DigitsState, i: 0 | 1, update: (present: RunSettings) => RunSettings): DigitsState {
  const [first, second] = digits.contestants;
  return { ...digits, contestants: i === 0 ? [update(first), second] : [first, update(second)] };
}

interface ButtonsProps extends Pick<Held, "view" | "send"> {
  readonly digits: DigitsState;
}

function Buttons({ digits, view, send }: ButtonsProps): JSX.Element {
  const [loading, setLoading] = useState(false);
  const { contestants, seed, batchSize, epochs } = digits;
  const training = view?.training ?? false;
  const start = async (): Promise<void> => {
    setLoading(view === null);
    await send("train", epochs);
    setLoading(false);
  };
  return (
    <>
      <div class="buttons">
        <button type="button" disabled={loading} onClick={() => (training ? send("pause") : start())}>
          {training ? "Pause" : "Start"}
        </button>
        <button type="button" disabled={view === null} onClick={() => send("reset", contestants, { seed, batchSize })}>
          Reset
        </button>
        <span role="status">
          {loading ? "Loading TensorFlow.js …" : view ? `TensorFlow.js computes on ${view.backend}.` : ""}
        </span>
      </div>
      <Progress digits={digits} view={view} />
    </>
  );
}
