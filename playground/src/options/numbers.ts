// Numbers that the sentences of the pictures are made of.
import { at, type Pair, type Path, pointAt } from "../explain/story/paths.js";

/** The greatest of a column from a step on, whatever its sign. */
export function greatest(path: Path, column: string, from: number): number {
  return (
    path
      .get(column)
      ?.subarray(from)
      .reduce((most, value) => Math.max(most, Math.abs(value)), 0) ?? Number.NaN
  );
}

/** The step that met the longest gradient. */
export function steepestStep(path: Path): number {
  const lengths = Array.from(path.get("x_gradient") ?? [], (_, step) => lengthOf(gradientAt(path, step)));
  return lengths.indexOf(Math.max(...lengths));
}

export function gradientAt(path: Path, step: number): Pair {
  return { x: at(path, "x_gradient", step), y: at(path, "y_gradient", step) };
}

/** The gradient as RMSprop got it, after clips: what its step has added to v. */
export function clippedAt(path: Path, step: number, rho: number): Pair {
  const gradient = gradientAt(path, step);
  const part = (axis: "x" | "y"): number => {
    const added = at(path, `${axis}_velocity`, step) - rho * at(path, `${axis}_velocity`, step - 1);
    return Math.sign(gradient[axis]) * Math.sqrt(Math.max(0, added / (1 - rho)));
  };
  return { x: part("x"), y: part("y") };
}

export function lengthOf({ x, y }: Pair): number {
  return Math.hypot(x, y);
}

/** The mean over the last quarter of a run: of its loss, or of how far it is from 0, 0. */
function lateMean(path: Path, numberOf: (step: number) => number): number {
  const length = path.get("x")?.length ?? 0;
  const steps = Array.from({ length: Math.floor(length / 4) }, (_, i) => length - 1 - i);
  return steps.reduce((sum, step) => sum + numberOf(step), 0) / steps.length;
}

export const lateLoss = (path: Path): number => lateMean(path, (step) => at(path, "loss", step));
export const lateDistance = (path: Path): number => lateMean(path, (step) => lengthOf(pointAt(path, step)));

/** For how many steps from one on a column stays above a number. */
export function stepsAbove(path: Path, column: string, limit: number, from: number): number {
  const values = path.get(column)?.subarray(from) ?? new Float64Array();
  const end = values.findIndex((value) => value <= limit);
  return end < 0 ? values.length : end;
}
