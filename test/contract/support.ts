// What the suites of this folder share: the engines, reproducible numbers, states as text, the form of error messages.
// Suites that a device runs, too, await what they read: `hostOf` and what is made of it.
import {
  type AnyOptimizer,
  type EngineName,
  type FloatArray,
  type OptimizerVariable,
  setEngine,
  type Variable,
  type VariableLike,
} from "rmsprop";
import { beforeEach, describe, expect } from "vitest";
import { isWhole } from "../seed.js";
import { stateOf } from "./states.js";

export { bitsOf, numbersOf, stateOf, valuesOf } from "./states.js";

/** The engines that must pass every suite; `npm run test:webgpu` names its own. */
export const ENGINES = (process.env.RMSPROP_ENGINES ?? "js,wasm").split(",") as readonly EngineName[];

/** Those that are tested now: on memory that grows (growing/suites.ts) the others are only compared with. */
const TESTED = (process.env.RMSPROP_TESTED?.split(",") ?? ENGINES) as readonly EngineName[];

/** How often random cases are drawn: memory that grows costs time, and is met in each of them. `npm test` draws a third. */
export const runsOf = (usual: number): number => Math.ceil(usual / (TESTED === ENGINES ? 1 : 3) / (isWhole ? 1 : 3));

/** Whether it is a device: what cannot be had there (test/webgpu/contract/features.ts) is not drawn at random. */
export const ON_DEVICE: boolean = !ENGINES.includes("js");

/** Runs a suite once for each engine, which is then the one of new variables and optimizers. */
export function onEveryEngine(suite: (engine: EngineName) => void): void {
  describe.each(TESTED)("on engine %s", (engine) => {
    beforeEach(() => {
      expect(setEngine(engine)).toBe(engine);
    });
    suite(engine);
  });
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

/** As `errorOf`, or what the promise of `act` is rejected with. */
export async function refusalOf(act: () => unknown): Promise<Error> {
  let result: unknown;
  try {
    result = await act();
  } catch (error) {
    return errorOf(() => {
      throw error;
    });
  }
  return errorOf(() => result);
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

/** What the objects of a device have: their values come to the processor first. */
interface Remote<T> {
  onHost(): Promise<T>;
}

/** A variable, or one of an optimizer's own, whose `value` can be read: itself, or a copy where it lies on a device. */
export async function hostOf<T extends object>(held: T | undefined): Promise<T> {
  if (held === undefined) throw new TypeError("There is nothing to read.");
  return "onHost" in held ? (held as Remote<T>).onHost() : held;
}

/** The `hostOf` of all. */
export function hostsOf<T extends object>(held: readonly (T | undefined)[]): Promise<T[]> {
  return Promise.all(held.map((each) => hostOf(each)));
}

/** The elements of all, one after the other. */
export async function elementsOf(held: readonly (Variable | OptimizerVariable | undefined)[]): Promise<number[]> {
  return (await hostsOf(held)).flatMap(({ value }) => [...value]);
}

/** Variables as they print themselves. */
export async function textOf(variables: readonly (Variable | undefined)[]): Promise<string> {
  return (await hostsOf(variables)).join(" ");
}

/** When an optimizer's counters are known: a device may have to tell them. */
export async function settled(optimizer: AnyOptimizer): Promise<void> {
  if ("settle" in optimizer) await (optimizer as { settle(): Promise<void> }).settle();
  if ("ready" in optimizer) await (optimizer as { ready(): Promise<void> }).ready();
}

/** As `stateOf`, on every engine. */
export async function readState(
  optimizer: AnyOptimizer,
  variables: readonly VariableLike[],
): Promise<Record<string, string>> {
  await settled(optimizer);
  const own = await hostsOf(optimizer.variables);
  return stateOf(optimizer, await hostsOf(variables), own);
}

/** `act` for one item after the other, and what it gave. */
export async function inTurn<T, R>(items: Iterable<T>, act: (item: T) => Promise<R> | R): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await act(item));
  return results;
}
