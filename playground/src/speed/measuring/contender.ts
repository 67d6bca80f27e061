// What can make a step of plain RMSprop, as it is measured: made anew for each turn, so that memory is needed only once. What
// each is called is in contenders.ts.

/** Parameters of the measured variable: too many for most caches. */
export const PARAMETERS = 4_194_304;

export interface Contender {
  /** One that `contenders.ts` knows. */
  readonly word: string;
  /** Throws an Error that says in words why it cannot be measured here. */
  create(): Promise<Live>;
}

/** One that is ready to step. */
export interface Live {
  /** Milliseconds that so many steps took. */
  time(steps: number): number | Promise<number>;
  dispose(): void;
}

const WARM_UP_STEPS = 2;
const TURN_MS = 150;
const BATCH_MS = 20;
const MOST_STEPS = 64;

/** The nanoseconds per parameter of the fastest steps in one turn. */
export async function takeTurn(contender: Contender): Promise<number> {
  const live = await contender.create();
  try {
    const first = (await live.time(WARM_UP_STEPS)) / WARM_UP_STEPS;
    const steps = Math.max(1, Math.min(MOST_STEPS, Math.round(BATCH_MS / first)));
    const end = performance.now() + TURN_MS;
    let fastest = Number.POSITIVE_INFINITY;
    do fastest = Math.min(fastest, (await live.time(steps)) / steps);
    while (performance.now() < end);
    return (fastest * 1e6) / PARAMETERS;
  } finally {
    live.dispose();
  }
}

/** A contender whose step is done when it returns. */
export function timed(step: () => void): Live["time"] {
  return (steps) => {
    const start = performance.now();
    for (let i = 0; i < steps; i++) step();
    return performance.now() - start;
  };
}

export function weights(): Float32Array {
  return new Float32Array(PARAMETERS).fill(1);
}

export function gradients(): Float32Array {
  return new Float32Array(PARAMETERS).fill(0.01);
}
