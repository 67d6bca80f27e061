// The worker that measures one step of plain RMSprop over many parameters, by everything that can compute it here.
import { BYTES_PER_PARAMETER, type Contender, takeTurn } from "./contender.js";
import { coreContenders } from "./core.js";
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

export interface Bar {
  readonly name: string;
  readonly kind: Contender["kind"];
  readonly nanoseconds: number;
  readonly gigabytesPerSecond: number;
}

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
  const contenders = [...coreContenders(threads), ...(await gpuContenders())];
  if (tensorflow) contenders.push(...(await loadTensorflow()));
  const fastest = new Map<Contender, number>(contenders.map((each) => [each, Number.POSITIVE_INFINITY]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [contender, before] of fastest) {
      say({ doing: `round ${round} of ${ROUNDS}, ${contender.name}` });
      try {
        const nanoseconds = Math.min(before, await takeTurn(contender));
        fastest.set(contender, nanoseconds);
        const { name, kind } = contender;
        say({ name, kind, nanoseconds, gigabytesPerSecond: BYTES_PER_PARAMETER / nanoseconds });
      } catch (error) {
        fastest.delete(contender);
        say({ missing: contender.name, about: textOf(error) });
      }
    }
  }
}

async function loadTensorflow(): Promise<Contender[]> {
  say({ doing: "loading TensorFlow.js" });
  try {
    const { tensorflowContenders } = await import("./tensorflow.js");
    return tensorflowContenders();
  } catch (error) {
    // What a failed import throws.
    const isOut = error instanceof TypeError;
    const hint = isOut ? " Without a network it is there only once it was used before." : "";
    const about = `It could not be loaded (${textOf(error)}).${hint}`;
    say({ missing: "TensorFlow.js", about });
    return [];
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
