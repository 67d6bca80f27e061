// What a file of Keras 1 or 2, or a .h5 file of Keras 3, says of its model: the JSON and the lists of names that its groups have as
// attributes.
import { isJsonObject } from "../../check/json.js";
import type { KerasConfig } from "../../core/serialization.js";
import { damaged } from "../errors.js";
import type { Hdf5File } from "../hdf5/read.js";
import { parseConfig } from "../json.js";
import type { ResolvedLimits } from "../limits.js";

/** Where the weights of a whole model lie; a file of weights alone has them at its root. */
const MODEL = "model_weights";
/** Where its optimizer's state lies. */
export const OPTIMIZER = "optimizer_weights";
const LAYERS = "layer_names";

/** The group that lists the layers of such a file; null for a file of another kind. */
export function legacyRoot(file: Hdf5File): string | null {
  return [MODEL, ""].find((path) => hasList(file, path, LAYERS)) ?? null;
}

const hasList = ({ attributes }: Hdf5File, path: string, name: string): boolean =>
  [name, `${name}0`].some((key) => attributes.get(path)?.has(key));

/** The names in an attribute of a group; a list that is too long for one lies in several, which are counted. */
export function namesIn({ attributes }: Hdf5File, path: string, name: string): string[] {
  const own = attributes.get(path);
  const listed = (key: string): readonly string[] | null => {
    const value = own?.get(key);
    return typeof value === "string" ? [value] : (value ?? null);
  };
  const names = [...(listed(name) ?? [])];
  for (let part = 0; ; part++) {
    const more = listed(`${name}${part}`);
    if (more === null) return names;
    names.push(...more);
  }
}

/** The names of the layers, those that hold no layer's weights last. */
export const layerNames = (file: Hdf5File, root: string): string[] => [
  ...namesIn(file, root, LAYERS),
  "top_level_model_weights",
];

/** Where the weights of a layer lie, in the order in which it lists them. */
export function weightPaths(file: Hdf5File, root: string, layer: string): string[] {
  const folder = root === "" ? layer : `${root}/${layer}`;
  return namesIn(file, folder, "weight_names").map((name) => `${folder}/${name}`);
}

/** The config of the model, with that of its optimizer where Keras 3 has it; null for a file of weights alone. */
export function legacyConfig(file: Hdf5File, limits: ResolvedLimits): KerasConfig | null {
  const model = jsonIn(file, "model_config", limits);
  if (model === null) return null;
  const training = jsonIn(file, "training_config", limits);
  return { ...model, compile_config: { optimizer: training?.optimizer_config ?? null } };
}

function jsonIn(file: Hdf5File, name: string, limits: ResolvedLimits): KerasConfig | null {
  const text = namesIn(file, "", name).join("");
  if (text === "") return null;
  const json = parseConfig(text, name, limits);
  if (json === null || isJsonObject(json)) return json;
  throw damaged(`${name} holds no object`);
}
