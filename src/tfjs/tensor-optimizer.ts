// class TensorOptimizer: a tf.Optimizer of which `instanceof` means the class, and which frameworks do not wrap.
import * as tf from "@tensorflow/tfjs-core";

export abstract class TensorOptimizer extends tf.Optimizer {
  /** tf.Optimizer says yes to every optimizer; this says yes to those of the class that is asked. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /** As in check/unwrapped.ts. */
  get [Symbol.toStringTag](): string {
    return this.constructor.name;
  }

  /** As in check/unwrapped.ts. @internal */
  get [Symbol.iterator](): undefined {
    return undefined;
  }
}
