// What a case of the fixtures holds, for the faces that run it: values, gradients, weights, and the hash of a state. They
// run those of float32 only.
import type { SavedArray } from "rmsprop";
import { canonical, digest, type FloatArray, fill, streamOf } from "./bits.js";
import { type Case, type StepSpec, sizeOf } from "./case.js";
import { lostElements, type NamedArray } from "./compare.js";

/** An array of a case. */
export interface CaseArray {
  readonly shape: readonly number[];
  readonly value: Float32Array;
}

const arrayOf = (shape: readonly number[], regime: string, stream: number): CaseArray => ({
  shape,
  value: fill(sizeOf(shape), "float32", regime, stream) as Float32Array, // that is the type asked for
});

/** The values of each variable at first. */
export function initialValues({ variables, seed }: Case): (CaseArray & { readonly name: string })[] {
  return variables.map(({ name, shape, value }, i) => ({ name, ...arrayOf(shape, value, streamOf(seed, 0, i)) }));
}

/** The gradient of a variable in a call; null where there is none. */
export function gradientAt(testCase: Case, step: StepSpec, call: number, index: number): CaseArray | null {
  const spec = testCase.variables[index];
  if (!spec || step.none?.includes(index)) return null;
  const stream = streamOf(testCase.seed, spec.frozen ? 1 : call + 1, index);
  return arrayOf(spec.shape, step.regimes?.[index] ?? spec.gradient, stream);
}

/** Weights for an optimizer's variables: those given by name, and others that follow from the seed. */
export function weightsAt(
  { seed }: Case,
  call: number,
  given: Readonly<Record<string, number>>,
  variables: readonly { readonly name: string; readonly shape: readonly number[] }[],
): CaseArray[] {
  return variables.map(({ name, shape }, i) => {
    const own = given[name];
    if (own !== undefined) return { shape, value: Float32Array.of(own) };
    return arrayOf(shape, "positive", streamOf(seed, 1000 + call, i));
  });
}

/** The order that the optimizer knows: that of build, or of the first call. */
export function orderOf({ variables, build, steps }: Case): readonly number[] {
  return (build ? undefined : steps[0]?.use) ?? variables.map((_, i) => i);
}

/** One of a run's variables. */
export function itemAt<T>(testCase: Case, variables: readonly T[], index: number): T {
  const variable = variables[index];
  if (variable === undefined) throw new RangeError(`variable ${index} of ${testCase.id}`);
  return variable;
}

/** The variables that a case leaves out of weight decay, if it does. */
export function exclusionOf<T>(
  testCase: Case,
  variables: readonly T[],
): { readonly variables: readonly T[]; readonly names: readonly string[] } | null {
  const { exclude } = testCase;
  if (!exclude) return null;
  const excluded = (exclude.variables ?? []).map((i) => itemAt(testCase, variables, i));
  return { variables: excluded, names: exclude.names ?? [] };
}

/** The hash of a state after a call, as Keras' is taken. */
export function hashOf(testCase: Case, call: number, arrays: readonly NamedArray[]): string {
  return digest(arrays.map(({ name, value }) => canonical(value, lostElements(testCase, name, call))));
}

/** A state as it is compared: counters as float64, whatever they are kept in. */
export function comparable({ dtype, value }: Pick<SavedArray, "dtype" | "value">): FloatArray {
  return dtype === "float32" ? (value as Float32Array) : Float64Array.from(value);
}
