// A suite for each backend of TensorFlow.js that runs in Node, which finds every tensor that is left behind.
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { isWhole } from "../seed.js";
import { BACKENDS, type Backend, memory, startBackend } from "./backends.js";

/** Fused kernels, and TensorFlow.js' own operations. */
export type StrategyKind = "fused" | "composed";
const KINDS: readonly StrategyKind[] = ["fused", "composed"];

/** A suite for each backend and each kind of steps there. */
export const onEveryStrategy = (suite: (backend: Backend, kind: StrategyKind) => void): void =>
  onStrategies(() => KINDS, suite);

/** As `onEveryStrategy`, for what stands around steps: `npm test` takes one kind on each backend. */
export const onSomeStrategy = (suite: (backend: Backend, kind: StrategyKind) => void): void =>
  onStrategies((backend) => (isWhole ? KINDS : [backend === "wasm" ? "fused" : "composed"]), suite);

function onStrategies(
  kindsOf: (backend: Backend) => readonly StrategyKind[],
  suite: (backend: Backend, kind: StrategyKind) => void,
): void {
  onEveryBackend((backend) => {
    describe.each(kindsOf(backend))("%s", (kind) => {
      beforeEach(() => tf.env().set("RMSPROP_FUSED", kind === "fused"));
      afterEach(() => tf.env().set("RMSPROP_FUSED", true));
      suite(backend, kind);
    });
  });
}

/** A suite for each backend; every test must end with as many tensors and bytes as it began with. */
export const onEveryBackend = (suite: (backend: Backend) => void): void => onBackends(BACKENDS, suite);

/** As `onEveryBackend`, for what stands around steps: `npm test` takes one backend. */
export const onSomeBackend = (suite: (backend: Backend) => void): void =>
  onBackends(isWhole ? BACKENDS : ["wasm"], suite);

function onBackends(backends: readonly Backend[], suite: (backend: Backend) => void): void {
  describe.each(backends)("on backend %s", (backend) => {
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
