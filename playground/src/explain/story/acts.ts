// The acts of a run, found in its numbers, so that they hold whatever the sliders say.
import type { ExplainState } from "../state.js";
import { LIMIT, numbersOf } from "./numbers.js";
import { at, type Path, type Paths } from "./paths.js";

export type ActKind = "equal" | "carried" | "downhill" | "kick" | "overshoot" | "swing" | "rest" | "arrived";

/** Steps `from` to `to`, in which one thing happens. */
export interface Act {
  readonly kind: ActKind;
  readonly from: number;
  readonly to: number;
}

export const ACT_WORDS: Readonly<Record<ActKind, string>> = {
  equal: "Equal steps, straight to the valley",
  carried: "Equal steps, carried along by momentum",
  downhill: "Downhill",
  kick: "v forgets: a kick",
  overshoot: "Momentum overshoots",
  swing: "Half a learning rate to and fro, for ever",
  rest: "The schedule brings it to rest",
  arrived: "At the minimum",
};

/** Losses below are drawn at the bottom: nobody would see the difference. */
export const LOWEST_LOSS = 1e-10;
/** A loss is a kick if it is so many times the least so far, and large enough to be seen on the map's magnifier. */
const KICK = 100;
const SEEN = 1e-5;
/** How far from a learning rate the steps of a swing may be. */
const EVEN = 0.05;

/** The acts from step 1 to the last, one after the other. */
export function actsOf({ rmsprop }: Pick<Paths, "rmsprop">, state: ExplainState): readonly Act[] {
  const losses = rmsprop.get("loss") ?? new Float64Array();
  const last = losses.length - 1;
  if (last < 1) return [];
  const swing = swingFrom(rmsprop, state, last);
  const kick = kickFrom(losses, swing ?? last + 1);
  const end = settledFrom(rmsprop, state, losses, { swing, kick, last });
  const equal: ActKind = state.momentum > 0 ? "carried" : "equal";
  const first: ActKind = hasEqualSteps(rmsprop, state) ? equal : "downhill";
  const starts: readonly (readonly [ActKind, number])[] = [
    [first, 1],
    ...(kick === null ? [] : [[kickKind(rmsprop, state, kick), kick] as const]),
    ...(end === null ? [] : [end]),
  ];
  return starts.map(([kind, from], i) => ({ kind, from, to: (starts[i + 1]?.[1] ?? last + 1) - 1 }));
}

/** The act that a step is part of. */
export function actAt(acts: readonly Act[], step: number): Act | null {
  return acts.find(({ from, to }) => step >= from && step <= to) ?? null;
}

/** Whether the first steps are about as long along x as along y, however much the gradients differ. */
function hasEqualSteps(rmsprop: Path, state: ExplainState): boolean {
  const { x, y } = numbersOf(rmsprop, state, 1).step;
  const ratio = Math.abs(x / y);
  return ratio > 1 / 2 && ratio < 2;
}

/** From which step on, to the last, every step is one learning rate long, to and fro. */
function swingFrom(rmsprop: Path, { learningRate, scheduled }: ExplainState, last: number): number | null {
  if (scheduled) return null;
  const froms = (["x", "y"] as const).map((axis) => {
    const step = (i: number): number => at(rmsprop, `${axis}_step`, i);
    const isEven = (i: number): boolean =>
      Math.abs(Math.abs(step(i)) / learningRate - 1) < EVEN && step(i) * step(i - 1) < 0;
    let from = last + 1;
    while (from > 2 && isEven(from - 1)) from--;
    return from;
  });
  const from = Math.min(...froms);
  return last - from < 20 ? null : from;
}

/** The step after the least loss, if the loss then rises far above it, before a step. */
function kickFrom(losses: Float64Array, before: number): number | null {
  let [least, leastAt] = [Number.POSITIVE_INFINITY, 0];
  for (let step = 0; step < before; step++) {
    const loss = Math.max(LOWEST_LOSS, losses[step] ?? 0);
    if (loss <= least) [least, leastAt] = [loss, step];
    else if (loss >= SEEN && loss >= KICK * least) return leastAt + 1;
  }
  return null;
}

/** A kick comes from an effective rate that has grown too large; without one, momentum has carried it past. */
function kickKind(rmsprop: Path, state: ExplainState, kick: number): ActKind {
  const { x, y } = numbersOf(rmsprop, state, kick).effective;
  return state.momentum > 0 && x < LIMIT.x && y < LIMIT.y ? "overshoot" : "kick";
}

interface Found {
  readonly swing: number | null;
  readonly kick: number | null;
  readonly last: number;
}

/** The last act, if the run comes to one. */
function settledFrom(
  rmsprop: Path,
  state: ExplainState,
  losses: Float64Array,
  { swing, kick, last }: Found,
): readonly [ActKind, number] | null {
  if (swing !== null) return ["swing", swing];
  const isLow = (step: number): boolean => (losses[step] ?? 0) <= LOWEST_LOSS;
  if (kick === null) {
    const from = losses.findIndex((_, step) => isLow(step));
    return isLow(last) && from > 1 ? ["arrived", from] : null;
  }
  if (!state.scheduled) return null;
  const loud = (step: number): boolean => {
    const { x, y } = numbersOf(rmsprop, state, step).effective;
    return x > 1.25 * LIMIT.x || y > 1.05 * LIMIT.y;
  };
  let from = last + 1;
  while (from > kick + 1 && !loud(from - 1)) from--;
  return from < last ? ["rest", from] : null;
}
