// Ours against Keras': states by hash after each call, arrays element by element in the end, and what differs in words.
import { bitsOf, canonical, type DType, decode, digest, dtypeOf, type FloatArray, ulpDistance } from "./bits.js";
import type { Case } from "./case.js";

/** One array of a state. Counters are given as float64. */
export interface NamedArray {
  readonly name: string;
  readonly value: FloatArray;
}

/** What a run of ours leaves to compare. */
export interface Outcome {
  readonly hashes: readonly string[];
  /** All variables, then all optimizer variables in Keras' order. */
  readonly arrays: readonly NamedArray[];
  readonly paths: readonly string[];
  readonly iterations: number;
  readonly learningRate: number;
}

export interface Mismatch {
  readonly caseId: string;
  /** The first call after which something differs; null when only the end is known to. */
  readonly step: number | null;
  readonly array: string;
  readonly index: number | null;
  readonly expected: string;
  readonly received: string;
  readonly ulp: number | null;
}

export interface Comparison {
  readonly arrays: number;
  readonly mismatches: readonly Mismatch[];
}

/** Every array, counter and name of the end, and the state after each call. */
export function compareCase(testCase: Case, outcome: Outcome): Comparison {
  const step = testCase.hashes.findIndex((hash, i) => hash !== outcome.hashes[i]);
  const at = { caseId: testCase.id, step: step < 0 ? null : step };
  const { end } = testCase;
  const expected = [...end.variables, ...end.optimizer];
  const mismatches = expected.flatMap((text, i) => compareArray(testCase, at, outcome.arrays[i], text));
  const facts: [string, unknown, unknown][] = [
    ["arrays", expected.length, outcome.arrays.length],
    ["iterations", end.iterations, outcome.iterations],
    ["learning rate", end.learning_rate, outcome.learningRate],
    ["paths", pathsOf(testCase, end.paths), pathsOf(testCase, outcome.paths)],
  ];
  for (const [array, wanted, received] of facts) {
    if (!Object.is(wanted, received)) mismatches.push(inWords(at, array, wanted, received));
  }
  if (step >= 0 && mismatches.length === 0) {
    mismatches.push(inWords(at, "state", testCase.hashes[step], outcome.hashes[step]));
  }
  return { arrays: expected.length, mismatches };
}

/** The first element that differs, if any. `text` is in the form of bits.py's `encode`. */
export function compareElements(
  name: string,
  text: string,
  value: FloatArray,
): Omit<Mismatch, "caseId" | "step"> | null {
  const dtype = dtypeOf(value);
  const { hash, values } = decode(text, dtype);
  const received = canonical(value);
  if (hash === null && values.length !== received.length) {
    return {
      array: name,
      index: null,
      expected: `${values.length} elements`,
      received: `${received.length}`,
      ulp: null,
    };
  }
  const index = values.findIndex((wanted, i) => !Object.is(wanted, received[i]));
  if (index >= 0)
    return elementMismatch(name, index, values[index] ?? Number.NaN, received[index] ?? Number.NaN, dtype);
  const receivedHash = digest([received]);
  if (hash === null || hash === receivedHash) return null;
  return { array: name, index: null, expected: `hash ${hash}`, received: `hash ${receivedHash}`, ulp: null };
}

/** How many elements differ, and by how many units of the last place at most; elements that are not stored are not seen. */
export function distances(text: string, value: FloatArray): { differing: number; greatest: number } {
  const dtype = dtypeOf(value);
  const received = canonical(value);
  const { values } = decode(text, dtype);
  const ulps = Array.from(values, (wanted, i) => ulpDistance(wanted, received[i] ?? Number.NaN, dtype));
  return { differing: ulps.filter((ulp) => ulp > 0).length, greatest: Math.max(0, ...ulps) };
}

/** The elements of a variable that Keras has lost by this call; nothing of them can be compared. */
export function lostElements(testCase: Case, name: string, step: number): number[] {
  const lost = Object.entries(testCase.lost ?? {}).find(([variable]) =>
    [variable, `${variable}_average`, `${variable}_momentum`].includes(name),
  );
  return lost?.[1].filter(([since]) => since <= step).map(([, element]) => element) ?? [];
}

/** A mismatch as a line of text. */
export function describeMismatch({ caseId, step, array, index, expected, received, ulp }: Mismatch): string {
  const place = index === null ? array : `${array}[${index}]`;
  const when = step === null ? "" : ` from call ${step} on`;
  return `${caseId}: ${place}${when}: Keras ${expected}, ours ${received}${ulp === null ? "" : ` (${ulp} ulp)`}`;
}

/** Built by its first call, a LossScaleOptimizer of Keras puts its name before those of the inner slots; else not. */
function pathsOf({ scale, build }: Case, paths: readonly string[]): string {
  const isAccident = scale !== undefined && !build;
  return (isAccident ? paths.map((path) => path.split("/").at(-1)) : paths).join(" ");
}

function compareArray(
  testCase: Case,
  at: Pick<Mismatch, "caseId" | "step">,
  array: NamedArray | undefined,
  text: string,
): Mismatch[] {
  if (array === undefined) return [];
  const kept = canonical(array.value, lostElements(testCase, array.name, testCase.steps.length));
  const mismatch = compareElements(array.name, text, kept);
  return mismatch === null ? [] : [{ ...at, ...mismatch }];
}

function elementMismatch(
  array: string,
  index: number,
  expected: number,
  received: number,
  dtype: DType,
): Omit<Mismatch, "caseId" | "step"> {
  const shown = (value: number): string => `${Object.is(value, -0) ? "-0" : value} ${bitsOf(value, dtype)}`;
  return {
    array,
    index,
    expected: shown(expected),
    received: shown(received),
    ulp: ulpDistance(expected, received, dtype),
  };
}

function inWords(at: Pick<Mismatch, "caseId" | "step">, array: string, expected: unknown, received: unknown): Mismatch {
  return { ...at, array, index: null, expected: String(expected), received: String(received), ulp: null };
}
