// saveWeights: a model of TensorFlow.js and its optimizer as a .weights.h5 file of Keras.

import type * as tfl from "@tensorflow/tfjs-layers";
import { floatTypeOf, isInt32Array } from "../../check/built-ins.js";
import { LossScaleOptimizer, Optimizer } from "../../tfjs/index.js";
import { trainingOf } from "../../tfjs/training.js";
import { type NewArray, writeHdf5 } from "../hdf5/write.js";
import { numberedPlaces } from "../state/state-layout.js";
import { groupNames } from "../write.js";
import { tensorPlaces } from "./places.js";
import { stateNames } from "./state-names.js";

/**
 * The bytes of a .weights.h5 file that Keras' `model.load_weights` takes, for a Keras model with the same layers. With an
 * optimizer of "rmsprop/tfjs" that has trained the model, its state too. Takes the package h5wasm.
 */
export async function saveWeights(model: tfl.LayersModel): Promise<Uint8Array<ArrayBuffer>> {
  const arrays: NewArray[] = await Promise.all(
    tensorPlaces(model).map(async ({ path, variable }) => ({
      ...{ path, shape: variable.shape, dtype: "float32" as const },
      values: Float32Array.from(await variable.data()),
    })),
  );
  const all = [...arrays, ...(await stateOf(model))];
  return writeHdf5(all, groupNames(all));
}

/** The arrays of an optimizer that has trained every trainable weight of the model; none of another one. */
async function stateOf(model: tfl.LayersModel): Promise<NewArray[]> {
  const { optimizer } = model as { readonly optimizer?: unknown }; // the field is looked at
  if (!(optimizer instanceof Optimizer || optimizer instanceof LossScaleOptimizer)) return [];
  const saved = new Map((await trainingOf(optimizer).saved.values()).map(({ name, value }) => [name, value]));
  const own = stateNames(model, optimizer);
  if (!own.all.every(({ savedName }) => saved.has(savedName))) return [];
  return numberedPlaces(own).map(([path, { savedName, shape }]) => {
    const values = saved.get(savedName) ?? new Float32Array();
    return { path, shape, dtype: dtypeOf(values), values };
  });
}

/** Of tensors, nothing but counts has another type than float32; the greatest are numbers of a Float64Array. */
function dtypeOf(values: ArrayLike<number>): NewArray["dtype"] {
  if (isInt32Array(values)) return "int32";
  return floatTypeOf(values) === "float64" ? "int64" : "float32";
}
