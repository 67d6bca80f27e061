// The optimizers of the package as the engine on WebGPU takes them, and as core has them, which reads and writes checkpoints.
import * as core from "rmsprop";
import * as webgpu from "rmsprop/webgpu";
import { learningRateOf } from "../../../landscape/optimizers.js";
import { isOwnKind, type OwnKind, type RunSettings } from "../../../settings.js";

/** An optimizer over buffers with these settings, its state fresh. Throws the package's own errors. */
export function createGpuOptimizer(device: GPUDevice, run: RunSettings): webgpu.Optimizer {
  // It checks its options, whatever they are.
  const type = classesOf(run).onDevice as new (device: GPUDevice, options: object) => webgpu.Optimizer;
  return new type(device, optionsOf(run));
}

/** The same over numbers. */
export function createCoreOptimizer(run: RunSettings): core.Optimizer {
  const type = classesOf(run).onNumbers as new (options: object) => core.Optimizer; // as above
  return new type(optionsOf(run));
}

interface Classes {
  readonly onDevice: unknown;
  readonly onNumbers: unknown;
}

const CLASSES: Readonly<Record<OwnKind, Classes>> = {
  rmsprop: { onDevice: webgpu.RMSprop, onNumbers: core.RMSprop },
  sgd: { onDevice: webgpu.SGD, onNumbers: core.SGD },
  adam: { onDevice: webgpu.Adam, onNumbers: core.Adam },
  adamw: { onDevice: webgpu.AdamW, onNumbers: core.AdamW },
  lion: { onDevice: webgpu.Lion, onNumbers: core.Lion },
  adagrad: { onDevice: webgpu.Adagrad, onNumbers: core.Adagrad },
  adadelta: { onDevice: webgpu.Adadelta, onNumbers: core.Adadelta },
  adamax: { onDevice: webgpu.Adamax, onNumbers: core.Adamax },
  nadam: { onDevice: webgpu.Nadam, onNumbers: core.Nadam },
  ftrl: { onDevice: webgpu.Ftrl, onNumbers: core.Ftrl },
  schedulefreeadamw: { onDevice: webgpu.ScheduleFreeAdamW, onNumbers: core.ScheduleFreeAdamW },
};

function classesOf({ kind }: RunSettings): Classes {
  if (isOwnKind(kind)) return CLASSES[kind];
  throw new RangeError(`${kind} has no WebGPU. Choose an optimizer of this package.`);
}

function optionsOf(run: RunSettings): object {
  return { ...run.options, learningRate: learningRateOf(run) };
}
