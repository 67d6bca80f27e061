// A file of real Keras is read, trained on with the gradients that Keras has recorded, and written in the forms that we write.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type KerasFile, type ReadOptions, readKeras, writeWeights } from "../../src/keras/index.js";
import { readKerasFile } from "../../src/node/index.js";
import type { SerializedObject, Variable } from "../../src/plain/index.js";
import { hexOf } from "./expected.js";
import { floatsOf } from "./versions/fixtures.js";

interface Held {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly hex: string;
}

/** A file, and what Keras held when it saved it and three steps later; `hand_over.py` says what each field is. */
export interface Handed {
  readonly file: string;
  readonly name: string;
  readonly weights: readonly Held[];
  readonly state: readonly Held[];
  readonly trainable: readonly boolean[];
  readonly optimizer: SerializedObject;
  readonly config: NonNullable<ReadOptions["config"]> | null;
  readonly order: readonly string[] | null;
  readonly gradients: readonly (readonly string[])[];
  readonly then: { readonly weights: readonly Held[]; readonly state: readonly Held[] };
}

/** How many arrays differ: as they were read, and after the steps here. */
export interface Trained {
  readonly file: string;
  readonly arrays: number;
  readonly read: number;
  readonly here: number;
}

/** Files whose weights are written once more, as a fresh file. */
const FRESH = /\.(keras|json)$/;

/** Reads a file, trains on, and writes it: in its own form, and as fresh weights where the config says their order. */
export async function trainOn(folder: string, handed: Handed): Promise<Trained> {
  const path = join(folder, handed.file);
  const file = await readAny(path, handed);
  const { optimizer } = file;
  if (optimizer === null) throw new Error(`${handed.file}: ${file.optimizerProblem}`);
  const weights = inKerasOrder(file, handed);
  const isUnbuilt = handed.state.length < optimizer.variables.length; // saved before it had slots
  const own = () => optimizer.variables.slice(0, isUnbuilt ? handed.state.length : undefined);
  const read = differing([...weights, ...own()], [...handed.weights, ...handed.state]);
  const trained = file.weights.filter(({ trainable }) => trainable);
  for (const step of handed.gradients) optimizer.apply(step.map(floatsOf), trained);
  // What a pass through the model makes of the others is taken over from Keras.
  for (const [i, weight] of weights.entries())
    if (!weight.trainable) weight.assign(floatsOf(handed.then.weights[i]?.hex ?? ""));
  const then = [...handed.then.weights, ...handed.then.state];
  const here = differing([...weights, ...optimizer.variables], then);
  const ending = { keras: ".keras", h5: ".h5", "weights.h5": ".weights.h5" }[file.format];
  const out = path.replace(/\.[^/]*$/, ".out");
  const form = handed.file.replace(/^[^.]*/, "");
  writeFileSync(`${out}${form}${ending === form ? "" : ending}`, await file.toBytes());
  if (handed.order === null && FRESH.test(handed.file)) {
    const options = { config: file.config ?? {}, weights: file.weights, optimizer };
    writeFileSync(`${out}${form}.fresh.weights.h5`, await writeWeights(options));
  }
  file.dispose();
  return { file: handed.file, arrays: then.length, read, here };
}

/** A file of weights is told what the others say themselves. */
function readAny(path: string, { config, order, optimizer, name }: Handed): Promise<KerasFile> {
  const isWhole = !/\.weights\.(h5|json)$/.test(path);
  const options: ReadOptions = {
    ...(order === null ? {} : { order }),
    ...(isWhole || config === null ? {} : { config }),
    ...(isWhole && name !== "after-h5" ? {} : { optimizer }),
  };
  return /\.(folder|json)$/.test(path) ? readKerasFile(path, options) : readKeras(readFileSync(path), options);
}

/** The weights in the order of `model.weights`: under `options.order` those that are not trained are found by what they hold. */
function inKerasOrder({ weights }: KerasFile, { weights: held, trainable, order }: Handed): Variable[] {
  if (order === null) return [...weights];
  const left = new Set(weights);
  return held.flatMap(({ shape, dtype, hex }, i) => {
    const found = [...left].find(
      (weight) =>
        weight.trainable === trainable[i] &&
        (weight.trainable || (weight.shape.join() === shape.join() && hexOf(weight.value, dtype) === hex)),
    );
    if (found === undefined) return [];
    left.delete(found);
    return [found];
  });
}

interface Numbers {
  readonly value: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** How many arrays are other ones than Keras holds; all of them where their number is another. */
function differing(ours: readonly Numbers[], theirs: readonly Held[]): number {
  if (ours.length !== theirs.length) return Math.max(ours.length, theirs.length);
  return theirs.filter(({ hex, dtype, shape }, i) => {
    const { value = [], shape: own = [] } = ours[i] ?? {};
    return own.join() !== shape.join() || hexOf(value, dtype) !== hex;
  }).length;
}
