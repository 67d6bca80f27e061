// The suites of test/contract that run on a device, and those that do not, each with its reason.
import type { Missing } from "./features.js";

/** How many tests of each suite need something that a device does not have. All others must pass. */
export const ON_DEVICE: Readonly<Record<string, Readonly<Partial<Record<Missing, number>>>>> = {
  averages: { statelessApply: 1, "variables by default": 1 },
  stages: { float64: 1, arrays: 1, "constraints of one's own": 2 },
  state: { float64: 1, statelessApply: 8 },
  atomic: {
    ...{ float64: 7, "constraints of one's own": 18, "detached arrays": 6 },
    ...{ "gradients that are no numbers": 30, "a loss that must be a number": 6 },
  },
  "learning-rate": { float64: 2 },
  "loss-scale": { statelessApply: 1, configs: 1 },
  losses: {},
  flush: {},
  "gradient-norm": {},
  "non-finite": { "live values": 1 },
  sequences: { "constraints of one's own": 1 },
  "bad-input": {
    ...{ configs: 1, float64: 2, arrays: 13, "live values": 2, "constraints of one's own": 5, "other engines": 6 },
    ...{ "gradients that are no numbers": 7, "detached arrays": 1, "variables by default": 1 },
  },
  "own-optimizers": { float64: 1, "live values": 3, configs: 1 },
  aliasing: { arrays: 29, "live values": 62, "other engines": 1 },
};

/** What the others are about. */
export const NOT_ON_DEVICE: Readonly<Record<string, string>> = {
  collected: "memory of WebAssembly and the garbage collector",
  dropped: "memory of WebAssembly and the garbage collector",
  parts: "memory of WebAssembly and views of it",
  memory: "memory of WebAssembly and views of it; buffers of a device are counted in test/webgpu/steps.test.ts",
  garbage: "objects that a step of core leaves",
  threads: "threads of WebAssembly",
  "lost-workers": "threads of WebAssembly",
  paused: "threads of WebAssembly",
  growing: "the suites that run on memory of WebAssembly that grows",
  engines: "core's engines compared with each other; a device is compared with them in test/webgpu/parity.test.ts",
  order: "WebAssembly compared with the reference; a device's operations are in test/webgpu/ops.test.ts",
  variable: "core's Variable; GpuVariable is tested in test/webgpu",
  config: "get(), serialize() and deserialize() of core; configs of this face are in test/webgpu/face.test.ts",
  "old-configs": "configs of core; those of the faces are resolved by the same functions",
  "half-gradients": "bits in memory of the processor; those of a device are in test/webgpu/half-gradients.test.ts",
  console: "what core prints; what this face prints is in test/webgpu/face.test.ts",
  "left-out": "options of core; those of this face have the same tables",
  types: "types of core",
  "multi-gathered": "MultiOptimizer, which core and TensorFlow.js have",
  "multi-optimizers": "MultiOptimizer, which core and TensorFlow.js have",
  "multi-steps": "MultiOptimizer, which core and TensorFlow.js have",
  realms: "arrays of numbers, as core takes them",
  hostile:
    "arguments of core's entries; lists are read once on a device, too, which test/webgpu/bad-input.test.ts shows",
  frameworks: "core's classes; those of this face have the same base, and test/webgpu/bad-input.test.ts looks at them",
  "user-code": "code of the user's within a call of core; that of this face is in test/webgpu/user-code.test.ts",
};
