// Runs a case of real Keras (test/oracle) with the classes of rmsprop/jax, as test/oracle/run-case.ts runs it with core.
import type { numpy as np } from "@jax-js/jax";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  type EngineName,
  Ftrl,
  Lion,
  Nadam,
  type Optimizer,
  RMSprop,
  ScheduleFreeAdamW,
  SGD,
  Variable,
} from "rmsprop/jax";
import { canonical, decode, ulpDistance } from "../oracle/bits.js";
import { type Case, CLASS_NAMES, type ClassName, type StepSpec } from "../oracle/case.js";
import {
  comparable,
  exclusionOf,
  gradientAt,
  hashOf,
  initialValues,
  itemAt,
  orderOf,
  weightsAt,
} from "../oracle/case-data.js";
import { lostElements, type NamedArray } from "../oracle/compare.js";
import { scheduleOf } from "../oracle/run-case.js";
import { array } from "./backends.js";

/** Whether a case stays within what arrays of jax-js have: float32, no constraints, no wrapper. */
export function runsOnArrays({ dtype, variables, scale, build, steps }: Case): boolean {
  if (dtype !== "float32" || scale) return false;
  if (variables.some(({ constraint, overwrite }) => constraint || overwrite)) return false;
  return build === true || (steps[0]?.use ?? variables).length === variables.length;
}

/** Whether a norm of jax-js decides. */
export function hasNorm({ config }: Case): boolean {
  return Number(config.clipnorm ?? 0) > 0 || Number(config.global_clipnorm ?? 0) > 0;
}

/** A mismatch in words, or null; and the greatest distance of an element of the end, where Keras' are stored. */
export function compareCase(testCase: Case, engine: EngineName): { mismatch: string | null; ulp: number } {
  const run = new CaseRun(testCase, engine);
  let mismatch: string | null = null;
  try {
    for (const [call, step] of testCase.steps.entries()) {
      const hash = run.step(step, call);
      if (hash !== testCase.hashes[call]) mismatch ??= `${testCase.id}: the state differs from call ${call} on`;
    }
    return { mismatch, ulp: run.greatestDistance() };
  } catch (error) {
    return { mismatch: `${testCase.id}: ${error}`, ulp: Number.POSITIVE_INFINITY };
  } finally {
    run.dispose();
  }
}

type AnyClass = {
  fromConfig(config: Case["config"], customObjects: Readonly<Record<string, unknown>>, engine: EngineName): Optimizer;
};
const CLASSES: Readonly<Record<ClassName, AnyClass>> = {
  ...{ RMSprop, SGD, Adam, AdamW, Lion },
  ...{ Adagrad, Adadelta, Adamax, Nadam, Ftrl, ScheduleFreeAdamW },
};

class CaseRun {
  readonly #case: Case;
  readonly #engine: EngineName;
  readonly #variables: readonly Variable[];
  // The order that the optimizer knows: that of build, or of the first call.
  readonly #order: readonly number[];
  #optimizer: Optimizer;
  #call = 0;

  constructor(testCase: Case, engine: EngineName) {
    this.#case = testCase;
    this.#engine = engine;
    this.#variables = initialValues(testCase).map(({ name, shape, value }) => {
      return new Variable(array(value, shape), { name });
    });
    this.#order = orderOf(testCase);
    this.#optimizer = this.#createOptimizer();
    if (testCase.build) this.#optimizer.build(this.#ordered());
  }

  step(step: StepSpec, call: number): string {
    this.#call = call;
    if (step.learning_rate !== undefined) this.#optimizer.learningRate = step.learning_rate;
    if (step.schedule) this.#optimizer.learningRate = scheduleOf(step.schedule);
    if (step.weights) this.#setWeights(step.weights);
    if (step.reload) this.#reload();
    this.#apply(step);
    if (step.finalize) this.#optimizer.finalizeVariableValues(this.#ordered());
    return hashOf(this.#case, call, this.#arrays());
  }

  greatestDistance(): number {
    const { end, steps } = this.#case;
    const distances = [...end.variables, ...end.optimizer].flatMap((text, i) => {
      const found = this.#arrays()[i];
      if (!(found?.value instanceof Float32Array)) return [];
      const lost = lostElements(this.#case, found.name, steps.length);
      const { values } = decode(text, "float32");
      return Array.from(canonical(found.value, lost), (value, at) =>
        at < values.length ? ulpDistance(values[at] ?? 0, value, "float32") : 0,
      );
    });
    return Math.max(0, ...distances);
  }

  dispose(): void {
    this.#optimizer.dispose();
    for (const variable of this.#variables) variable.dispose();
  }

  #createOptimizer(): Optimizer {
    const { kind, callable, config } = this.#case;
    const optimizer = CLASSES[CLASS_NAMES[kind]].fromConfig(config, {}, this.#engine);
    if (callable) optimizer.learningRate = () => callable[this.#call] ?? Number.NaN;
    const exclusion = exclusionOf(this.#case, this.#variables);
    if (exclusion !== null) optimizer.excludeFromWeightDecay(exclusion);
    return optimizer;
  }

  #setWeights(given: Readonly<Record<string, number>>): void {
    this.#optimizer.setWeights(weightsAt(this.#case, this.#call, given, this.#optimizer.variables));
  }

  #reload(): void {
    const store = {};
    this.#optimizer.saveOwnVariables(store);
    this.#optimizer.dispose();
    this.#optimizer = this.#createOptimizer();
    this.#optimizer.build(this.#ordered());
    this.#optimizer.loadOwnVariables(store);
  }

  #apply(step: StepSpec): void {
    const indices = step.use ?? this.#order;
    const gradients = indices.map((i) => this.#gradient(step, i));
    const used = indices.map((i) => this.#variable(i));
    if (this.#case.mode === "pairs") {
      this.#optimizer.applyGradients(used.map((variable, i) => [gradients[i] ?? null, variable]));
    } else this.#optimizer.apply(gradients, used);
  }

  #gradient(step: StepSpec, index: number): np.Array | null {
    const gradient = gradientAt(this.#case, step, this.#call, index);
    return gradient && array(gradient.value, gradient.shape);
  }

  #variable(index: number): Variable {
    return itemAt(this.#case, this.#variables, index);
  }

  #ordered(): Variable[] {
    return this.#order.map((i) => this.#variable(i));
  }

  #arrays(): NamedArray[] {
    const own = this.#variables.map(({ name, value }) => ({ name, value }));
    const state = this.#optimizer.variables.map((each) => ({ name: each.name, value: comparable(each) }));
    return [...own, ...state];
  }
}
