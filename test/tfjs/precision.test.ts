// The webgl backend on devices with 16-bit floats: a warning, once, that says which epsilon to pass; none where nothing is lost.
import * as tf from "@tensorflow/tfjs-core";
import * as core from "rmsprop";
import { LossScaleOptimizer, Optimizer, RMSprop } from "rmsprop/tfjs";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startBackend, variable } from "./backends.js";

/** What one step with each optimizer warns of. */
function warningsOf(
  ...optimizers: readonly (RMSprop | LossScaleOptimizer | Optimizer<{ readonly pull: number }>)[]
): string[] {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  for (const optimizer of optimizers) {
    const v = variable([1, 2]);
    for (let i = 0; i < 2; i++) optimizer.minimize(() => tf.sum(tf.square(v)), [v]);
    for (const made of [v, optimizer]) made.dispose();
  }
  const messages = warn.mock.calls.map(([message]) => String(message));
  warn.mockRestore();
  return messages;
}

describe("webgl", () => {
  // No GPU in Node: the cpu backend under its name.
  beforeAll(async () => {
    await startBackend("cpu");
    const create = tf.findBackendFactory("cpu");
    tf.registerBackend("webgl", () => create());
    tf.copyRegisteredKernels("cpu", "webgl");
    tf.env().registerFlag("WEBGL_RENDER_FLOAT32_ENABLED", () => false);
  });
  beforeEach(async () => {
    await tf.setBackend("webgl");
    tf.env().set("WEBGL_RENDER_FLOAT32_ENABLED", false);
  });
  afterAll(() => tf.removeBackend("webgl"));

  test("with 16-bit floats is warned of once for each epsilon, with its number and what to pass", () => {
    expect(warningsOf(new RMSprop(), new RMSprop({ momentum: 0.9 }), new LossScaleOptimizer(new RMSprop()))).toEqual([
      "RMSprop: epsilon=1e-7 is too small for the 16-bit floats of the webgl backend on this device; weights may become NaN. " +
        "Pass epsilon: 1e-4 or more, or train on the wasm backend, which lacks convolutions and embeddings.",
    ]);
    expect(warningsOf(new RMSprop({ epsilon: 6e-5 }))).toEqual([
      expect.stringContaining("epsilon=0.00006 is too small"),
    ]);
  });

  test.each([1e-4, 2 ** -14, 0.01, 0])("with 16-bit floats holds epsilon %d, and nothing is warned of", (epsilon) => {
    expect(warningsOf(new RMSprop({ epsilon }))).toEqual([]);
  });

  test("is not warned of by an optimizer without an epsilon", () => {
    const definition: core.OptimizerDefinition<{ readonly pull: core.NumberOption }> = {
      className: "Pulled",
      options: { pull: { default: 0.5 } },
      constants: ({ pull }) => ({ pull }),
      rule: core.defineRule({
        slots: [],
        scalars: ["pull"],
        update: (op, x, k) => ({ variable: op.sub(x.variable, op.mul(k.pull, x.gradient)) }),
      }),
    };
    expect(warningsOf(new Optimizer<{ readonly pull: number }>(definition, {}))).toEqual([]);
  });

  test("with 32-bit floats is not warned of", () => {
    tf.env().set("WEBGL_RENDER_FLOAT32_ENABLED", true);
    expect(warningsOf(new RMSprop({ epsilon: 2e-7 }))).toEqual([]);
  });
});

test.each(["cpu", "wasm"] as const)("backend %s has 32 bits, and nothing is warned of", async (backend) => {
  await startBackend(backend);
  expect(warningsOf(new RMSprop({ epsilon: 3e-7 }))).toEqual([]);
});
