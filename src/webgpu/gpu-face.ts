// The arguments of a step: variables and gradients as arrays of the engine, or an error that names what does not fit.

import { type Argument, Verbatim } from "../check/argument.js";
import { StateError } from "../check/errors.js";
import { adviceForFace } from "../check/foreign-objects.js";
import { variableName } from "../check/names.js";
import type { EvaluatedLoss } from "../core/loss.js";
import type { Call } from "../core/run/call.js";
import type { Face } from "../core/run/face.js";
import type { RunState } from "../core/run/run-state.js";
import { sharedMemory, type Target, wrongShape } from "../core/run/target.js";
import type { Step } from "../engine/engine.js";
import { FLOAT_BYTES, type GpuArray, gpuByteLength } from "../engine/webgpu/array.js";
import type { GpuContext, WebGpuEngine } from "../engine/webgpu/engine.js";
import type { ArrayConstraint } from "../engine/webgpu/kernels.js";
import { arrayOfBuffer, checkBuffer, checkUsage, isBuffer } from "./buffers.js";
import { arrayConstraintOf } from "./constraints.js";
import {
  arrayOfPart,
  type GpuGradientBuffer,
  type GradientPart,
  isGradientBuffer,
  readGradientBuffer,
} from "./gradient-buffers.js";
import { GpuVariable, gpuArrayOf } from "./variable.js";

/** A variable to train: a GpuVariable, or a whole buffer of float32 numbers. */
export type GpuVariableLike = GpuVariable | GPUBuffer;

/**
 * A gradient: a GpuVariable of as many elements, a buffer that holds at least so many, a part of one, which may be in half
 * precision, or `null` for none.
 */
export type GpuGradient = GpuVariable | GPUBuffer | GpuGradientBuffer | null;

/** A gradient of which nothing is left to read that may run code of the user's. */
type SteadyGpuGradient = GpuVariable | GPUBuffer | GradientPart | null;

/**
 * What a loss function gives to `minimize`: gradients of the loss itself, without any scale, and whatever holds the loss: a
 * number, a buffer, a promise. It is handed back as it is.
 */
export interface GpuLoss<T> extends EvaluatedLoss<T, GpuGradient> {}

function refuseSharedMemory(argument: Argument, targets: readonly Target<GpuArray>[]): void {
  const byBuffer = new Map<GPUBuffer, Target<GpuArray>[]>();
  for (const target of targets) {
    const others = byBuffer.get(target.array.buffer) ?? [];
    byBuffer.set(target.array.buffer, others);
    const same = others.find(({ array }) => overlaps(array, target.array));
    others.push(target);
    if (same === undefined) continue;
    throw sharedMemory(argument, same, target, "Pass each variable once, and no parts of a buffer that overlap.");
  }
}

function targetOf(argument: Argument, device: GPUDevice, variable: GpuVariableLike, index: number): Target<GpuArray> {
  const common = { key: variable, dtype: "float32" } as const;
  if (variable instanceof GpuVariable) {
    checkSameDevice(argument, device, variable);
    const { name, shape, overwriteWithGradient } = variable;
    return { ...common, name, shape, array: gpuArrayOf(variable), overwriteWithGradient };
  }
  if (!isBuffer(variable)) {
    const advice = "Put numbers on the device with new GpuVariable(device, numbers).";
    const remedy = adviceForFace(variable, "rmsprop/webgpu", advice);
    throw argument.badKind("be a GpuVariable or a GPUBuffer", variable, remedy);
  }
  const length = Math.floor(variable.size / FLOAT_BYTES);
  const name = variable.label.replaceAll("/", "_") || variableName(index);
  const array = { buffer: variable, byteOffset: 0, length, label: name };
  checkBuffer(argument, device, array);
  return { ...common, name, shape: [length], array, overwriteWithGradient: false };
}

/** A gradient that lies in a variable's memory, and where it is copied before a step. */
type Copy = GpuContext["copies"][number];

/** What is said of a step beside its arguments. @internal */
export type StepContext = Pick<GpuContext, "encoder" | "growthSteps">;

/** The arguments of a run over buffers of a device. @internal */
export class GpuFace implements Face<GpuVariableLike, GpuGradient, SteadyGpuGradient, GpuArray, StepContext> {
  readonly #variables: Argument;
  readonly #gradients: Argument;
  readonly #device: GPUDevice;
  readonly #engine: WebGpuEngine;
  readonly #run: RunState<GpuArray>;
  readonly #variablesByBuffer = new Map<GPUBuffer, GpuArray[]>();
  readonly #copies = new Map<number, Copy>();
  /** Of each variable, its constraint as kernels take it. */
  #constraints: readonly (ArrayConstraint | null)[] = [];

  constructor(device: GPUDevice, engine: WebGpuEngine, run: RunState<GpuArray>) {
    this.#variables = run.argument("variables");
    this.#gradients = run.argument("gradients");
    this.#device = device;
    this.#engine = engine;
    this.#run = run;
  }

  isVariable(value: unknown): boolean {
    return value instanceof GpuVariable || isBuffer(value);
  }

  targetsOf(variables: readonly GpuVariableLike[]): Target<GpuArray>[] {
    const targets = variables.map((variable, i) => targetOf(this.#variables.at(i), this.#device, variable, i));
    refuseSharedMemory(this.#variables, targets);
    return targets;
  }

  opened(): () => void {
    const { targets } = this.#run;
    for (const { array } of targets) {
      const others = this.#variablesByBuffer.get(array.buffer) ?? [];
      this.#variablesByBuffer.set(array.buffer, [...others, array]);
    }
    this.#constraints = targets.map((target) => {
      const { key, overwriteWithGradient } = target;
      const constraint = key instanceof GpuVariable && !overwriteWithGradient ? key.constraint : null;
      return arrayConstraintOf(this.#engine, target, constraint);
    });
    return () => this.#close();
  }

  checkAlive(): void {
    this.#engine.check();
    for (const { key, name } of this.#run.targets) {
      if (!(key instanceof GpuVariable) || !key.disposed) continue;
      throw new StateError(this.#run.className, `variable ${name} was disposed. Make a new optimizer without it.`);
    }
  }

  steadied(gradients: readonly GpuGradient[]): SteadyGpuGradient[] {
    const items = this.#gradients.items(gradients, "Pass one for each variable, in their order.");
    return items.map(
      (gradient, i) =>
        isGradientBuffer(gradient) && !isBuffer(gradient)
          ? readGradientBuffer(this.#gradients.at(i), gradient)
          : (gradient as SteadyGpuGradient), // what else there is
    );
  }

  run(step: Step<GpuArray>, call: Call<GpuArray>, context: StepContext): void {
    const constraints = this.#constraintsOf(call);
    this.#engine.run(step, { ...context, constraints, copies: this.#copiesFor(call) });
  }

  /** Averages are copied into variables, and variables are kept meanwhile. */
  checkAverages(): void {
    for (const { name, array } of this.#run.targets) {
      const remedy = "Its average is copied into it: make the buffer with it.";
      for (const flag of ["COPY_DST", "COPY_SRC"] as const) {
        checkUsage(this.#run.argument(name), array.buffer, flag, remedy);
      }
    }
  }

  /** A step reads all gradients as they were before it: those that lie in a variable's memory are to be copied first. */
  arrayOf(gradient: SteadyGpuGradient, position: number, index: number): GpuArray | null {
    const target = this.#run.targets[index] as Target<GpuArray>; // an index of the list
    const array = this.#arrayOf(gradient, position, target);
    const variables = array === null ? undefined : this.#variablesByBuffer.get(array.buffer);
    if (array === null || !variables?.some((variable) => overlaps(variable, array))) return array;
    const remedy = "It lies in a variable's memory, so that it must be copied before the step.";
    checkUsage(this.#gradients.at(position), array.buffer, "COPY_SRC", remedy);
    const known = this.#copies.get(index)?.to;
    // A buffer for float32 numbers has room for every format.
    const { format } = array;
    const to = known !== undefined && known.format === format ? known : { ...(known ?? this.#zeros(target)), format };
    this.#copies.set(index, { from: array, to });
    return to;
  }

  #zeros(target: Target<GpuArray>): GpuArray {
    return this.#engine.zeros(target, `${target.name}_gradient`);
  }

  /** What was copied has to be copied each time. What was looked at of buffers cannot change: they are never mapped again. */
  isSteady(_gradient: SteadyGpuGradient, array: GpuArray | null): boolean {
    return this.#copies.size === 0 || ![...this.#copies.values()].some(({ to }) => to === array);
  }

  /** The constraints of the variables that have a gradient. */
  #constraintsOf({ indices, gradients }: Call<GpuArray>): ArrayConstraint[] {
    if (!this.#constraints.some((constraint) => constraint !== null)) return [];
    return indices.flatMap((index, i) => (gradients[i] === null ? [] : (this.#constraints[index] ?? [])));
  }

  /** What has to be copied before a step with these gradients. */
  #copiesFor({ gradients }: Call<GpuArray>): Copy[] {
    if (this.#copies.size === 0) return [];
    return [...this.#copies.values()].filter(({ to }) => gradients.includes(to));
  }

  #close(): void {
    for (const { to } of this.#copies.values()) this.#engine.free(to);
    for (const constraint of this.#constraints) if (constraint?.cells) this.#engine.free(constraint.cells);
    this.#copies.clear();
    this.#variablesByBuffer.clear();
    this.#constraints = [];
  }

  #arrayOf(gradient: SteadyGpuGradient, position: number, target: Target<GpuArray>): GpuArray | null {
    if (gradient === null) return null;
    const argument = this.#gradients.at(position);
    const length = target.array.length;
    if (gradient instanceof GpuVariable) {
      checkSameDevice(argument, this.#device, gradient);
      if (gradient.size === length) return gpuArrayOf(gradient);
      throw wrongShape(argument, gradient.shape, target);
    }
    if (isGradientBuffer(gradient) && !isBuffer(gradient)) {
      const array = arrayOfPart(gradient, length);
      checkBuffer(argument, this.#device, array);
      return array;
    }
    if (!isBuffer(gradient)) {
      const advice = "Put numbers there with new GpuVariable(device, numbers); pass null where there is no gradient.";
      const remedy = adviceForFace(gradient, "rmsprop/webgpu", advice);
      throw argument.badKind(`be a GPUBuffer or a GpuVariable for ${target.name}, or null`, gradient, remedy);
    }
    const array = arrayOfBuffer(gradient, length);
    checkBuffer(argument, this.#device, array);
    return array;
  }
}

function checkSameDevice(argument: Argument, device: GPUDevice, variable: GpuVariable): void {
  if (variable.device === device) return;
  const remedy = "Read it and make a new GpuVariable on the optimizer's device.";
  throw argument.badValue("be on the optimizer's device", new Verbatim(`${variable.name} of another device`), remedy);
}

function overlaps(a: GpuArray, b: GpuArray): boolean {
  if (a.buffer !== b.buffer) return false;
  const endOf = (array: GpuArray): number => array.byteOffset + gpuByteLength(array, array.length);
  return a.byteOffset < endOf(b) && b.byteOffset < endOf(a);
}
