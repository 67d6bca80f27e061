// A suite for each backend of TensorFlow.js that runs in Node, which finds every tensor that is left behind.
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { BACKENDS, type Backend, memory, startBackend } from "./backends.js";

/** A suite for each backend; every test must end with as many tensors and bytes as it began with. */
export function onEveryBackend(suite: (backend: Backend) => void): void {
  describe.each(BACKENDS)("on backend %s", (backend) => {
    let before = { numTensors: 0, numBytes: 0 };

    beforeEach(async () => {
      await startBackend(backend);
      before = memory();
    });

    afterEach(() => {
      const after = memory();
      tf.disposeVariables(); // so that a failure stays one
      expect(after).toEqual(before);
    });

    suite(backend);
  });
}
