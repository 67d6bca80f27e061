// What the suites of this folder share: both engines, reproducible numbers, states as text, the form of error messages.
import { type EngineName, type FloatArray, setEngine } from "rmsprop";
import { beforeEach, describe, expect } from "vitest";

export { bitsOf, numbersOf, stateOf, valuesOf } from "./states.js";

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
