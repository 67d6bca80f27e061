// What can be changed on the first screen, and within which bounds: all of it is in the address.

import type { Extent } from "../landscape/surfaces.js";

/** The options that have a slider. */
export const SLIDER_NAMES = ["learningRate", "rho", "momentum", "epsilon"] as const;
export type SliderName = (typeof SLIDER_NAMES)[number];

/** The first screen: RMSprop's settings, where the paths start, and the step that is looked at. */
export interface ExplainState extends Readonly<Record<SliderName, number>> {
  readonly start: { readonly x: number; readonly y: number };
  /** Whether the learning rate comes down to zero over the run, along a cosine. */
  readonly scheduled: boolean;
  readonly step: number;
}

/** Steps of every run. */
export const STEPS = 400;

/** The least and the greatest of each number. */
export const BOUNDS: Readonly<Record<SliderName | "x" | "y", readonly [number, number]>> = {
  learningRate: [0.001, 1],
  rho: [0, 0.999],
  momentum: [0, 0.99],
  epsilon: [1e-10, 1],
  x: [-4.7, 4.7],
  y: [-2.3, 2.3],
};

/** What the map shows. */
export const EXTENT: Extent = { centre: { x: 0, y: 0 }, width: 5, height: 2.5 };

export const EXPLAIN_INITIAL: ExplainState = {
  ...{ learningRate: 0.05, rho: 0.9, momentum: 0, epsilon: 1e-7 },
  ...{ start: { x: -4, y: 2 }, scheduled: false, step: 1 },
};

/** The nearest number within the bounds of its name. */
export function bounded(name: keyof typeof BOUNDS, value: number): number {
  const [least, greatest] = BOUNDS[name];
  return Math.max(least, Math.min(greatest, value));
}

/** A step of the run. */
export function boundedStep(step: number): number {
  return Math.max(1, Math.min(STEPS, Math.round(step)));
}
