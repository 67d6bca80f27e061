// What random tests draw from, so that `npm test` is the same each time, and how much of a sweep is made: `npm test` makes a
// choice; every other command makes what it has of them in whole, `npm run test:package` nearly all.

export const SEED: number = Number(process.env.RMSPROP_SEED ?? 1);

/** Whether this is `npm run test:random`, which takes its time. */
export const isThorough: boolean = process.env.RMSPROP_PROGRAMS !== undefined;

/** Whether sweeps are made in whole; vitest.config.ts sets the variable for `npm test`. */
export const isWhole: boolean = process.env.RMSPROP_CHOICE !== "1";

/** Every item where sweeps are made in whole; else every `share`-th, from that at `first` on. */
export function choice<T>(items: readonly T[], share: number, first = 0): T[] {
  return items.filter((_, i) => isWhole || i % share === first % share);
}
