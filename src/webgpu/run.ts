// A run over buffers of a device. Under a loss scale the device decides which steps are taken: what it has decided is known
// here once somebody has waited for it.
import { StateError } from "../check/errors.js";
import type { Config } from "../core/config.js";
import { Run, runOf } from "../core/run/run.js";
import type { DynamicScale } from "../core/scale/dynamic-scale.js";
import type { GpuArray } from "../engine/webgpu/array.js";
import { FIXED_SCALE, WebGpuEngine } from "../engine/webgpu/engine.js";
import type { OptimizerDefinition } from "../optimizers/definition.js";
import { LearningRateSchedule } from "../schedules/index.js";
import { GpuFace, type GpuGradient, type GpuVariableLike, type StepContext } from "./gpu-face.js";

/** The loss scale of steps that the device may leave out, as a DynamicScale has it. */
interface GuardScale extends Pick<DynamicScale, "growthSteps"> {
  scale: number;
  steps: number;
}

export class GpuRun extends Run<GpuVariableLike, GpuGradient, GpuArray, WebGpuEngine, StepContext> {
  /** The loss scale whose last steps the device has decided and nobody here knows, and the number of all such steps. */
  #undecided: GuardScale | null = null;
  #undecidedSteps = 0;

  constructor(device: GPUDevice, definition: OptimizerDefinition, config: Config) {
    const engine = new WebGpuEngine(device, definition.className, () => {
      this.state.uncount();
    });
    super(definition, config, engine, (state) => new GpuFace(device, engine, state));
  }

  override checkUsable(): void {
    super.checkUsable();
    this.engine.check();
  }

  /** A step that is taken, with gradients of the loss times `lossScale`. */
  apply(
    gradients: readonly GpuGradient[],
    variables: readonly GpuVariableLike[] | undefined,
    lossScale: number | null,
    encoder: GPUCommandEncoder | null = null,
  ): void {
    if (this.config.skipNonFinite) {
      const fixed = { scale: lossScale ?? 1, steps: 0, growthSteps: FIXED_SCALE };
      this.applyScaled(fixed, gradients, variables, lossScale === null ? null : 1, encoder);
      return;
    }
    this.checkDecided();
    this.step(gradients, variables, lossScale, { encoder, growthSteps: null });
  }

  /**
   * A step that the device takes only if all gradients are finite. What it has decided is known after `ready`. With a
   * `lossScale` of 1 the gradients are those of the scaled loss, with null those of the loss itself.
   */
  applyScaled(
    scale: GuardScale,
    gradients: readonly GpuGradient[],
    variables: readonly GpuVariableLike[] | undefined,
    lossScale: 1 | null,
    encoder: GPUCommandEncoder | null = null,
  ): void {
    if (!this.isDecided && this.#countsSteps) {
      const wait = scale.growthSteps === FIXED_SCALE ? "ready" : "settle";
      const why =
        "this step depends on whether the last one was taken: its schedule, accumulation or overwriting counts";
      throw new StateError(this.className, `${why}. Await ${wait}() before the next apply().`);
    }
    this.showScale(scale);
    // The device leaves it out, and is asked for no answer here.
    this.step(gradients, variables, lossScale, { encoder, growthSteps: scale.growthSteps }, "always");
    this.#undecided = scale;
    this.#undecidedSteps++;
  }

  override flush(context: StepContext = { encoder: null, growthSteps: null }): boolean {
    this.checkDecided();
    return super.flush(context);
  }

  /** Gives the device the scale, unless it knows better; returns where it keeps the number. */
  showScale({ scale, steps }: GuardScale): GPUBufferBinding {
    this.checkUsable();
    if (this.isDecided) this.engine.writeScale({ scale, steps, calls: this.state.calls });
    return this.engine.scaleBinding;
  }

  /** Whether all steps with a loss scale are known to have been taken or not. */
  get isDecided(): boolean {
    return this.#undecided === null;
  }

  /** Throws while they are not. */
  checkDecided(): void {
    if (this.isDecided) return;
    const problem = "it is not known yet whether the last step with a loss scale was taken. Await ready() first.";
    throw new StateError(this.className, problem);
  }

  /** When the device has done what was queued so far, and its decisions are known. Throws what it has refused. */
  async ready(): Promise<void> {
    this.checkAlive();
    await this.engine.ready();
    while (this.#undecided !== null) {
      const steps = this.#undecidedSteps;
      const { calls, ...scale } = await this.engine.readScale();
      // Another step may have been queued meanwhile.
      if (this.#undecided === null || steps !== this.#undecidedSteps) continue;
      this.state.skipped += this.state.calls - calls;
      this.state.recount(calls);
      Object.assign(this.#undecided, scale);
      this.#undecided = null;
    }
  }

  override dispose(): void {
    super.dispose();
    this.engine.dispose();
  }

  /** Whether a step depends on how many were made: then it must be known whether the last one was taken. */
  get #countsSteps(): boolean {
    const { gradientAccumulationSteps, useEma, emaOverwriteFrequency } = this.config;
    const { definition, learningRate } = this.state;
    const overwrites = useEma && !!emaOverwriteFrequency;
    const hasSchedule = learningRate.source instanceof LearningRateSchedule;
    return hasSchedule || !!gradientAccumulationSteps || overwrites || definition.perStep !== undefined;
  }
}

/** The run of an optimizer of this face. */
export function gpuRunOf(optimizer: object): GpuRun {
  return runOf(optimizer) as GpuRun; // its class has made it
}
