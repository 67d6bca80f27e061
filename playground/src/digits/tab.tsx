// The tab Digits: two optimizers train the classifier of `npm start` side by side; a drawing is told by both; files are read.
import type { JSX } from "preact";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { TabProps } from "../app.js";
import type { DigitsState, PageState, RunSettings } from "../settings.js";
import type { Saved } from "./checkpoint.js";
import { ContestantControls, CourseControls } from "./controls.js";
import { Files } from "./files.js";
import { Progress, Scores } from "./scores.js";
import { Session } from "./session.js";
import { Telling } from "./telling.js";
import type { View } from "./worker.js";

export function DigitsTab({ state, change }: TabProps): JSX.Element {
  const { digits } = state;
  const { session, view, failure } = useSession(digits);
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
            {failure}.
          </p>
        )}
        <Buttons digits={digits} view={view} session={session} />
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

/** The worker, which is started when it is asked for first, and follows the settings from then on. */
function useSession(digits: DigitsState): { session(): Session; view: View | null; failure: string | null } {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [failure, setFailure] = useState<string | null>(null);
  const current = useRef<Session | null>(null);
  const { contestants, seed, batchSize, epochs } = digits;
  const fail = (error: unknown): void => setFailure(error instanceof Error ? error.message : String(error));
  const follow = (session: Session): void => {
    session.ask("set", contestants, { seed, batchSize }).catch(fail);
  };
  useEffect(() => () => current.current?.close(), []);
  useEffect(() => {
    if (current.current) follow(current.current);
  }, [JSON.stringify([contestants, seed, batchSize])]);
  useEffect(() => {
    if (current.current?.view?.training) current.current.ask("train", epochs).catch(fail);
  }, [epochs]);
  const session = (): Session => {
    if (current.current) return current.current;
    const made = new Session(
      () => redraw(null as never),
      (reason) => setFailure(`The worker that trains did not start: ${reason}`),
    );
    current.current = made;
    follow(made);
    return made;
  };
  return { session, view: current.current?.view ?? null, failure };
}

interface ButtonsProps {
  readonly digits: DigitsState;
  readonly view: View | null;
  session(): Session;
}

function Buttons({ digits, view, session }: ButtonsProps): JSX.Element {
  const [loading, setLoading] = useState(false);
  const { contestants, seed, batchSize, epochs } = digits;
  const training = view?.training ?? false;
  const start = async (): Promise<void> => {
    setLoading(view === null);
    // What goes wrong is told by the call before it.
    await session()
      .ask("train", epochs)
      .catch(() => undefined);
    setLoading(false);
  };
  return (
    <>
      <div class="buttons">
        <button type="button" disabled={loading} onClick={() => (training ? session().ask("pause") : start())}>
          {training ? "Pause" : "Start"}
        </button>
        <button
          type="button"
          disabled={view === null}
          onClick={() => session().ask("reset", contestants, { seed, batchSize })}
        >
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
