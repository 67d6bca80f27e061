// What both contestants say to a picture, asked again whenever there is news of the training; one question at a time.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Sample } from "../training/contest.js";
import type { Prediction } from "../training/contestant.js";
import type { Session } from "../training/session.js";
import type { View } from "../training/worker.js";

/** An image, and the held-out digit that it is, if it was not drawn. */
export interface Picture {
  readonly pixels: Float32Array<ArrayBuffer>;
  readonly sample: Sample | null;
}

interface Answer {
  readonly to: Picture | null;
  readonly predictions: readonly (Prediction | null)[];
}

/** One for each contestant; null for one that is not trained yet. */
export function usePredictions(
  picture: Picture | null,
  view: View | null,
  session: () => Session,
): Answer["predictions"] {
  const [answer, setAnswer] = useState<Answer>({ to: null, predictions: [] });
  const asking = useRef({ busy: false, again: false });
  const latest = useRef(picture);
  latest.current = picture;
  const ask = async (): Promise<void> => {
    const state = asking.current;
    state.again = true;
    if (state.busy) return;
    state.busy = true;
    while (state.again && latest.current) {
      state.again = false;
      const to = latest.current;
      // Why it has no answer is told by the training.
      const predictions = await session()
        .ask("predict", to.pixels)
        .catch(() => []);
      setAnswer({ to, predictions });
    }
    state.busy = false;
  };
  useEffect(() => {
    if (picture && view) void ask();
  }, [picture, view]);
  // While one draws, the newest answer stands; that to another digit would be a wrong one.
  const isOfAnother = answer.to !== picture && (answer.to?.sample ?? picture?.sample ?? null) !== null;
  return isOfAnother ? [] : answer.predictions;
}
