// Programs in which code of the user's, in the midst of a call, does what it should not. A program is a scene, a place where
// the code runs, and an act; a twin does the same one thing after the other.
import {
  constraints,
  defineOptimizer,
  defineRule,
  type FloatArray,
  type Gradient,
  LearningRateSchedule,
  LossScaleOptimizer,
  type Optimizer,
  RMSprop,
  type ScalarOps,
  setEngine,
  Variable,
  type VariableLike,
} from "rmsprop";
import { createRandom } from "../../examples/shared/random.js";
import { bitsOf, numbersOf, valuesOf } from "./states.js";

/** What a program is made of; each is the name of an entry below. */
export interface Program {
  readonly engine: "js" | "wasm";
  readonly place: string;
  readonly act: string;
  readonly seed: number;
}

/** Everything that a program works on. */
interface Scene {
  readonly optimizer: Optimizer | LossScaleOptimizer;
  readonly variables: readonly VariableLike[];
  readonly gradients: readonly Gradient[];
  /** Made within the call: what was freed there may be theirs now. */
  readonly witnesses: Variable[];
  /** Runs once, when it is armed. */
  hook: (() => unknown) | null;
  readonly random: () => number;
}

const SIZES = [5, 6, 40] as const;

/** What the code does. What it returns matters only where the place wants something. */
const ACTS: Readonly<Record<string, (scene: Scene) => unknown>> = {
  nothing: () => undefined,
  throw: () => {
    throw new Error("the code of the user is broken");
  },
  "return a promise": () => Promise.resolve(1),
  "dispose of a variable": ({ variables, random }) => disposeOf(variables[Math.floor(2 * random())]),
  "dispose of a variable and make others": (scene) => {
    disposeOf(scene.variables[Math.floor(2 * scene.random())]);
    witness(scene, [5, 6, 5]);
  },
  "transfer an array that is trained": ({ variables }) => transfer(variables[2]),
  "dispose of a gradient": ({ gradients }) => disposeOf(gradients[0] as Variable),
  "transfer a gradient": ({ gradients }) => transfer(gradients[1]),
  "make memory grow": (scene) => witness(scene, [100_000]),
  "make a step": ({ optimizer, gradients }) => optimizer.apply(gradients),
  "make a step by minimize": ({ optimizer, gradients }) => optimizer.minimize(() => ({ value: 1, gradients })),
  "set weights": ({ optimizer }) => optimizer.setWeights(optimizer.variables.map(({ value }) => value.map(() => 1))),
  "dispose of the optimizer": ({ optimizer }) => optimizer.dispose(),
  finalize: ({ optimizer, variables }) => optimizer.finalizeVariableValues(variables),
  "show averages": ({ optimizer }) => optimizer.withAverage(() => 1),
  "step statelessly": ({ optimizer, variables, gradients }) =>
    optimizer.statelessApply(
      optimizer.variables.map(({ value }) => value),
      gradients,
      variables.map((each) => valuesOf(each).slice()),
    ),
  "set the loss scale": ({ optimizer }) => {
    if (!(optimizer instanceof LossScaleOptimizer)) optimizer.lossScaleFactor = 4;
  },
  "assign to a variable": ({ variables }) => (variables[0] as Variable).assign(7),
};

/** What a step that has begun does not take any notice of. */
const ACTS_LATE: readonly string[] = ["set the loss scale"];

/** Whether the step has begun when the code runs. */
const isStep = (place: string): boolean => place.startsWith("the learning rate") || place.startsWith("a getter");

/** The call in whose midst the code runs. */
const PLACES: Readonly<Record<string, { readonly when: "before" | "after" | "shown"; call(scene: Scene): unknown }>> = {
  "the learning rate": { when: "before", call: ({ optimizer, gradients }) => optimizer.apply(gradients) },
  "the learning rate, variables named": {
    when: "before",
    call: ({ optimizer, gradients, variables }) => optimizer.apply(gradients, variables),
  },
  "the loss": {
    when: "before",
    call: (scene) =>
      scene.optimizer.minimize(() => {
        fire(scene);
        return { value: 1, gradients: scene.gradients };
      }),
  },
  "a getter of the list of gradients": {
    when: "before",
    call: (scene) => scene.optimizer.apply(withGetter(scene, scene.gradients, 1)),
  },
  "a getter of the list of variables": {
    when: "before",
    call: (scene) => scene.optimizer.apply(scene.gradients, withGetter(scene, scene.variables, 1)),
  },
  "a getter among the numbers of a gradient": {
    when: "before",
    call: (scene) => scene.optimizer.apply(scene.gradients.with(2, withGetter(scene, [...numbersOf(8, 40)], 39))),
  },
  "the iterator of the pairs": {
    when: "before",
    call: (scene) => scene.optimizer.applyGradients(pairsOf(scene)),
  },
  "a constraint": { when: "after", call: ({ optimizer, gradients }) => optimizer.apply(gradients) },
  "what sees the averages": { when: "shown", call: (scene) => scene.optimizer.withAverage(() => fire(scene)) },
  "a promise that sees the averages": {
    when: "shown",
    call: (scene) =>
      scene.optimizer.withAverage(async () => {
        await undefined;
        return fire(scene);
      }),
  },
  "a function with a then that sees the averages": {
    when: "shown",
    call: (scene) =>
      scene.optimizer.withAverage(() => {
        const later = () => undefined;
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about.
        return Object.assign(later, { then: (resolve: (value: unknown) => void) => resolve(fire(scene)) });
      }),
  },
};

export const PLACE_NAMES: readonly string[] = Object.keys(PLACES);
export const ACT_NAMES: readonly string[] = Object.keys(ACTS);

/** What came of a program: the two states are equal when all is well. */
export interface Outcome {
  readonly refusal: unknown;
  readonly refusedWithin: unknown;
  readonly own: Readonly<Record<string, string>>;
  readonly twin: Readonly<Record<string, string>>;
}

/** Runs a program, and its twin without the code in the midst. */
export async function run(program: Program): Promise<Outcome> {
  setEngine(program.engine);
  const place = PLACES[program.place];
  const act = ACTS[program.act];
  if (!place || !act) throw new TypeError(`no such program: ${JSON.stringify(program)}`);
  const [own, twin] = [sceneOf(program), sceneOf(program)];
  let refusedWithin: unknown = null;
  let acted = false;
  own.hook = () => {
    if (program.act === "throw") return act(own);
    try {
      const result = act(own);
      acted = program.act !== "return a promise" || place.when === "shown";
      return result;
    } catch (error) {
      refusedWithin = error;
      return undefined;
    }
  };
  let refusal: unknown = null;
  try {
    await place.call(own);
  } catch (error) {
    refusal = error;
  }
  own.hook = null;
  // What is assigned while averages are shown goes with them.
  const stays = acted && !(place.when === "shown" && program.act === "assign to a variable");
  const actsLate =
    refusal === null && (place.when === "after" || (isStep(program.place) && ACTS_LATE.includes(program.act)));
  if (stays && !actsLate) act(twin);
  if (refusal === null && place.when !== "shown") await place.call(twin);
  if (stays && actsLate) act(twin);
  for (const scene of [own, twin]) stepOn(scene);
  return { refusal, refusedWithin, own: stateOf(own), twin: stateOf(twin) };
}

/** Training goes on, where it can. */
function stepOn(scene: Scene): void {
  for (let call = 0; call < 2; call++) {
    try {
      scene.optimizer.apply(SIZES.map((size, i) => numbersOf(50 + 10 * call + i, size)));
    } catch {
      // Something is gone: then it is gone in both.
    }
  }
}

function stateOf(scene: Scene): Record<string, string> {
  const { optimizer, variables, witnesses } = scene;
  const own = attempt(() => optimizer.variables.map(({ path, value }) => `${path} ${bitsOf(value)}`).join("; "));
  return {
    own,
    iterations: `${optimizer.iterations}`,
    ...Object.fromEntries(variables.map((each, i) => [`variable ${i}`, attempt(() => bitsOf(valuesOf(each)))])),
    ...Object.fromEntries(witnesses.map((each, i) => [`witness ${i}`, bitsOf(each.value)])),
  };
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch (error) {
    return String(error);
  }
}

/** Three variables - one with a constraint, one an array of the user's - after two steps. */
function sceneOf({ place, seed }: Program): Scene {
  const random = createRandom(seed);
  const made: Scene[] = [];
  const fire_ = (): unknown => made.map(fire)[0]; // a definition is tried before there is a scene
  const constraint = place !== "a constraint" ? null : random() < 0.5 ? functionThat(fire_) : new Hooked(fire_);
  const inner = optimizerOf(place, random, fire_);
  const scene: Scene = {
    optimizer: random() < 0.3 ? new LossScaleOptimizer(inner, { initialScale: 2 }) : inner,
    variables: [
      new Variable(numbersOf(1, 5), { name: "a" }),
      new Variable(numbersOf(2, 6), { name: "b", shape: [2, 3], constraint }),
      random() < 0.7 ? numbersOf(3, 40) : new Variable(numbersOf(3, 40), { name: "c" }),
    ],
    gradients: [
      new Variable(numbersOf(4, 5)),
      random() < 0.7 ? numbersOf(5, 6) : new Variable(numbersOf(5, 6), { shape: [2, 3] }),
      random() < 0.5 ? numbersOf(6, 40) : [...numbersOf(6, 40)],
    ],
    witnesses: [],
    hook: null,
    random,
  };
  made.push(scene);
  for (let call = 0; call < 2; call++) {
    const seeds = SIZES.map((size, i) => numbersOf(20 + 10 * call + i, size));
    scene.optimizer.apply(seeds, scene.variables);
  }
  return scene;
}

function optimizerOf(place: string, random: () => number, fire: () => unknown): Optimizer {
  const isAsked = place.startsWith("the learning rate");
  const options = {
    useEma: true,
    ...(random() < 0.5 ? { gradientAccumulationSteps: 2 } : {}),
    ...(random() < 0.3 ? { clipnorm: 0.5 } : random() < 0.4 ? { globalClipnorm: 0.5 } : {}),
    ...(random() < 0.3 ? { weightDecay: 0.01 } : {}),
  };
  if (!isAsked) return new RMSprop({ ...options, momentum: random() < 0.5 ? 0.9 : 0 });
  const kind = Math.floor(3 * random());
  if (kind === 0) return new (optimizerThatAsks(fire))(options);
  // A function that gives nothing is refused; what the code has done stays done.
  const rate = () => {
    const given = fire();
    return given instanceof Promise ? (given as unknown as number) : 0.1;
  };
  return new RMSprop({ ...options, learningRate: kind === 1 ? rate : new Asking(rate) });
}

class Asking extends LearningRateSchedule {
  readonly #rate: () => number;

  constructor(rate: () => number) {
    super();
    this.#rate = rate;
  }

  override call(): number {
    return this.#rate();
  }
}

class Hooked extends constraints.Constraint {
  readonly #fire: () => unknown;

  constructor(fire: () => unknown) {
    super();
    this.#fire = fire;
  }

  override call(value: FloatArray): FloatArray {
    return functionThat(this.#fire)(value);
  }
}

const functionThat =
  (fire: () => unknown) =>
  (value: FloatArray): FloatArray => {
    const given = fire();
    return given instanceof Promise ? (given as unknown as FloatArray) : value.map((x: number) => Math.max(x, -1));
  };

const optimizerThatAsks = (fire: () => unknown) =>
  defineOptimizer({
    className: "Asks",
    options: {},
    perStep<V>(op: ScalarOps<V>) {
      const given = fire();
      return { scalars: { half: given instanceof Promise ? (given as unknown as V) : op.constant(0.5) } };
    },
    rule: defineRule({
      slots: ["seen"],
      scalars: ["half"],
      update: (op, x, k) => ({
        variable: op.sub(x.variable, op.mul(op.mul(x.gradient, k.half), k.learningRate)),
        seen: op.add(x.seen, x.gradient),
      }),
    }),
  });

function fire(scene: Scene): unknown {
  const { hook } = scene;
  scene.hook = null;
  return hook?.();
}

function withGetter<T>(scene: Scene, list: readonly T[], at: number): T[] {
  const copy = [...list];
  const item = copy[at];
  Object.defineProperty(copy, at, {
    enumerable: true,
    get: () => {
      fire(scene);
      return item;
    },
  });
  return copy;
}

function* pairsOf(scene: Scene): Generator<readonly [Gradient, VariableLike]> {
  for (const [i, variable] of scene.variables.entries()) {
    yield [scene.gradients[i] ?? null, variable];
    if (i === 1) fire(scene);
  }
}

function witness({ witnesses }: Scene, sizes: readonly number[]): void {
  for (const size of sizes) witnesses.push(new Variable(new Float32Array(size).fill(42), { name: "witness" }));
}

function disposeOf(variable: VariableLike | undefined): void {
  if (variable instanceof Variable) variable.dispose();
}

function transfer(array: unknown): void {
  if (!(array instanceof Float32Array)) return;
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
}
