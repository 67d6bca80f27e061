// What random tests draw from: a fixed seed, so that `npm test` is the same each time; `npm run test:random` gives another one.

export const SEED: number = Number(process.env.RMSPROP_SEED ?? 1);

/** Whether this is `npm run test:random`, which takes its time. */
export const isThorough: boolean = process.env.RMSPROP_PROGRAMS !== undefined;
