// The worker that measures one step of plain RMSprop over many parameters, by everything that can compute it here.

import { type Bar, describe } from "../contenders.js";
import { type Contender, takeTurn } from "./contender.js";
import { coreContenders, hasWebAssembly } from "./core.js";
import { gpuContenders } from "./gpu.js";

/** Each has a turn in every round, so that the moods of the machine meet all of them alike. */
const ROUNDS = 3;

/** What to measure. */
export interface Wish {
  readonly threads: number;
  readonly tensorflow: boolean;
}

/** What is going on; the fastest so far of one of them; one that cannot be measured, and why; or the end. */
export type Report =
  | { readonly doing: string }
  | Bar
  | { readonly missing: string; readonly about: string }
  | { readonly done: true; readonly error: string | null };

const say = (report: Report): void => self.postMessage(report);

self.onmessage = async ({ data }: MessageEvent<Wish>) => {
  try {
    await measureAll(data);
    say({ done: true, error: null });
  } catch (error) {
    say({ done: true, error: textOf(error) });
  }
};

async function measureAll({ threads, tensorflow }: Wish): Promise<void> {
  const others = tensorflow ? await tensorflowContenders() : [];
  const contenders = [...others, ...coreContenders(threads), ...(await gpuContenders())];
  const fastest = new Map<Contender, number>(contenders.map((each) => [each, Number.POSITIVE_INFINITY]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [contender, before] of fastest) {
      const { word } = contender;
      const name = describe(word)?.name ?? word;
      say({ doing: `round ${round} of ${ROUNDS}: ${name}` });
      try {
        const nanoseconds = Math.min(before, await takeTurn(contender));
        fastest.set(contender, nanoseconds);
        say({ word, nanoseconds });
      } catch (error) {
        fastest.delete(contender);
        say({ missing: name, about: textOf(error) });
      }
    }
  }
}

async function tensorflowContenders(): Promise<Contender[]> {
  const missing = (about: string): Contender[] => {
    say({ missing: "TensorFlow.js", about });
    return [];
  };
  if (!hasWebAssembly()) return missing("Its wasm backend needs WebAssembly.");
  say({ doing: "loading TensorFlow.js" });
  try {
    return (await import("./tensorflow.js")).tensorflowContenders();
  } catch (error) {
    // What a failed import throws.
    const isOut = error instanceof TypeError;
    const hint = isOut ? " Offline, it is available only after it was loaded once." : "";
    return missing(`It could not be loaded (${textOf(error)}).${hint}`);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
