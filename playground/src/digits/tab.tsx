// The tab Digits: a digit is drawn, and two optimizers, which train the classifier of `npm start`, learn to read it.
import type { JSX } from "preact";
import type { DigitsState, PageState, RunSettings } from "../settings.js";
import type { TabProps } from "../tab-props.js";
import { ContestantControls, CourseControls } from "./controls.js";
import { Drawing } from "./drawing/drawing.js";
import type { Saved } from "./files/checkpoint.js";
import { Files } from "./files/files.js";
import { Inside } from "./rates/inside.js";
import { Scores } from "./scores.js";
import { EngineChoice } from "./training/engine-choice.js";
import { useSession } from "./training/use-session.js";
import { TrainingControls } from "./training-controls.js";

export function DigitsTab({ state, change }: TabProps): JSX.Element {
  const { digits } = state;
  const { session, send, view, isWaiting, failure } = useSession(digits);
  const setDigits = (update: (present: DigitsState) => DigitsState): void =>
    change((present: PageState) => ({ ...present, digits: update(present.digits) }));
  const resume = async (i: 0 | 1, saved: Saved): Promise<void> => {
    await session().ask("resume", i, saved);
    setDigits((present) => ({ ...withContestant(present, i, () => saved.settings), ...saved.course }));
  };
  return (
    <div class="digits">
      <p class="lead">{ABOUT[digits.inputs]}</p>
      <Drawing digits={digits} view={view} session={session}>
        <TrainingControls {...{ digits, view, isWaiting, failure, send }} />
      </Drawing>
      <Scores digits={digits} view={view} />
      <Inside digits={digits} view={view} />
      <section aria-labelledby="contestants-title">
        <h2 id="contestants-title">Contestants</h2>
        <p class="quiet">
          A network of 64-128-10 neurons learns 1,437 handwritten digits; 360 are held out. Both optimizers start from
          the same weights and see the same batches.
        </p>
        <CourseControls digits={digits} change={setDigits} />
        <EngineChoice digits={digits} view={view} change={setDigits} />
        <div class="pair">
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
        </div>
      </section>
      <Files resume={resume} />
    </div>
  );
}

/** Why one of them fails, or does not. */
const ABOUT: Readonly<Record<DigitsState["inputs"], string>> = {
  stuck:
    "One pixel is stuck far above full ink, as in data whose columns have different units: SGD is stable only at " +
    "learning rates too small for all the other pixels, while RMSprop slows down the weights of that pixel alone.",
  clean: "All pixels are on the same scale, so one learning rate suits every weight, and SGD does almost as well.",
};

function withContestant(digits: DigitsState, i: 0 | 1, update: (present: RunSettings) => RunSettings): DigitsState {
  const [first, second] = digits.contestants;
  return { ...digits, contestants: i === 0 ? [update(first), second] : [first, update(second)] };
}
