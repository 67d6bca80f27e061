/** Steps of `rmsprop/tfjs` as kernels on TensorFlow.js' webgpu backend. @module rmsprop/tfjs/webgpu */

import { useStrategy } from "../engine/engine.js";
import { createInBuffersStrategy } from "./in-buffers.js";

/**
 * Has every optimizer of `rmsprop/tfjs` step by one kernel over each variable on the webgpu backend, where its tensors lie. Call it
 * once, before or after the backend starts; without it such a step is composed of TensorFlow.js' own operations. It is an entry
 * point of its own so that users of other backends do not download the kernels.
 *
 * @example
 * import { RMSprop } from "rmsprop/tfjs";
 * import { useWebGpu } from "rmsprop/tfjs/webgpu";
 * useWebGpu();
 */
export function useWebGpu(): void {
  useStrategy("webgpu", createInBuffersStrategy);
}
