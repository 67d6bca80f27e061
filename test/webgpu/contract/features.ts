// What the contract asks for and a device does not have: a test that needs it is skipped, with the reason.
import { TestRunner } from "vitest";

const MISSING = {
  "live values": "the numbers of a device are awaited: nothing shows them at once, and there are no views of them",
  float64: "WGSL has no float64",
  arrays: "only variables on the device are trained, no arrays of the processor's memory",
  "detached arrays": "gradients are buffers here, which cannot be detached",
  "constraints of one's own": "a device runs no code of the user's (docs/webgpu.md)",
  statelessApply: "not on this face: a device holds the state (docs/webgpu.md)",
  "other engines": "setEngine chooses between the engines of core",
  configs:
    "fromConfig takes the device first, and get() and deserialize() make optimizers of core (face.test.ts has it)",
  "variables by default": "this face finalizes all variables where none are named",
  "a loss that must be a number": "this face hands a loss back as it came, a buffer or a promise included",
  "gradients that are no numbers": "gradients are buffers here: what is no number was refused when one was filled",
} as const;

export type Missing = keyof typeof MISSING;

/** For each test of the running suite that was skipped, what it lacked first. */
export const skipped = new Map<object, Missing>();

/** Ends the running test: it needs what a device does not have. Outside of a test, nothing does. */
export function missing(feature: Missing): never {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) throw new Error(`${MISSING[feature]} - but no test is running`);
  if (!skipped.has(test)) skipped.set(test, feature);
  return test.context.skip(MISSING[feature]);
}
