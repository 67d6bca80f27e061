// The arguments of a step: variables and gradients as arrays of the engine, or an error that names what does not fit.

import { checkedItems } from "../check/arguments.js";
import { badKind, badValue, StateError, Verbatim } from "../check/errors.js";
import { adviceForFace } from "../check/foreign-objects.js";
import { isSame } from "../check/lists.js";
import type { EvaluatedLoss } from "../core/loss.js";
import { checkCount, NamedInputs } from "../core/run/named-inputs.js";
import type { RunState } from "../core/run/run-state.js";
import type { Target } from "../core/run/target.js";
import type { GpuArray } from "../engine/webgpu/array.js";
import { FLOAT_BYTES } from "../engine/webgpu/array.js";
import type { WebGpuEngine } from "../engine/webgpu/engine.js";
import { arrayOfBuffer, checkBuffer, checkUsage, isBuffer } from "./buffers.js";
import { GpuVariable } from "./variable.js";

/** A variable to train: a GpuVariable, or a whole buffer of float32 numbers. */
export type GpuVariableLike = GpuVariable | GPUBuffer;

/** A gradient: a GpuVariable of as many elements, a buffer that holds at least so many, or `null` for none. */
export type GpuGradient = GpuVariable | GPUBuffer | null;

/**
 * What a loss function gives to `minimize`: gradients of the loss itself, without any scale, and whatever holds the loss: a
 * number, a buffer, a promise. It is handed back as it is.
 */
export interface GpuLoss<T> extends EvaluatedLoss<T, GpuGradient> {}

/** The variables as an optimizer keeps them. Refuses the same memory twice. */
export function gpuTargetsOf(
  owner: string,
  device: GPUDevice,
  variables: readonly GpuVariableLike[],
): Target<GpuArray>[] {
  const items = checkedItems(owner, "variables", variables, PASS_VARIABLES);
  const targets = items.map((variable, i) => targetOf(owner, device, variable, i));
  refuseSharedMemory(owner, targets);
  return targets;
}

function refuseSharedMemory(owner: string, targets: readonly Target<GpuArray>[]): void {
  const byBuffer = new Map<GPUBuffer, Target<GpuArray>[]>();
  for (const target of targets) {
    const others = byBuffer.get(target.array.buffer) ?? [];
    byBuffer.set(target.array.buffer, others);
    const same = others.find(({ array }) => overlaps(array, target.array));
    others.push(target);
    if (same === undefined) continue;
    const received = new Verbatim(`${same.name} and ${target.name}`);
    const remedy = "Pass each variable once, and no parts of a buffer that overlap.";
    throw badValue({ owner, argument: "variables", requirement: "not share memory", received, remedy });
  }
}

function targetOf(owner: string, device: GPUDevice, variable: GpuVariableLike, index: number): Target<GpuArray> {
  const argument = `variables[${index}]`;
  const common = { key: variable, dtype: "float32", overwriteWithGradient: false } as const;
  if (variable instanceof GpuVariable) {
    checkSameDevice(owner, argument, device, variable);
    return { ...common, name: variable.name, shape: variable.shape, array: variable.array };
  }
  if (!isBuffer(variable)) {
    const remedy = adviceForFace(
      variable,
      "rmsprop/webgpu",
      "Put numbers on the device with new GpuVariable(device, numbers).",
    );
    throw badKind({ owner, argument, requirement: "be a GpuVariable or a GPUBuffer", received: variable, remedy });
  }
  const length = Math.floor(variable.size / FLOAT_BYTES);
  checkBuffer(owner, argument, device, variable, { byteOffset: 0, length });
  const name = variable.label.replaceAll("/", "_") || (index === 0 ? "variable" : `variable_${index}`);
  return { ...common, name, shape: [length], array: { buffer: variable, byteOffset: 0, length, label: name } };
}

/** A call whose arguments were found good. */
interface LastCall {
  readonly gradients: readonly GpuGradient[];
  readonly variables: readonly GpuVariableLike[] | undefined;
  readonly indices: readonly number[];
}

const PASS_ONE = "Pass one for each variable, in their order.";
const PASS_VARIABLES = "Pass [variable], even for one.";

/** Turns arguments into indices and arrays. Its lists are kept from step to step, so that a step allocates nothing. */
export class GpuInputs extends NamedInputs {
  readonly #device: GPUDevice;
  readonly #engine: WebGpuEngine;
  readonly #run: RunState<GpuArray>;
  readonly #variablesByBuffer = new Map<GPUBuffer, GpuArray[]>();
  readonly #scratch: GpuArray[] = [];
  #last: LastCall | null = null;
  /** The arrays of the last `resolve`, `null` where there is no gradient. */
  readonly gradients: (GpuArray | null)[] = [];

  constructor(owner: string, device: GPUDevice, engine: WebGpuEngine, run: RunState<GpuArray>) {
    super(owner, run);
    this.#device = device;
    this.#engine = engine;
    this.#run = run;
    for (const { array } of run.targets) {
      const others = this.#variablesByBuffer.get(array.buffer) ?? [];
      this.#variablesByBuffer.set(array.buffer, [...others, array]);
    }
  }

  /** The indices of the variables, each with its gradient in `gradients`; or an error, and nothing has changed. */
  resolve(gradients: readonly GpuGradient[], variables: readonly GpuVariableLike[] | undefined): readonly number[] {
    const last = this.#last;
    if (last !== null && repeats(last, gradients, variables) && last === this.#last) {
      this.checkAlive();
      return last.indices;
    }
    // First all that may run code of the user's: a list may be a proxy, or have getters.
    const given = checkedItems(this.owner, "gradients", gradients, PASS_ONE);
    const wanted = variables && checkedItems(this.owner, "variables", variables, PASS_VARIABLES);
    this.checkAlive();
    this.#last = null;
    const indices = wanted === undefined ? this.all : this.indicesOf(wanted);
    checkCount(this.owner, "gradients", given, indices.length);
    for (let i = 0; i < indices.length; i++) {
      this.gradients[i] = this.#arrayOf(given[i], i, this.#run.targets[indices[i] ?? 0]);
    }
    this.gradients.length = indices.length;
    if (this.gradients.includes(null)) this.reportMissing(indices, this.gradients);
    // What was copied has to be copied each time.
    if (!this.#copyVariables(indices)) {
      this.#last = { gradients: given, variables: wanted, indices: indices.slice() };
    }
    return indices;
  }

  /** Throws when one of the variables was disposed: a step may touch them all. */
  checkAlive(): void {
    for (const { key, name } of this.#run.targets) {
      if (!(key instanceof GpuVariable) || !key.disposed) continue;
      throw new StateError(this.owner, `variable ${name} was disposed. Make a new optimizer without it.`);
    }
  }

  dispose(): void {
    for (const array of this.#scratch) if (array !== undefined) this.#engine.free(array);
  }

  #arrayOf(gradient: GpuGradient | undefined, position: number, target: Target<GpuArray> | undefined): GpuArray | null {
    if (gradient === null || target === undefined) return null;
    const argument = `gradients[${position}]`;
    const length = target.array.length;
    if (gradient instanceof GpuVariable) {
      checkSameDevice(this.owner, argument, this.#device, gradient);
      if (gradient.size === length) return gradient.array;
      const requirement = `have the shape [${target.shape}] of ${target.name}, ${length} elements`;
      const received = new Verbatim(`shape [${gradient.shape}]`);
      const remedy = "Pass gradients in the order of the variables.";
      throw badValue({ owner: this.owner, argument, requirement, received, remedy });
    }
    if (!isBuffer(gradient)) {
      const requirement = `be a GPUBuffer or a GpuVariable for ${target.name}, or null`;
      const advice = "Put numbers there with new GpuVariable(device, numbers); pass null where there is no gradient.";
      const remedy = adviceForFace(gradient, "rmsprop/webgpu", advice);
      throw badKind({ owner: this.owner, argument, requirement, received: gradient, remedy });
    }
    checkBuffer(this.owner, argument, this.#device, gradient, { byteOffset: 0, length });
    return arrayOfBuffer(gradient, length);
  }

  /** A step reads all gradients as they were before it: those that lie in a variable's memory are copied, if any. */
  #copyVariables(indices: readonly number[]): boolean {
    let copied = false;
    for (let i = 0; i < indices.length; i++) {
      const array = this.gradients[i] ?? null;
      const variables = array === null ? undefined : this.#variablesByBuffer.get(array.buffer);
      if (array === null || !variables?.some((variable) => overlaps(variable, array))) continue;
      const index = indices[i] ?? 0;
      const remedy = "It lies in a variable's memory, so that it must be copied before the step.";
      checkUsage(this.owner, `gradients[${i}]`, array.buffer, "COPY_SRC", remedy);
      const name = `${this.#run.targets[index]?.name}_gradient`;
      this.#scratch[index] ??= this.#engine.zeros({ dtype: "float32", shape: [array.length], array }, name);
      const copy = this.#scratch[index];
      this.#engine.copy(array, copy);
      this.gradients[i] = copy;
      copied = true;
    }
    return copied;
  }
}

/**
 * Whether these are the objects of the last call, and still as good. What was looked at of buffers cannot change: those that
 * kernels can have are never mapped again.
 */
function repeats(
  last: LastCall,
  gradients: readonly GpuGradient[],
  variables: readonly GpuVariableLike[] | undefined,
): boolean {
  const sameVariables =
    last.variables === variables || (!!last.variables && !!variables && isSame(last.variables, variables));
  if (!sameVariables || !isSame(last.gradients, gradients)) return false;
  return !gradients.some((gradient) => gradient instanceof GpuVariable && gradient.disposed);
}

function checkSameDevice(owner: string, argument: string, device: GPUDevice, variable: GpuVariable): void {
  if (variable.device === device) return;
  const remedy = "Read it and make a new GpuVariable on the optimizer's device.";
  const requirement = "be on the optimizer's device";
  throw badValue({
    owner,
    argument,
    requirement,
    received: new Verbatim(`${variable.name} of another device`),
    remedy,
  });
}

function overlaps(a: GpuArray, b: GpuArray): boolean {
  if (a.buffer !== b.buffer) return false;
  return a.byteOffset < b.byteOffset + b.length * FLOAT_BYTES && b.byteOffset < a.byteOffset + a.length * FLOAT_BYTES;
}
