// class LossScaleOptimizer of "rmsprop/tfjs": a tf.Optimizer that scales the loss of another one.
import * as tf from "@tensorflow/tfjs-core";
import { membersOn } from "../core/members.js";
import { LOSS_SCALE_OPTIMIZER, lossScaleArgument } from "../core/scale/dynamic-scale.js";
import {
  badInner,
  holdScale,
  holdScaleState,
  innerAndOptions,
  LossScaleMembers,
  type LossScaleOptions,
  scaleOf,
} from "../core/scale/loss-scale.js";
import type { CustomObjects, KerasConfig } from "../core/serialization.js";
import { scaleVariables } from "../core/state/state-variables.js";
import { byClassName } from "../optimizers/index.js";
import { kerasConfig, objectsFor } from "./config.js";
import { OptimizerOfTensors, TensorMembers } from "./optimizer.js";
import { type Optimizer, tensorClassOf } from "./optimizer-class.js";
import type { Saved } from "./state/saved-state.js";
import { createScaledState } from "./state/scaled-state.js";
import { holdTraining, trainingOf } from "./training.js";

export type { LossScaleOptions } from "../core/scale/loss-scale.js";

type MembersClass = abstract new () => LossScaleMembers<Optimizer> & TensorMembers<object>;

// It is a tf.Optimizer, and has been given the members.
const Base: MembersClass = /* @__PURE__ */ membersOn(TensorMembers, LossScaleMembers) as MembersClass;

/**
 * Multiplies the loss by a large factor before gradients are taken, so that they do not vanish in half precision, and
 * divides them again. A step whose gradients are not all finite is left out and halves the factor; after
 * `dynamicGrowthSteps` finite steps in a row it doubles. The answer is awaited in each step, which costs most on webgl and
 * webgpu; over buffers of a device, `rmsprop/webgpu` has one that never waits. Source: `keras.optimizers.LossScaleOptimizer`.
 */
export class LossScaleOptimizer extends Base {
  readonly innerOptimizer: Optimizer;
  readonly #saved: Saved;

  constructor(innerOptimizer: Optimizer, options: LossScaleOptions = {}) {
    super();
    if (!(innerOptimizer instanceof OptimizerOfTensors)) {
      throw badInner("innerOptimizer", innerOptimizer, 'Pass an optimizer of "rmsprop/tfjs".');
    }
    holdScale(this, innerOptimizer, options);
    this.innerOptimizer = innerOptimizer;
    holdScaleState(this, innerOptimizer);
    const scale = scaleOf(this);
    const { run } = trainingOf(innerOptimizer);
    this.#saved = createScaledState(run.saved, scaleVariables(this.name, scale));
    holdTraining(this, { argument: lossScaleArgument, run, saved: this.#saved, scale });
  }

  static get className(): string {
    return LOSS_SCALE_OPTIMIZER;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return super.getConfig() as tf.serialization.ConfigDict; // a config holds nothing but JSON
  }

  /** `fromConfig(config)` with Keras' JSON, or `fromConfig(cls, config)` as TensorFlow.js calls it. */
  static fromConfig<T extends tf.serialization.Serializable>(
    type: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T;
  static fromConfig(config: KerasConfig, customObjects?: CustomObjects): LossScaleOptimizer;
  static fromConfig(first: unknown, second: KerasConfig = {}): unknown {
    const classes = { ...byClassName(tensorClassOf), ...objectsFor(first, second) };
    const { type, config: inner, options } = innerAndOptions(kerasConfig(first, second), classes);
    return new LossScaleOptimizer(type.fromConfig(inner, classes) as Optimizer, options); // which checks it
  }

  override dispose(): void {
    super.dispose();
    this.#saved.dispose();
  }
}

// Here rather than in register.ts, since a bundler keeps it wherever the class is used.
tf.serialization.registerClass(LossScaleOptimizer);
