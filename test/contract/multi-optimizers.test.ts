// MultiOptimizer and OptimizerMap besides steps: what they refuse, averages, exclusions, memory, checkpoints.
import {
  Adam,
  deserialize,
  loadCheckpoint,
  MultiOptimizer,
  type Optimizer,
  OptimizerMap,
  RMSprop,
  SGD,
  saveCheckpoint,
  setEngine,
  Variable,
} from "rmsprop";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { complaintOf, errorOf, stateOf } from "./support.js";

const named = (name: string, value: number[] = [1, 2]): Variable => new Variable(value, { name });
const pair = (): Variable[] => [named("embedding"), named("head")];
const step = (multi: MultiOptimizer, variables: readonly Variable[]): void =>
  multi.apply(
    variables.map(({ size }) => Array(size).fill(0.5)),
    variables,
  );

let warnings: string[] = [];

beforeEach(() => {
  setEngine("wasm");
  warnings = [];
  vi.spyOn(console, "warn").mockImplementation((text) => warnings.push(String(text)));
});

afterEach(() => {
  vi.restoreAllMocks();
});

const WRONG: readonly [string, () => unknown, string][] = [
  [
    "no optimizer as default",
    () => new OptimizerMap({} as Optimizer),
    'OptimizerMap: defaultOptimizer must be an optimizer of "rmsprop"; received defaultOptimizer=an object of Object. Pass new SGD(), for example.',
  ],
  [
    "a class as default",
    () => new OptimizerMap(SGD as never),
    'OptimizerMap: defaultOptimizer must be an optimizer of "rmsprop"; received defaultOptimizer=function SGD. Make one with new.',
  ],
  [
    "no optimizer by a key",
    () => new OptimizerMap(new SGD(), { a: 1 as never }),
    'OptimizerMap: optimizer must be an optimizer of "rmsprop"; received optimizer=1. Pass new SGD(), for example.',
  ],
  [
    "a map that is a list of optimizers",
    () => new OptimizerMap(new SGD(), [new SGD()] as never),
    'OptimizerMap: optimizers must be an object of optimizers by their keys; received optimizers=an object of SGD. Pass { "encoder/.*": optimizer }, or a Map.',
  ],
  [
    "a key that is there",
    () => new OptimizerMap(new SGD(), { a: new SGD() }).set("a", new Adam()),
    'OptimizerMap: key must be new; received key="a". Use no key twice; delete(key) takes one away.',
  ],
  [
    "a key that is no string",
    () => new OptimizerMap(new SGD()).set(1 as never, new Adam()),
    "OptimizerMap: key must be a string; received key=1. Pass a value of that kind.",
  ],
  [
    "a key that is no expression",
    () => new OptimizerMap(new SGD(), { "a(": new SGD() }),
    'OptimizerMap: key must be a regular expression of Python that JavaScript can match alike; received key="a(". Write it without that, or give MultiOptimizer a function instead of a map.',
  ],
  [
    "no map",
    () => new MultiOptimizer(new SGD() as never),
    "MultiOptimizer: optimizerMap must be an OptimizerMap or a function; received optimizerMap=an object of SGD. Pass new OptimizerMap(defaultOptimizer, { pattern: optimizer }).",
  ],
  [
    "an option that it does not have",
    () => new MultiOptimizer(new OptimizerMap(new SGD()), { learningRate: 1 } as never),
    "MultiOptimizer: learningRate must be a known argument; received learningRate=1. Known are: lossScaleFactor, name, globalClipnorm.",
  ],
  [
    "a clip beside one of all",
    () => new MultiOptimizer(new OptimizerMap(new SGD({ clipnorm: 1 })), { globalClipnorm: 1 }),
    "MultiOptimizer: optimizers must not clip by themselves under globalClipnorm; received optimizers=SGD with a clip of its own. Leave out its clip, or globalClipnorm=1: gradients are clipped once.",
  ],
  [
    "a function that gives no optimizer",
    () => new MultiOptimizer(() => undefined as never).build(pair()),
    'MultiOptimizer: optimizerMap must be an optimizer of "rmsprop"; received optimizerMap=undefined. Pass new SGD(), for example.',
  ],
  [
    "an array, which has no path",
    () => new MultiOptimizer(new OptimizerMap(new SGD())).build([new Float32Array(2)]),
    'MultiOptimizer: variables must have paths, by which an OptimizerMap knows them; received variables=Float32Array(2). Wrap the array: new Variable(array, { name: "embedding" }). Or give MultiOptimizer a function.',
  ],
  [
    "a path of two keys",
    () => new MultiOptimizer(new OptimizerMap(new SGD(), { "h.*": new SGD(), ".*d": new SGD() })).build(pair()),
    'OptimizerMap: path must match one key; "h.*" and ".*d" match it; received path="head". Make one of them narrower, or add the key "head" itself, which wins.',
  ],
  [
    "a part that is built with other variables",
    () => new MultiOptimizer(new OptimizerMap(builtElsewhere())).build(pair()),
    "MultiOptimizer: its part sgd was built with other variables. Make a new SGD for it, and use that nowhere else.",
  ],
  [
    "a learning rate",
    () => {
      new MultiOptimizer(new OptimizerMap(new SGD())).learningRate = 1 as never;
    },
    "MultiOptimizer: it has no learningRate to set. Take those of its parts, in optimizers.",
  ],
  [
    "JSON",
    () => JSON.stringify(new MultiOptimizer(new OptimizerMap(new SGD()))),
    "MultiOptimizer: JSON.stringify would lose its state. getConfig() has its options for JSON, saveCheckpoint(optimizer, variables) the whole run as bytes.",
  ],
  [
    "the config of a function without a name",
    () => new MultiOptimizer(() => new SGD()).getConfig(),
    "MultiOptimizer: a function without a name cannot be written as JSON. Name it, or use an OptimizerMap.",
  ],
  [
    "a config of something else",
    () => deserialize({ class_name: "MultiOptimizer", config: { optimizer_map: { class_name: "SGD", config: {} } } }),
    "MultiOptimizer: optimizer_map must be an OptimizerMap or a function; received optimizer_map=one of SGD. Pass what getConfig() returned.",
  ],
];

function builtElsewhere(): SGD {
  const optimizer = new SGD();
  optimizer.build([named("other")]);
  return optimizer;
}

test.each(WRONG)("%s is refused", (_, act, message) => {
  expect(errorOf(act).message).toBe(message);
});

describe("what is refused changes nothing", () => {
  test("a part's loss scale stays when another part is refused", () => {
    const first = new Adam({ lossScaleFactor: 3 });
    const map = new OptimizerMap(new SGD({ clipnorm: 1 }), { head: first });
    errorOf(() => new MultiOptimizer(map, { globalClipnorm: 1 }));
    expect(first.lossScaleFactor).toBe(3);
  });

  test("parts that were built before one is refused are not built", () => {
    const first = new Adam({ lossScaleFactor: 3 });
    const multi = new MultiOptimizer((v) => (v instanceof Variable && v.name === "head" ? builtElsewhere() : first));
    errorOf(() => multi.build(pair()));
    expect([multi.built, first.built, first.lossScaleFactor, multi.optimizers]).toEqual([false, false, 3, []]);
    const good = new MultiOptimizer(() => first);
    step(good, pair());
    expect(first.iterations).toBe(1);
  });

  test("a function that trains is refused", () => {
    const multi: MultiOptimizer = new MultiOptimizer(() => {
      step(multi, pair());
      return new SGD();
    });
    expect(errorOf(() => multi.build(pair())).message).toContain("a step is being made");
    expect(multi.built).toBe(false);
  });
});

test("an OptimizerMap is used as a Map", () => {
  const [sgd, adam] = [new SGD(), new Adam()];
  const map = new OptimizerMap(sgd, new Map([["a", adam]]));
  expect([...map]).toEqual([["a", adam]]);
  expect([[...map.keys()], [...map.values()], map.size, map.has("a"), map.has("b")]).toEqual([
    ["a"],
    [adam],
    1,
    true,
    false,
  ]);
  expect([map.delete("a"), map.delete("a"), map.size, map.get("a")]).toEqual([true, false, 0, sgd]);
});

test("keys that match no path are warned of, once", () => {
  const create = (): MultiOptimizer =>
    new MultiOptimizer(new OptimizerMap(new SGD(), { embeding: new SGD(), head: new SGD() }));
  step(create(), pair());
  step(create(), pair());
  expect(warnings).toEqual([
    'OptimizerMap: no path is matched by "embeding". Paths are embedding, head; a key has to match a whole one.',
  ]);
});

test("averages are those of the parts that keep some", () => {
  const [embedding, head] = pair() as [Variable, Variable];
  const multi = new MultiOptimizer(new OptimizerMap(new SGD(), { head: new SGD({ useEma: true, emaMomentum: 0.5 }) }));
  for (let i = 0; i < 3; i++) step(multi, [embedding, head]);
  const trained = `${embedding} ${head}`;
  const shown = multi.withAverage(() => [`${embedding}`, `${head}`]);
  expect(`${embedding} ${head}`).toBe(trained);
  expect(shown[0]).toBe(`${embedding}`);
  expect(shown[1]).not.toBe(`${head}`);
  multi.finalizeVariableValues([embedding, head]);
  expect([`${embedding}`, `${head}`]).toEqual(shown);
  const without = new MultiOptimizer(new OptimizerMap(new SGD()));
  expect(errorOf(() => without.withAverage(() => 0)).message).toContain("withAverage needs averages");
});

test("what it leaves out of weight decay, no part decays", () => {
  const decaying = (): SGD => new SGD({ weightDecay: 0.5, learningRate: 0.1 });
  const multi = new MultiOptimizer(new OptimizerMap(decaying(), { head: decaying() }));
  multi.excludeFromWeightDecay({ names: ["head"] });
  const [embedding, head] = pair() as [Variable, Variable];
  multi.apply(
    [
      [0, 0],
      [0, 0],
    ],
    [embedding, head],
  );
  expect([multi.decays(embedding), multi.decays(head), `${head}`]).toEqual([true, false, "[1.0, 2.0]"]);
  expect(`${embedding}`).toBe("[0.95, 1.9]");
});

test("dispose() disposes of its parts, and a part that was disposed of ends it", () => {
  const create = (): MultiOptimizer => new MultiOptimizer(new OptimizerMap(new Adam(), { head: new RMSprop() }));
  const multi = create();
  step(multi, pair());
  multi.dispose();
  expect(errorOf(() => multi.optimizers[0]?.build([])).message).toContain("rmsprop was disposed");
  const other = create();
  step(other, pair());
  other.optimizers[0]?.dispose();
  expect(errorOf(() => step(other, pair())).message).toContain("rmsprop was disposed");
});

describe("a checkpoint", () => {
  const create = (): MultiOptimizer =>
    new MultiOptimizer(
      new OptimizerMap(new Adam({ learningRate: 0.1 }), { embedding: new RMSprop({ useEma: true }), "x.*": new SGD() }),
    );

  function trained(multi = create()): { multi: MultiOptimizer; variables: Variable[]; bytes: Uint8Array } {
    const variables = pair();
    for (let i = 0; i < 3; i++) step(multi, variables);
    return { multi, variables, bytes: saveCheckpoint(multi, variables) };
  }

  test.each([
    ["a new optimizer and new variables", false, false],
    ["an optimizer of its own", true, false],
    ["both of its own", true, true],
  ])("goes on in every bit with %s", (_, own, ownVariables) => {
    const { multi, variables, bytes } = trained();
    const loaded = loadCheckpoint(bytes, own ? create() : null, ownVariables ? pair() : null);
    const [again, others] = [loaded.optimizer as MultiOptimizer, loaded.variables as Variable[]];
    step(multi, variables);
    step(again, others);
    expect(stateOf(again, others)).toEqual(stateOf(multi, variables));
    expect(saveCheckpoint(again, others)).toEqual(saveCheckpoint(multi, variables));
  });

  test("is refused where other parts would go on with the variables", () => {
    const both = (key: string): MultiOptimizer => new MultiOptimizer(new OptimizerMap(new SGD(), { [key]: new SGD() }));
    const { bytes } = trained(both("embedding"));
    const swapped = both("head");
    const message = errorOf(() => loadCheckpoint(bytes, swapped, pair())).message;
    expect(message).toContain("other parts of the optimizer train these variables here; nothing was restored.");
    expect(message).toContain("embedding: part 1, head: part 0");
    expect(swapped.built).toBe(false);
  });

  test("of a function needs that function", () => {
    const functionOf = (optimizer: Optimizer) => ({ choose: () => optimizer }).choose;
    const { bytes, variables } = trained(new MultiOptimizer(functionOf(new SGD())));
    const loaded = loadCheckpoint(bytes, null, null, { choose: functionOf(new SGD()) });
    expect(loaded.variables.map(String)).toEqual(variables.map(String));
    expect(complaintOf(errorOf(() => loadCheckpoint(bytes)).message)).toMatchObject({ argument: "optimizer_map" });
    expect(warnings).toEqual([expect.stringContaining('of optimizerMap, a function, only the name "choose" is saved')]);
  });

  test("of a clip over all says that its config lacks it", () => {
    trained(new MultiOptimizer(new OptimizerMap(new SGD()), { globalClipnorm: 0.25 }));
    expect(warnings).toEqual([
      "MultiOptimizer: globalClipnorm=0.25 is in no config, since Keras has no such argument. Make the optimizer with it again where its config is loaded.",
    ]);
  });
});
