// Where the weights of a model of TensorFlow.js lie in a file of Keras: its layers have Keras' class names, which files count.
import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { renameKeysDeep, snakeCase } from "../../check/names.js";
import { countedNames, type LayerConfig, layerContentsOf } from "../layout/layers.js";

/** A weight of a model and its place in a file. */
export interface TensorPlace {
  readonly path: string;
  readonly variable: tf.Variable;
}

/** The places of all weights, in the order of the model's layers. */
export function tensorPlaces(model: tfl.LayersModel, folder = "layers"): TensorPlace[] {
  const layers = model.layers;
  const names = countedNames(layers.map(classNameOf));
  return layers.flatMap((layer, i) => {
    const path = `${folder}/${names[i]}`;
    if (isModel(layer)) return tensorPlaces(layer, `${path}/layers`);
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
