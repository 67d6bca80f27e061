// "rmsprop" as the contract knows it, over a device: the classes of rmsprop/webgpu behind the constructors of core. Numbers
// become buffers here; everything else - checks, steps, state, messages - is the face's own.
import * as core from "rmsprop";
import * as webgpu from "rmsprop/webgpu";
import { startDevice } from "../device.js";
import { missing } from "./features.js";

export * from "rmsprop";

export const { device } = await startDevice();

/** As core's: only the engine under test is there. */
export function setEngine(name: string): string {
  return name === "webgpu" ? name : missing("other engines");
}

const KERAS: readonly unknown[] = Object.values(core.constraints);

export class Variable extends webgpu.GpuVariable {
  constructor(value: core.NestedNumbers | webgpu.GpuVariable, options: core.VariableOptions = {}) {
    const { dtype, trainable, constraint = null, ...rest } = options;
    if (dtype === "float64" || value instanceof Float64Array) missing("float64");
    if (constraint !== null && !KERAS.includes(constraint.constructor)) missing("constraints of one's own");
    const isCopy = value instanceof webgpu.GpuVariable;
    super(device, isCopy ? new Float32Array(value.size) : value, {
      ...(isCopy && { shape: value.shape }),
      ...rest,
      constraint: constraint as webgpu.GpuConstraint | null, // it is one of KERAS
    });
    if (isCopy) this.#copy(value);
  }

  #copy({ buffer, byteOffset, size }: webgpu.GpuVariable): void {
    const commands = device.createCommandEncoder();
    commands.copyBufferToBuffer(buffer, byteOffset, this.buffer, this.byteOffset, 4 * size);
    device.queue.submit([commands.finish()]);
  }

  /** A variable of core with the same values, name and shape. */
  async onHost(): Promise<core.Variable> {
    return new core.Variable(await this.read(), { name: this.name, shape: this.shape });
  }

  get value(): never {
    return missing("live values");
  }

  item(): never {
    return missing("live values");
  }

  toArray(): never {
    return missing("live values");
  }

  override toString(): never {
    return missing("live values");
  }
}

type Gradient = core.Gradient | webgpu.GpuGradient;
type Loss<T> = () => core.LossAndGradients<T, Gradient>;
type Variables = readonly webgpu.GpuVariableLike[];

/** Variables as they are passed; arrays of numbers cannot be trained here. */
function checked<T extends Variables | undefined>(variables: T): T {
  const isArray = (each: unknown): boolean => ArrayBuffer.isView(each);
  if (Array.isArray(variables) && variables.some(isArray)) missing("arrays");
  return variables;
}

const buffers = new WeakMap<object, webgpu.GpuVariable>();

/** A gradient's numbers on the device: in the same place for the same array. Anything else is passed as it is. */
function onDevice(gradient: Gradient): webgpu.GpuGradient {
  if (gradient instanceof Float64Array) missing("float64");
  if (typeof gradient === "number") return made(gradient);
  if (!Array.isArray(gradient) && !(gradient instanceof Float32Array)) return gradient as webgpu.GpuGradient;
  if (gradient instanceof Float32Array && isDetached(gradient)) missing("detached arrays");
  const known = buffers.get(gradient);
  if (gradient instanceof Float32Array && known?.size === gradient.length) return known.assign(gradient);
  const created = made(gradient);
  buffers.set(gradient, created);
  return created;
}

function isDetached({ buffer }: Float32Array): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

function made(numbers: core.NestedNumbers): webgpu.GpuVariable {
  try {
    return new webgpu.GpuVariable(device, numbers);
  } catch {
    return missing("gradients that are no numbers");
  }
}

function allOnDevice(gradients: readonly Gradient[]): readonly webgpu.GpuGradient[] {
  return Array.isArray(gradients) ? Array.from(gradients, onDevice) : (gradients as never); // refused by the face
}

/** A loss function whose gradients are on the device. */
function lossOnDevice<T>(loss: Loss<T>): () => webgpu.GpuLoss<T> {
  if (typeof loss !== "function") return loss;
  return () => {
    const result = loss();
    if (!Array.isArray(result?.gradients)) return result as never; // refused by the face
    if (typeof result.value !== "number") missing("a loss that must be a number");
    return { ...result, gradients: allOnDevice(result.gradients) };
  };
}

/** An own variable of an optimizer as the contract's `hostOf` awaits it. */
function awaitable(variable: webgpu.GpuOptimizerVariable) {
  if ("onHost" in variable) return variable;
  return {
    ...variable,
    get value(): never {
      return missing("live values");
    },
    onHost: async () => ({ ...variable, value: await variable.read() }),
  };
}

/** Those of the running test: what the device has refused of their steps is found when the test has ended. */
export const optimizers: webgpu.Optimizer[] = [];

/** Makes an optimizer take what one of core takes. */
function adapt(optimizer: webgpu.Optimizer | webgpu.LossScaleOptimizer): void {
  const { build, apply, minimize, finalizeVariableValues } = optimizer;
  if ("excludeFromWeightDecay" in optimizer) {
    const exclude = optimizer.excludeFromWeightDecay.bind(optimizer);
    optimizer.excludeFromWeightDecay = (exclusion) => {
      checked(exclusion?.variables);
      exclude(exclusion);
    };
  }
  const face = Object.getPrototypeOf(optimizer);
  Object.assign(optimizer, {
    build: (variables: Variables) => build.call(optimizer, checked(variables)),
    apply: (gradients: readonly Gradient[], variables?: Variables) =>
      apply.call(optimizer, allOnDevice(gradients), checked(variables)),
    minimize: (loss: Loss<number>, variables?: Variables) =>
      minimize.call(optimizer, lossOnDevice(loss), checked(variables)),
    finalizeVariableValues: (variables?: Variables) =>
      finalizeVariableValues.call(optimizer, checked(variables) ?? missing("variables by default")),
    statelessApply: () => missing("statelessApply"),
  });
  const variables = (): webgpu.GpuOptimizerVariable[] => Reflect.get(face, "variables", optimizer);
  Object.defineProperty(optimizer, "variables", { get: () => variables().map(awaitable) });
  if (optimizer instanceof webgpu.Optimizer) optimizers.push(optimizer);
}

// The classes of the face with the constructors of core.

export class RMSprop extends webgpu.RMSprop {
  constructor(options?: core.RMSpropOptions) {
    super(device, options);
    adapt(this);
  }

  static override fromConfig(): never {
    return missing("configs");
  }
}

export class SGD extends webgpu.SGD {
  constructor(options?: core.SGDOptions) {
    super(device, options);
    adapt(this);
  }

  static override fromConfig(): never {
    return missing("configs");
  }
}

const sibling = (Class: webgpu.OptimizerClass<object, never>) =>
  class extends Class {
    constructor(options?: object) {
      super(device, options as never); // which the class checks
      adapt(this as object as webgpu.Optimizer); // whatever its own options are
    }

    static override fromConfig(): never {
      return missing("configs");
    }
  };

export const Adam = sibling(webgpu.Adam);
export const AdamW = sibling(webgpu.AdamW);
export const Lion = sibling(webgpu.Lion);
export const Nadam = sibling(webgpu.Nadam);
export const Ftrl = sibling(webgpu.Ftrl);
export const ScheduleFreeAdamW = sibling(webgpu.ScheduleFreeAdamW);

export class LossScaleOptimizer extends webgpu.LossScaleOptimizer {
  constructor(...parameters: ConstructorParameters<typeof webgpu.LossScaleOptimizer>) {
    super(...parameters);
    adapt(this);
  }

  static override fromConfig(): never {
    return missing("configs");
  }
}

export function defineOptimizer(definition: core.OptimizerDefinition) {
  const created = class extends webgpu.Optimizer {
    constructor(options: core.OptimizerOptions<core.Hyper> = {}) {
      super(device, definition, options);
      adapt(this);
    }

    static override fromConfig(): never {
      return missing("configs");
    }
  };
  Object.defineProperty(created, "name", { value: definition.className });
  return created;
}

export const Optimizer = webgpu.Optimizer;

export const deserialize = (): never => missing("configs");
export const get = (): never => missing("configs");
