// A process of its own, started with --expose-gc: uses optimizers and variables in each way that reads their state, drops
// them without dispose(), and prints by how much the memory of the engine has grown.
import {
  constraints,
  LossScaleOptimizer,
  loadCheckpoint,
  RMSprop,
  type SavedArray,
  saveCheckpoint,
  setEngine,
  Variable,
} from "rmsprop";
import { readKeras, writeWeights } from "rmsprop/keras";
import { isWhole } from "../seed.js";

/** What a way to use them has left in the memory of the engine. */
export interface Left {
  readonly name: string;
  readonly bytes: number;
}

const LENGTH = 50_000;
/** `npm run test:package` takes 28. */
const TIMES = isWhole ? 28 : 6;

type Constraint = ConstructorParameters<typeof Variable>[1];

const gradient = new Variable(new Float32Array(LENGTH).fill(1));
const trained = (options: Constraint = {}): { optimizer: RMSprop; variable: Variable } => {
  const optimizer = new RMSprop({ momentum: 0.9, useEma: true });
  const variable = new Variable(new Float32Array(LENGTH), { name: "v", ...options });
  optimizer.apply([gradient], [variable]);
  return { optimizer, variable };
};
const zeros = (optimizer: RMSprop | LossScaleOptimizer) =>
  optimizer.variables.map(({ shape }) => new Float32Array(shape.length === 0 ? 1 : LENGTH));

const USES: Readonly<Record<string, () => unknown>> = {
  steps: () => trained(),
  "a list of variables": () => trained().optimizer.variables,
  saveCheckpoint: () => {
    const { optimizer, variable } = trained();
    saveCheckpoint(optimizer, [variable]);
  },
  loadCheckpoint: () => {
    const { optimizer, variable } = trained();
    loadCheckpoint(saveCheckpoint(optimizer, [variable]));
  },
  saveOwnVariables: () => {
    const store: Record<string, SavedArray> = {};
    trained().optimizer.saveOwnVariables(store);
  },
  setWeights: () => {
    const { optimizer } = trained();
    optimizer.setWeights(zeros(optimizer));
  },
  statelessApply: () => {
    const { optimizer, variable } = trained();
    optimizer.statelessApply(zeros(optimizer), [new Variable(gradient)], [variable]);
  },
  "withValues and withAverage": () => {
    const { optimizer, variable } = trained();
    optimizer.withValues([new Float32Array(LENGTH)], () => optimizer.withAverage(() => variable.toArray()));
  },
  "a loss scale": () => {
    const { variable } = trained();
    const optimizer = new LossScaleOptimizer(new RMSprop());
    optimizer.apply([gradient], [variable]);
    optimizer.saveOwnVariables({});
    optimizer.statelessApply(zeros(optimizer), [gradient], [variable]);
    saveCheckpoint(optimizer, [variable]);
  },
  "a constraint of Keras": () => trained({ constraint: new constraints.NonNeg() }),
  "a constraint of one's own": () => trained({ constraint: (value) => value.map((weight) => weight / 2) }),
  "numbers of a variable": () => [trained().variable.toArray(), new Variable(trained().variable)],
  "files of Keras": async () => {
    const { optimizer, variable } = trained();
    const layers = [{ className: "Dense", weights: [variable] }];
    const file = await readKeras(await writeWeights({ layers, optimizer }), { optimizer: "rmsprop" }).catch(() => null);
    await file?.toBytes();
  },
};

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

async function collected(): Promise<void> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("start this with node --expose-gc");
  for (let i = 0; i < 3; i++) {
    gc();
    await turn();
  }
}

function size(): number {
  const { buffer } = new Variable([0]).value;
  return buffer.byteLength;
}

setEngine("wasm");
const left: Left[] = [];
for (const [name, use] of Object.entries(USES)) {
  // As many as there are at most at a time.
  for (let i = 0; i < 6; i++) await use();
  await collected();
  const before = size();
  for (let i = 0; i < TIMES; i++) {
    await use();
    if (i % 6 === 5) await collected();
  }
  left.push({ name, bytes: size() - before });
}
console.log(JSON.stringify(left));
