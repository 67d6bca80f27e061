// The loss surfaces: their heights and gradients in double precision, and the part of the plane that is shown.

/** A point of the plane. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The part of the plane that a map shows: so far from its centre, to both sides, along each axis. */
export interface Extent {
  readonly centre: Point;
  readonly width: number;
  readonly height: number;
}

/** A loss over two variables, x and y. */
export interface Surface extends Extent {
  readonly title: string;
  readonly about: string;
  readonly start: Point;
  /** Where the loss is least. */
  readonly minima: readonly Point[];
  /** Standard deviation of the noise in each part of the gradient. */
  readonly noise: number;
  /** Gradients that are far off: such a one comes every so many steps, by which so much is added. */
  readonly outliers?: { readonly every: number; readonly add: Point };
  /** Whether x and y are the two elements of one variable, instead of a variable each. */
  readonly isJoint?: boolean;
  /** Whether gradients come in half precision, as from a backward pass in float16. */
  readonly isHalf?: boolean;
  loss(at: Point): number;
  gradient(at: Point): Point;
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

const ORIGIN: Point = { x: 0, y: 0 };

/** Where the wall begins, how steep it is, and how suddenly it becomes so. */
const WALL = { x: 1.5, slope: 80, sharpness: 40 };

export const SURFACES = {
  ravine: {
    title: "Ravine",
    about: "A hundred times as steep along y as along x: one learning rate is too large for y and too small for x.",
    ...{ start: { x: -4, y: 2 }, centre: { x: 0, y: 0 }, width: 5, height: 3, noise: 0 },
    minima: [ORIGIN],
    loss: ({ x, y }) => 0.05 * x ** 2 + 5 * y ** 2,
    gradient: ({ x, y }) => ({ x: 0.1 * x, y: 10 * y }),
  },
  rosenbrock: {
    title: "Rosenbrock",
    about: "A curved valley: easy to get into, slow to follow to its lowest point at (1, 1).",
    ...{ start: { x: -1.5, y: 2 }, centre: { x: 0, y: 1 }, width: 2.5, height: 1.5, noise: 0 },
    minima: [{ x: 1, y: 1 }],
    loss: ({ x, y }) => (1 - x) ** 2 + 100 * (y - x ** 2) ** 2,
    gradient: ({ x, y }) => ({ x: 2 * (x - 1) - 400 * x * (y - x ** 2), y: 200 * (y - x ** 2) }),
  },
  saddle: {
    title: "Saddle",
    about: "Almost level at the start: downhill along x, uphill along y, with walls further out.",
    ...{ start: { x: 0.001, y: 1.2 }, centre: { x: 0, y: 0 }, width: 3, height: 1.8, noise: 0 },
    minima: [
      { x: -2, y: 0 },
      { x: 2, y: 0 },
    ],
    loss: ({ x, y }) => y ** 2 - x ** 2 + x ** 4 / 8,
    gradient: ({ x, y }) => ({ x: x ** 3 / 2 - 2 * x, y: 2 * y }),
  },
  noisy: {
    title: "Noisy bowl",
    about: "Every gradient is noisy, as with small batches: the point never comes to rest, but its average does.",
    ...{ start: { x: -3, y: 1.5 }, centre: { x: 0, y: 0 }, width: 4, height: 2.4, noise: 2 },
    minima: [ORIGIN],
    loss: ({ x, y }) => (x ** 2 + y ** 2) / 2,
    gradient: ({ x, y }) => ({ x, y }),
  },
  cliff: {
    title: "Steep cliff",
    about: "A gentle slope down to (1, 0), with a wall behind it: a single gradient of 80 throws the point far back.",
    ...{ start: { x: -3, y: 1.2 }, centre: { x: -0.5, y: 0 }, width: 4, height: 2.4, noise: 0 },
    minima: [{ x: 1, y: 0 }],
    loss: ({ x, y }) =>
      0.15 * (x - 1) ** 2 + 0.15 * y ** 2 + (WALL.slope / WALL.sharpness) * softplus(WALL.sharpness * (x - WALL.x)),
    gradient: ({ x, y }) => ({
      x: 0.3 * (x - 1) + WALL.slope * sigmoid(WALL.sharpness * (x - WALL.x)),
      y: 0.3 * y,
    }),
  },
  outliers: {
    title: "Bowl with outliers",
    about:
      "A round bowl. Every 40th gradient is far off, as from a mislabelled batch. x and y are the two elements of one variable.",
    ...{ start: { x: -3, y: 1.5 }, centre: { x: -1, y: 0.3 }, width: 3, height: 1.8, noise: 0 },
    ...{ outliers: { every: 40, add: { x: -60, y: 6 } }, isJoint: true },
    minima: [ORIGIN],
    loss: ({ x, y }) => (x ** 2 + y ** 2) / 2,
    gradient: ({ x, y }) => ({ x, y }),
  },
  faint: {
    title: "Faint slope in half precision",
    about:
      "Gradients of about 1e-8 in float16, whose smallest number is 6e-8: unless the loss is scaled, they become 0.",
    ...{ start: { x: -3, y: 1.5 }, centre: { x: 0, y: 0 }, width: 4, height: 2.4, noise: 0, isHalf: true },
    minima: [ORIGIN],
    loss: ({ x, y }) => 5e-9 * (x ** 2 + y ** 2),
    gradient: ({ x, y }) => ({ x: 1e-8 * x, y: 1e-8 * y }),
  },
  slope: {
    title: "Constant slope of 11",
    about:
      "Both gradients are 11 everywhere, so the variance that centered RMSprop divides by is zero; rounding can push it below zero.",
    ...{ start: { x: 2, y: 1 }, centre: { x: 0, y: 0 }, width: 3, height: 1.8, noise: 0 },
    minima: [],
    loss: ({ x, y }) => 11 * x + 11 * y,
    gradient: () => ({ x: 11, y: 11 }),
  },
} as const satisfies Readonly<Record<string, Surface>>;

export type SurfaceName = keyof typeof SURFACES;

/** The surface of this name. */
export function surfaceOf(name: SurfaceName): Surface {
  return SURFACES[name];
}
