// What a picture of an option is made of: two runs from one start, one control, what is drawn, and what is said of it.
import type { Path } from "../explain/story/paths.js";
import { type Point, type SurfaceName, surfaceOf } from "../landscape/surfaces.js";
import type { RunSettings } from "../settings.js";

/** The one control of a picture: a slider, a switch or a list over a few places, each with its text. */
export interface Control {
  readonly kind: "slider" | "switch" | "choice";
  /** What can be chosen, as the address writes it. */
  readonly places: readonly string[];
  /** The place that the picture opens with. */
  readonly initial: number;
}

/** A map of the surface with a mark at its minimum, or one number of both runs over the steps. */
export type View =
  | { readonly kind: "map"; readonly minimum: Point }
  | { readonly kind: "chart"; readonly column: string; readonly title: string };

/** What is known of both runs once they are computed. */
export interface Told {
  /** The text of the place that is chosen. */
  readonly chosen: string;
  readonly without: Path;
  readonly with: Path;
  /** The last step. */
  readonly steps: number;
}

export interface Story {
  readonly surface: SurfaceName;
  readonly steps: number;
  readonly control: Control;
  readonly view: View;
  readonly without: RunSettings;
  withOption(chosen: string): RunSettings;
  /** Which columns of the run with the option are its path. Without, `x` and `y`. */
  readonly average?: boolean;
  /** A page of the site that tells more. */
  readonly more?: { readonly title: string; readonly path: string };
  sentence(told: Told): string;
}

/** A slider over these numbers. */
export function slider(values: readonly number[], initial: number): Control {
  return { kind: "slider", places: values.map(String), initial: values.indexOf(initial) };
}

/** Off and on. */
export const SWITCH: Control = { kind: "switch", places: ["off", "on"], initial: 1 };

/** Whether chance moves the runs. */
export function isNoisy({ surface }: Pick<Story, "surface">): boolean {
  return surfaceOf(surface).noise > 0;
}

/** The path of the run with the option, as it is drawn. */
export function drawnPath({ average }: Pick<Story, "average">, path: Path): Path {
  const [x, y] = [path.get("x_average"), path.get("y_average")];
  // Averages start at zero: their first number is none.
  return average && x && y ? new Map([...path, ["x", x.subarray(1)], ["y", y.subarray(1)]]) : path;
}
