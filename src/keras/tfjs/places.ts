// Where the weights of a model of TensorFlow.js lie in a file of Keras: its layers have Keras' class names, which files count.
import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { StateMismatchError } from "../../check/errors.js";
import { renameKeysDeep, snakeCase } from "../../check/names.js";
import type { Hdf5File } from "../hdf5/read.js";
import { KERAS_3, type LayerNaming } from "../layout/config-layers.js";
import { countedNames, type LayerConfig, layerContentsOf } from "../layout/layers.js";
import { layerNames, weightPaths } from "../layout/legacy-attributes.js";

/** A weight of a model and its place in a file. */
export interface TensorPlace {
  readonly path: string;
  readonly variable: tf.Variable;
}

/** The places of all weights in a file of that naming, in the order of the model's layers. */
export function tensorPlaces(model: tfl.LayersModel, naming: LayerNaming = KERAS_3, around = ""): TensorPlace[] {
  const layers = model.layers;
  const folder = `${around}${naming.folder}`;
  const names = countedNames(layers.map(classNameOf), (name) => naming.isTwice(`${folder}/${name}`));
  return layers.flatMap((layer, i) => {
    const path = `${folder}/${names[i]}`;
    if (isModel(layer)) return tensorPlaces(layer, naming, `${path}/`);
    // TensorFlow.js has camelCase keys; an object stays one.
    const config = renameKeysDeep(layer.getConfig(), snakeCase) as LayerConfig;
    const parts = partPaths(layer.getClassName(), config, "");
    const perPart = layer.weights.length / Math.max(parts.length, 1);
    return layer.weights.map((weight, n) => {
      const part = parts[Math.floor(n / perPart)] ?? "";
      // A layer's weight is read as the variable itself.
      return { path: `${path}/${part}vars/${n % perPart}`, variable: weight.read() as tf.Variable };
    });
  });
}

/**
 * The places in a legacy file: its layers that have weights are those of the model, in order. Weights of one layer, and of all in
 * it, are told apart by their own names: both sides list what they train first, and may train other ones.
 */
export function legacyTensorPlaces(model: tfl.LayersModel, file: Hdf5File, root: string): TensorPlace[] {
  const stored = layerNames(file, root)
    .map((name) => weightPaths(file, root, name))
    .filter((paths) => paths.length > 0);
  const layers = model.layers.filter(({ weights }) => weights.length > 0);
  const left = stored.map((paths) => [...paths]);
  const places = layers.flatMap((layer, i) =>
    layer.weights.map((weight) => {
      const variable = weight.read() as tf.Variable; // as above
      const paths = left[i] ?? [];
      const at = paths.findIndex((path) => ownName(path) === ownName(weight.originalName));
      const [path = `(none for ${variable.name})`] = at < 0 ? [] : paths.splice(at, 1);
      return { path, variable };
    }),
  );
  const extra = left.flat();
  if (extra.length === 0) return places;
  throw new StateMismatchError("loadWeights", "the file is one of another model; nothing was loaded.", [], extra);
}

/** `"dense/kernel:0"` and `"dense_1/kernel_2"` are kernels. */
const ownName = (name: string): string => (name.split("/").at(-1) ?? "").replace(/(:\d+|_\d+)+$/, "");

/** TensorFlow.js has the older name of Keras' Functional. */
function classNameOf(layer: tfl.layers.Layer): string {
  const name = layer.getClassName();
  return name === "Model" || name === "LayersModel" ? "Functional" : name;
}

const isModel = (layer: tfl.layers.Layer): layer is tfl.LayersModel => "layers" in layer && Array.isArray(layer.layers);

/** The paths under a layer at which its weights lie, in their order; all have the same number of them. */
function partPaths(className: string, config: LayerConfig, path: string): string[] {
  const parts = layerContentsOf(className, config)?.parts ?? [];
  if (parts.length === 0) return [path];
  return parts.flatMap((part) => partPaths(part.className, part.config, `${path}${part.path}/`));
}
