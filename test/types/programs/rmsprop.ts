// What users write with "rmsprop": an option that may be undefined is passed on as it is.
import {
  AdamW,
  type AnyOptimizer,
  constraints,
  defineOptimizer,
  defineRule,
  type FloatArray,
  get,
  type KerasConfig,
  Lion,
  LossScaleOptimizer,
  loadCheckpoint,
  MemoryError,
  MultiOptimizer,
  OptimizerMap,
  RMSprop,
  type RMSpropOptions,
  SGD,
  saveCheckpoint,
  schedules,
  setEngine,
  setThreads,
  Variable,
  type VariableOptions,
  WorkerLostError,
} from "rmsprop";

interface Settings {
  readonly momentum?: number | undefined;
  readonly clipnorm?: number | null | undefined;
  readonly name?: string | undefined;
}

export function optimizersOf({ momentum, clipnorm, name }: Settings): AnyOptimizer[] {
  const options: RMSpropOptions = { momentum, clipnorm, name, rho: undefined };
  const schedule = new schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 10, alpha: momentum });
  const scaled = new LossScaleOptimizer(new AdamW({ weightDecay: momentum }), { initialScale: momentum, name });
  return [new RMSprop(options), new SGD({ momentum, learningRate: schedule }), new Lion({ beta1: momentum }), scaled];
}

export function variableOf(value: Float32Array, { name }: Settings): Variable {
  const options: VariableOptions = {
    name,
    dtype: undefined,
    constraint: new constraints.MaxNorm({ maxValue: undefined }),
  };
  return new Variable(value, options);
}

export function rateByLayer(variables: readonly Variable[], { momentum, name }: Settings): number | null {
  const map = new OptimizerMap(new SGD({ momentum }), { "embedding.*": new AdamW({ name, trackNorm: undefined }) });
  const optimizer = new MultiOptimizer(map, { globalClipnorm: 1, skipNonFinite: undefined, name });
  optimizer.apply(
    variables.map(({ size }) => new Float32Array(size)),
    variables,
  );
  const parts: number = optimizer.optimizers.length + optimizer.skipped;
  optimizer.flush();
  return optimizer.gradientNorm === null ? null : optimizer.gradientNorm + parts;
}

const Momentum = defineOptimizer({
  className: "Momentum",
  options: { momentum: { default: 0.9, min: 0, max: undefined }, nesterov: { default: false } },
  constants: ({ momentum }) => ({ momentum }),
  rule: defineRule({
    slots: ["velocity"],
    scalars: ["momentum"],
    update(op, x, k) {
      const velocity = op.sub(op.mul(k.momentum, x.velocity), op.mul(k.learningRate, x.gradient));
      return { variable: op.add(x.variable, velocity), velocity };
    },
  }),
});

export async function train(settings: Settings): Promise<FloatArray> {
  setEngine("auto");
  await setThreads(4);
  const variable = variableOf(new Float32Array([1, 2]), settings);
  const optimizer = new Momentum({ ...settings, nesterov: undefined });
  const loss: number = optimizer.minimize(() => ({ value: variable.value[0] ?? 0, gradients: [[1, 0]] }), [variable]);
  const half: number = optimizer.hyper.momentum / 2 + loss;
  const { optimizer: again, variables } = loadCheckpoint(saveCheckpoint(optimizer, [variable], { half: `${half}` }));
  again.apply([[1, 1]], variables);
  const config: KerasConfig = get("rmsprop").getConfig();
  RMSprop.fromConfig(config).dispose();
  variable.dispose();
  return variable.value;
}

export const isOurs = (error: unknown): boolean => error instanceof MemoryError || error instanceof WorkerLostError;
