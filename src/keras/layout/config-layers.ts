// The layers of a model's config in Keras' order, and where their variables lie in a file that is named as Keras 3 names them, or
// Keras 2.12. Files count class names: the second Dense is dense_1, whatever its own name.
import { damaged } from "../errors.js";
import type { Hdf5File } from "../hdf5/read.js";
import { DEFAULT_LIMITS, type ResolvedLimits, Tally } from "../limits.js";
import { countedNames, type LayerConfig, layerContentsOf, type Part, partOf } from "./layers.js";
import { pathsBelow } from "./paths.js";

/** A variable's place. */
export interface Place {
  /** Where it lies in the file, such as `"layers/dense/vars/0"`. */
  readonly path: string;
  /** The names of its layers and its own, joined by `_`. */
  readonly name: string;
  readonly trainable: boolean;
  /** Its constraint as the config has it; null for none. */
  readonly constraint: unknown;
  /** Where it lies a second time; null for nowhere. */
  readonly twin: string | null;
}

/** A layer with variables of its own. */
export interface Layer {
  /** Where it lies in the file, such as `"layers/dense"`. */
  readonly path: string;
  /** The name that the file gives it. */
  readonly name: string;
  /** That of the layer of the model itself which it is, or is in. */
  readonly top: string;
  /** The names of the layers around it and its own, joined by `_`. */
  readonly label: string;
  readonly trainable: boolean;
  /** Its variables; null for a class that is not known: all that the file has at its path. */
  readonly weights: readonly LayerWeight[] | null;
}

interface LayerWeight {
  readonly name: string;
  /** Its number among the variables that the layer saves. */
  readonly at: number;
  /** Where under the layer it lies a second time; null for nowhere. */
  readonly twin: string | null;
  readonly trained: boolean;
  /** As the config has it; null for none. */
  readonly constraint: unknown;
}

/** All layers of a model's config in Keras' JSON, in the order of `model.weights`; null if it does not list them. */
export function layersOfConfig(
  config: unknown,
  limits: ResolvedLimits = DEFAULT_LIMITS,
  file: Hdf5File | null = null,
): readonly Layer[] | null {
  const [model] = partOf("", config);
  if (model === undefined) throw damaged("the config is not that of a model: it needs class_name and config");
  if (!isModel(model)) return null;
  const naming = file === null ? KERAS_3 : namingOf(file);
  return layersWithin(model, {
    path: "",
    label: "",
    top: null,
    trainable: true,
    naming,
    isOld: isOfKeras2(model),
    count: counterOf(limits),
  });
}

/** Called for each layer: a config of few bytes may stand for very many, each with the names of all around it. */
type Count = (layer: Pick<Layer, "path" | "label">) => void;

function counterOf(limits: ResolvedLimits): Count {
  const layers = new Tally(limits, "layers", "the number of layers of the config");
  const names = new Tally(limits, "nameLength", "the length of all paths and names of the config");
  return ({ path, label }) => {
    layers.add(1);
    names.add(path.length + label.length);
  };
}

/** The place of each variable of layers; those of an unknown class have none. */
export function placesOf(layers: readonly Layer[]): Place[] {
  return layers.flatMap(({ path, label, trainable, weights }) =>
    (weights ?? []).map(({ name, at, twin, trained, constraint }) => ({
      ...{ path: `${path}/vars/${at}`, name: `${label}_${name}`, constraint },
      twin: twin === null ? null : `${path}/${twin}`,
      trainable: trainable && trained,
    })),
  );
}

/** How a file names the layers of a model. */
export interface LayerNaming {
  /** The folder in which they lie. */
  readonly folder: string;
  /** Whether a layer of that path counts twice. */
  readonly isTwice: (path: string) => boolean;
}

export const KERAS_3: LayerNaming = { folder: "layers", isTwice: () => false };

/** Keras 2.12 meets each layer that has weights twice, and counts it as often. */
export function namingOf(file: Hdf5File): LayerNaming {
  const folder = "_layer_checkpoint_dependencies";
  const sorted = [...file.arrays.keys()].sort();
  if (pathsBelow(sorted, folder).length === 0) return KERAS_3;
  return { folder, isTwice: (path) => pathsBelow(sorted, path).length > 0 };
}

/** What a layer has from those around it. */
interface Around extends Pick<Layer, "path" | "label" | "trainable"> {
  readonly top: string | null;
  readonly naming: LayerNaming;
  /** Whether Keras 2 made the config, where a frozen model freezes all that is in it, whatever their own flags. */
  readonly isOld: boolean;
  readonly count: Count;
}

const MODELS = new Set(["Sequential", "Functional", "Model"]);

/** Whether a part lists layers: a class of the user's may have numbers under that key. */
function isModel({ className, config: { layers } }: Part): boolean {
  if (!Array.isArray(layers)) return false;
  return MODELS.has(className) || (layers.length > 0 && layers.every((layer: unknown) => partOf("", layer).length > 0));
}

/** Keras 2 has the shape of an input under a key of its own. */
function isOfKeras2({ config: { layers } }: Part): boolean {
  const parts = Array.isArray(layers) ? layers.flatMap((layer: unknown) => partOf("", layer)) : [];
  return parts.some((part) => "batch_input_shape" in part.config || (MODELS.has(part.className) && isOfKeras2(part)));
}

/** The layers that a model lists: its own, then theirs. */
function layersWithin(model: Part, { path, trainable, ...outer }: Around): Layer[] {
  const listed = Array.isArray(model.config.layers) ? model.config.layers : [];
  const parts = listed.flatMap((value: unknown) => partOf("", value));
  if (parts.length < listed.length) throw damaged("the config lists a layer without class_name and config");
  const { folder, isTwice } = outer.naming;
  const inner = path === "" ? folder : `${path}/${folder}`;
  const classNames = parts.map(({ className }) => className);
  const names = countedNames(classNames, (name) => isTwice(`${inner}/${name}`));
  if (new Set(names).size < names.length) throw damaged("the config lists two layers that have one place in a file");
  const around = { ...outer, trainable: !outer.isOld || (trainable && isTrainable(model.config)) };
  return parts.flatMap((part, i) => layersOfPart(part, { ...around, path: `${inner}/${names[i]}` }));
}

function layersOfPart(part: Part, around: Around): Layer[] {
  const { name, className, config } = part;
  const label = around.label === "" ? name : `${around.label}_${name}`;
  around.count({ path: around.path, label });
  const top = around.top ?? name;
  if (isModel(part)) return layersWithin(part, { ...around, label, top });
  const trainable = around.trainable && isTrainable(config);
  const own = { path: around.path, name, top, label, trainable };
  const contents = part.isOwn ? null : layerContentsOf(className, config);
  if (contents === null) return [{ ...own, weights: null }];
  const all = contents.weights.map(({ name: weight, trained, constraint = "", twin = null }, at) => ({
    ...{ name: weight, at, twin, trained, constraint: configOf(twin, contents.parts, config)[constraint] ?? null },
  }));
  const weights = all.slice(part.shared ?? 0);
  const self = weights.length > 0 || contents.parts.length === 0 ? [{ ...own, weights }] : [];
  const parts = contents.parts.flatMap((inner) =>
    layersOfPart(inner, { ...around, ...own, path: `${own.path}/${inner.path}` }),
  );
  return [...self, ...parts];
}

/** Of a variable that is one of a part, too, the constraint is in that part's config. */
const configOf = (twin: string | null, parts: readonly Part[], own: LayerConfig): LayerConfig =>
  twin === null ? own : (parts.find(({ path }) => twin.startsWith(`${path}/`))?.config ?? own);

const isTrainable = ({ trainable }: LayerConfig): boolean => trainable !== false;
