// The optimizers that can run: those of the package, and two other formulas of RMSprop to stand beside it.
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  defineOptimizer,
  defineRule,
  Ftrl,
  type Inputs,
  Lion,
  Nadam,
  type Ops,
  type Optimizer,
  RMSprop,
  type Scalars,
  ScheduleFreeAdamW,
  SGD,
  schedules,
} from "rmsprop";
import { scheduleOf } from "../schedules.js";
import { KINDS, type KindName, type RunSettings } from "../settings.js";

type Slot = "velocity" | "momentum" | "averageGradient";
type Scalar = "rho" | "oneMinusRho" | "epsilon" | "momentum";

/** Where two formulas of RMSprop differ: what stands under the root. */
type Denominator = <V>(op: Ops<V>, velocity: V, averageGradient: V | null, epsilon: V) => V;

/** As Keras has it: rounding may leave zero or less under the root. */
const keras: Denominator = (op, velocity, average, epsilon) =>
  op.add(average === null ? velocity : op.sub(velocity, op.mul(average, average)), epsilon);

/** As `tf.train.rmsprop` has it: centered, epsilon is subtracted, the wrong way round. */
const tfjs: Denominator = (op, velocity, average, epsilon) =>
  average === null ? op.add(velocity, epsilon) : op.sub(velocity, op.add(op.mul(average, average), epsilon));

const Keras = variantOf("KerasRMSprop", keras);
const TfTrain = variantOf("TfTrainRMSProp", tfjs);

/** RMSprop with another denominator. Without momentum `0 * momentum + increment` is the increment itself. */
function variantOf(className: string, denominator: Denominator) {
  const rules = [false, true].map((centered) =>
    defineRule({
      slots: ["velocity", "momentum", ...(centered ? (["averageGradient"] as const) : [])],
      scalars: ["rho", "oneMinusRho", "epsilon", "momentum"],
      update<V>(op: Ops<V>, x: Inputs<V, Slot>, k: Scalars<V, Scalar>) {
        const discounted = (old: V, now: V): V => op.add(op.mul(k.rho, old), op.mul(k.oneMinusRho, now));
        const velocity = discounted(x.velocity, op.mul(x.gradient, x.gradient));
        const center = centered ? { averageGradient: discounted(x.averageGradient, x.gradient) } : null;
        const under = denominator(op, velocity, center?.averageGradient ?? null, k.epsilon);
        const increment = op.div(op.mul(k.learningRate, x.gradient), op.sqrt(under));
        const momentum = op.add(op.mul(k.momentum, x.momentum), increment);
        return { variable: op.sub(x.variable, momentum), velocity, momentum, ...center };
      },
    }),
  );
  return defineOptimizer({
    className,
    options: {
      rho: { default: 0.9, min: 0, max: 1 },
      momentum: { default: 0, min: 0 },
      epsilon: { default: 1e-7, min: 0 },
      centered: { default: false },
    },
    facts: ({ centered }) => ({ centered }),
    // There is a rule for each of the two.
    rule: ({ centered }) => rules[centered ? 1 : 0] as (typeof rules)[number],
    constants: ({ rho, epsilon, momentum }) => ({ rho, oneMinusRho: 1 - rho, epsilon, momentum }),
  });
}

/** An optimizer with these settings, its state fresh. Throws the package's own errors. */
export function createOptimizer(run: RunSettings): Optimizer {
  const { kind } = run;
  const type = CLASSES[kind] as (new (options: object) => Optimizer) | undefined; // it checks its options, whatever they are
  if (!type) throw new RangeError(`${KINDS[kind].title} runs in the tab Digits only. Choose another optimizer.`);
  return new type({ ...run.options, learningRate: learningRateOf(run) });
}

const CLASSES: Readonly<Partial<Record<KindName, unknown>>> = {
  ...{ rmsprop: RMSprop, sgd: SGD, adam: Adam, adamw: AdamW, lion: Lion },
  ...{ adagrad: Adagrad, adadelta: Adadelta, adamax: Adamax, nadam: Nadam, ftrl: Ftrl },
  schedulefreeadamw: ScheduleFreeAdamW,
  ...{ keras: Keras, tfjs: TfTrain },
};

/** The learning rate of a run as the package takes it. Throws the package's own errors. */
export function learningRateOf(run: RunSettings): unknown {
  const schedule = scheduleOf(run);
  if (!schedule) return run.options.learningRate;
  // It is given the arguments of this one.
  const Schedule = schedules[schedule.name] as new (options: object) => schedules.LearningRateSchedule;
  return new Schedule(schedule.given);
}
