// TensorFlow.js' webgpu backend for whoever has not asked for kernels: steps are composed, and the first one says so.
import * as tf from "@tensorflow/tfjs-core";
import { RMSprop } from "rmsprop/tfjs";
import { useWebGpu } from "rmsprop/tfjs/webgpu";
import { beforeAll, expect, test, vi } from "vitest";
import { bitsOf, currentBackend, startTensors } from "./tensors.js";

beforeAll(async () => {
  await startTensors();
});

async function stepped(optimizer: RMSprop, variable: tf.Variable): Promise<string> {
  const gradient = tf.tensor1d([0.5, -0.25, 8]);
  optimizer.applyGradients({ [variable.name]: gradient });
  gradient.dispose();
  return bitsOf(variable);
}

test("steps are composed until useWebGpu() is called, with the same bits; the first one says so", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const variables = [tf.variable(tf.tensor1d([1, 2, 3])), tf.variable(tf.tensor1d([1, 2, 3]))];
  const [alone, asked] = [new RMSprop({ momentum: 0.9 }), new RMSprop({ momentum: 0.9 })];
  const [first, second] = variables as [tf.Variable, tf.Variable];
  const composed = [await stepped(alone, first), await stepped(alone, first)];
  expect(alone.engine).toBe("tfjs-webgpu");
  expect(alone.stepCounts).toMatchObject({ fused: 0, composed: 2 });
  expect(warn.mock.calls.map(String)).toEqual([
    "rmsprop/tfjs: on the webgpu backend steps are made of TensorFlow.js' own operations. " +
      'For one kernel over each variable, call useWebGpu() of "rmsprop/tfjs/webgpu".',
  ]);

  useWebGpu();
  expect([await stepped(asked, second), await stepped(asked, second)]).toEqual(composed);
  expect(asked.stepCounts).toMatchObject({ fused: 2, composed: 0 });
  await stepped(alone, first);
  expect(alone.engine).toBe("tfjs-webgpu-fused");
  expect(alone.stepCounts).toMatchObject({ fused: 1, composed: 2 });
  expect(warn).toHaveBeenCalledTimes(1);

  // A second call keeps what was prepared: no buffer of a step is made again.
  await stepped(asked, second);
  const made = vi.spyOn(currentBackend().device, "createBuffer");
  useWebGpu();
  await stepped(asked, second);
  expect(made.mock.calls.flatMap(([{ label }]) => label ?? [])).toEqual([]);
});
