// What the suites of this folder share: both engines, reproducible numbers, states as text, the form of error messages.
import {
  type AnyOptimizer,
  type EngineName,
  type FloatArray,
  LossScaleOptimizer,
  setEngine,
  Variable,
  type VariableLike,
} from "rmsprop";
import { beforeEach, describe, expect } from "vitest";

/** The engines that must pass every suite. */
export const ENGINES: readonly EngineName[] = ["js", "wasm"];

/** Runs a suite once for each engine, which is then the one of new variables and optimizers. */
export function onEveryEngine(suite: (engine: EngineName) => void): void {
  describe.each(ENGINES)("on engine %s", (engine) => {
    beforeEach(() => {
      expect(setEngine(engine)).toBe(engine);
    });
    suite(engine);
  });
}

/** Many numbers are shown by their first ones and a hash, lest a failure fill the screen. */
const SHOWN = 40;

/** Numbers with every bit, but for the payload of NaN: shortest text that gives the same double again. */
export function bitsOf(values: ArrayLike<number>): string {
  const texts = Array.from(values, (value) => (Object.is(value, -0) ? "-0" : `${value}`));
  if (texts.length <= SHOWN) return texts.join(" ");
  return `${texts.slice(0, 5).join(" ")} ... (${texts.length}, ${hashOf(texts.join(" "))})`;
}

/** FNV-1a. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** The elements of a variable, whatever it is. */
export function valuesOf(variable: VariableLike): FloatArray {
  return variable instanceof Variable ? variable.value : variable;
}

/** Everything that a step may change, as text. */
export function stateOf(optimizer: AnyOptimizer, variables: readonly VariableLike[]): Record<string, string> {
  const scale: Record<string, string> =
    optimizer instanceof LossScaleOptimizer
      ? { dynamicScale: `${optimizer.dynamicScale}`, stepCounter: `${optimizer.stepCounter}` }
      : {};
  return {
    built: `${optimizer.built}`,
    iterations: `${optimizer.iterations}`,
    ...scale,
    ...Object.fromEntries(
      optimizer.variables.map(({ path, shape, dtype, value }) => [`${path} ${dtype} [${shape}]`, bitsOf(value)]),
    ),
    ...Object.fromEntries(variables.map((variable, i) => [`variable ${i}`, bitsOf(valuesOf(variable))])),
  };
}

/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` numbers between -2 and 2, rounded to float32. */
export function numbersOf(seed: number, count: number): Float32Array {
  const random = randomOf(seed);
  return Float32Array.from({ length: count }, () => 4 * random() - 2);
}

/** What `act` throws; fails when it throws nothing. */
export function errorOf(act: () => unknown): Error {
  let result: unknown;
  try {
    result = act();
  } catch (error) {
    if (error instanceof Error) return error;
    throw new TypeError(`threw ${String(error)}, which is no Error`);
  }
  throw new Error(`Nothing was thrown; the result is ${String(result)}.`);
}

/** The parts of a message: `<owner>: <argument> must <requirement>; received <argument>=<value>. <What to do.>` */
export interface Complaint {
  readonly owner: string;
  readonly argument: string;
  readonly requirement: string;
  readonly received: string;
  readonly remedy: string;
}

const FORM =
  /^(?<owner>\w+): (?<argument>\S+) must (?<requirement>.+); received (?<again>\S+?)=(?<received>.*?)\. (?<remedy>[A-Z].*[.?])$/s;

/** A message of that form in its parts; anything else, such as an error of JavaScript itself, is returned as it is. */
export function complaintOf(message: string): Complaint | string {
  const groups = FORM.exec(message)?.groups;
  if (!groups || groups.again !== groups.argument) return message;
  const { owner = "", argument = "", requirement = "", received = "", remedy = "" } = groups;
  return { owner, argument, requirement, received, remedy };
}

/** A copy of an array whose memory was given away, as `postMessage` with a transfer list does. */
export function detached<A extends FloatArray>(array: A): A {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}
