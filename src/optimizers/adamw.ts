// AdamW as data: Adam whose variables decay by default. The decay itself is every optimizer's.
import { type AdamOptions, adamDefinition } from "./adam.js";

/** All arguments of `keras.optimizers.AdamW`, with Keras' defaults: the weight decay is 0.004, and cannot be null. */
export interface AdamWOptions extends Omit<AdamOptions, "weightDecay"> {
  /** Shrinks variables by `weightDecay * learningRate` of themselves in each update. >= 0. Default 0.004. */
  readonly weightDecay?: number | undefined;
}

export const ADAMW: ReturnType<typeof adamDefinition> = /* @__PURE__ */ adamDefinition("AdamW", {
  base: { weightDecay: 0.004 },
});
