// The bytes of a checkpoint in every form and at every offset: what is read is the same, and nothing of them changes.
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LossScaleOptimizer, loadCheckpoint, RMSprop, saveCheckpoint, schedules } from "rmsprop";
import { readCheckpoint, writeCheckpoint } from "rmsprop/node";
import { expect, test } from "vitest";
import { BYTE_FORMS } from "../contract/forms.js";
import { numbersOf, stateOf } from "../contract/states.js";
import fc from "../property.js";
import { fresh, Run } from "./run.js";

/** Both types, arrays of the user's, and slots of every kind: what is read lies at places of four and eight bytes. */
const SAVED = [checkpointOf(new RMSprop({ momentum: 0.9, useEma: true })), checkpointOf(scaled())];

function scaled(): LossScaleOptimizer {
  const learningRate = new schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 9 });
  return new LossScaleOptimizer(new RMSprop({ learningRate, gradientAccumulationSteps: 2 }));
}

function checkpointOf(optimizer: RMSprop | LossScaleOptimizer): { bytes: Uint8Array; state: object } {
  const run = new Run(optimizer, [...fresh(), Float64Array.from(numbersOf(9, 5)), numbersOf(8, 3)]);
  for (let step = 0; step < 3; step++) {
    const gradients = run.variables.map((variable, i) => {
      const numbers = numbersOf(step + i, ArrayBuffer.isView(variable) ? variable.length : variable.size);
      return variable instanceof Float64Array ? Float64Array.from(numbers) : numbers;
    });
    optimizer.apply(gradients, run.variables);
  }
  return { bytes: saveCheckpoint(optimizer, run.variables), state: run.state() };
}

const form = fc.constantFrom(...Object.keys(BYTE_FORMS));

test("loadCheckpoint reads bytes of every form at every offset, and changes none of them", () => {
  fc.assert(
    fc.property(form, fc.integer({ min: 0, max: 17 }), fc.constantFrom(...SAVED), (name, offset, { bytes, state }) => {
      const given = BYTE_FORMS[name]?.(bytes, offset);
      if (given === undefined) throw new TypeError(name);
      const before = given.memory.slice();
      const { optimizer, variables } = loadCheckpoint(given.bytes);
      expect(stateOf(optimizer, variables)).toEqual(state);
      // What was read is nobody's but the run's.
      optimizer.apply(variables.map((variable) => (ArrayBuffer.isView(variable) ? variable.slice() : variable)));
      expect(Buffer.compare(given.memory, before)).toBe(0);
    }),
    { numRuns: 150, seed: 20_260 },
  );
});

test("a checkpoint in a Buffer at an odd offset is written to a file as it is", () => {
  const path = join(mkdtempSync(join(tmpdir(), "rmsprop-")), "step-1.safetensors");
  for (const [name, { bytes, state }] of Object.keys(BYTE_FORMS).flatMap((key) =>
    SAVED.map((saved) => [key, saved] as const),
  )) {
    const given = BYTE_FORMS[name]?.(bytes, 3);
    if (given === undefined) throw new TypeError(name);
    writeCheckpoint(path, given.bytes);
    expect(Buffer.compare(readFileSync(path), bytes), name).toBe(0);
    const { optimizer, variables } = readCheckpoint(path);
    expect(stateOf(optimizer, variables)).toEqual(state);
  }
});

test.each([
  ["a DataView", new DataView(new ArrayBuffer(8))],
  ["an Int8Array", new Int8Array(8)],
  ["an object of the same name", { [Symbol.toStringTag]: "Uint8Array", length: 8 }],
  ["a proxy of bytes", new Proxy(new Uint8Array(8), {})],
])("%s is no bytes", (_, given) => {
  expect(() => loadCheckpoint(given as never)).toThrow(/bytes must be a Uint8Array; received/);
});
