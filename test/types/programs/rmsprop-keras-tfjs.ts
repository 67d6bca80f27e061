// What users write with "rmsprop/keras/tfjs".
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { FileLimits } from "rmsprop/keras";
import { type Loaded, loadWeights, saveWeights } from "rmsprop/keras/tfjs";

export async function reload(model: LayersModel, limits?: FileLimits): Promise<Loaded> {
  return loadWeights(model, await saveWeights(model), { limits });
}
