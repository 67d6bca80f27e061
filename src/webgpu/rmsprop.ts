// class RMSprop of "rmsprop/webgpu": Keras' arguments, over buffers of a device.
import { RMSPROP, type RMSpropHyper, type RMSpropOptions } from "../optimizers/rmsprop.js";
import { Optimizer } from "./optimizer.js";

/**
 * Keras' RMSprop over GPUBuffers: the same rule, options and defaults as in `"rmsprop"`, one submit a step.
 *
 * @example
 * const weights = new GpuVariable(device, new Float32Array(1000));
 * const optimizer = new RMSprop(device, { learningRate: 1e-3, clipnorm: 1 });
 * optimizer.apply([gradientBuffer], [weights]); // queued; nothing is awaited
 */
export class RMSprop extends Optimizer<RMSpropHyper> {
  constructor(device: GPUDevice, options: RMSpropOptions = {}) {
    super(device, RMSPROP, options);
  }
}
