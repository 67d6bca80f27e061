// Which variable of a model lies where in its file, in the order in which Keras counts them. Files count class names:
// the second Dense is dense_1, whatever its own name.
import { StateMismatchError } from "../check/errors.js";
import { damaged, READ_KERAS } from "./errors.js";
import type { Hdf5File } from "./hdf5/read.js";
import { classOfSnakeCase, type LayerConfig, layerContentsOf, type Part, partOf, snakeCaseOf } from "./layers.js";
import { DEFAULT_LIMITS, type ResolvedLimits, Tally } from "./limits.js";

/** A variable's place. */
export interface Place {
  /** Where it lies in the file, such as `"layers/dense/vars/0"`. */
  readonly path: string;
  /** The names of its layers and its own, joined by `_`. */
  readonly name: string;
  readonly trainable: boolean;
}

/** A layer with variables of its own. */
export interface Layer {
  /** Where it lies in the file, such as `"layers/dense"`. */
  readonly path: string;
  /** The name that the file gives it. */
  readonly name: string;
  /** The names of the layers around it and its own, joined by `_`. */
  readonly label: string;
  readonly trainable: boolean;
  /** Its variables; null for a class that is not known: all that the file has at its path. */
  readonly weights: readonly { readonly name: string; readonly trained: boolean }[] | null;
}

/** All layers of a model's config in Keras' JSON, in the order of `model.weights`; null if it does not list them. */
export function layersOfConfig(config: unknown, limits: ResolvedLimits = DEFAULT_LIMITS): readonly Layer[] | null {
  const [model] = partOf("", config);
  if (model === undefined) throw damaged("the config is not that of a model: it needs class_name and config");
  if (!Array.isArray(model.config.layers)) return null;
  return layersWithin(model, { path: "", label: "", trainable: true, count: counterOf(limits) });
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

/** All layers that a file has, in the order of the numbers in its names; layers of two classes have no order there. */
export function layersOfFile({ arrays, attributes }: Hdf5File): readonly Layer[] {
  const counts = new Map<string, number>();
  for (const path of arrays.keys()) {
    const [, layer] = /^(.+)\/vars\/\d+$/.exec(path) ?? [];
    if (layer !== undefined && !layer.startsWith("optimizer")) counts.set(layer, (counts.get(layer) ?? 0) + 1);
  }
  return inOrder([...counts.keys()]).map((path) => {
    const group = path.split("/").at(-1) ?? "";
    const name = attributes.get(`${path}/vars`)?.get("name") ?? group;
    const className = classOfSnakeCase(group.replace(/_\d+$/, ""));
    const weights = className === null ? null : (layerContentsOf(className, {})?.weights ?? null);
    const fits = weights?.length === counts.get(path);
    return { path, name, label: name, trainable: true, weights: fits ? weights : null };
  });
}

/** Whether the order of a file's layers is the model's own: only if they are all of one class. */
export function isOrdered(layers: readonly Layer[]): boolean {
  return new Set(layers.map(({ path }) => path.replace(/_\d+(?=\/|$)/g, ""))).size <= 1;
}

/** The place of each variable. Throws StateMismatchError with everything that the layers and the file do not share. */
export function placesIn({ arrays }: Hdf5File, layers: readonly Layer[], limits: ResolvedLimits): readonly Place[] {
  const paths = [...arrays.keys()];
  const places = placesOf(layers, paths, limits);
  const expected = new Set(places.map(({ path }) => path));
  const missing = [...expected].filter((path) => !arrays.has(path));
  const unexpected = paths.filter((path) => path.startsWith("layers/") && !expected.has(path));
  if (missing.length === 0 && unexpected.length === 0) return places;
  const lacking = missing.map((path) => `${path}, which the file lacks`);
  const extra = unexpected.map((path) => `${path}, which the model lacks`);
  throw new StateMismatchError(READ_KERAS, "the file is one of another model.", lacking, extra);
}

/**
 * The place of each variable of layers; those of an unknown class are what lies there: nothing, unless a file is given.
 * Each path is in one place only.
 */
export function placesOf(
  layers: readonly Layer[],
  paths: readonly string[] = [],
  limits: ResolvedLimits = DEFAULT_LIMITS,
): Place[] {
  const sorted = [...paths].sort();
  const names = new Tally(limits, "nameLength", "the length of all paths and names of weights");
  const taken = new Set<string>();
  const placesLeft = (layer: Layer): Place[] => {
    const places = placesWithin(layer, sorted, taken);
    for (const { path, name } of places) {
      names.add(path.length + name.length);
      taken.add(path);
    }
    return places;
  };
  // Layers within others come after them, and have what is theirs first.
  return [...layers].reverse().map(placesLeft).reverse().flat();
}

function placesWithin(layer: Layer, sorted: readonly string[], taken: ReadonlySet<string>): Place[] {
  const { path, label, trainable, weights } = layer;
  if (weights !== null) {
    return weights.map(({ name, trained }, i) => ({
      ...{ path: `${path}/vars/${i}`, name: `${label}_${name}` },
      trainable: trainable && trained,
    }));
  }
  const below = sorted.slice(firstFrom(sorted, `${path}/`), firstFrom(sorted, `${path}0`)); // "0" follows "/"
  return inOrder(below.filter((other) => !taken.has(other))).map((other) => {
    const rest = other.slice(path.length + 1).replace(/(^|\/)vars\//, "$1");
    return { path: other, name: `${label}_${rest.replaceAll("/", "_")}`, trainable };
  });
}

/** The index of the first of these that is not before `least`. */
function firstFrom(sorted: readonly string[], least: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? "") < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What a layer has from those around it. */
type Around = Pick<Layer, "path" | "label" | "trainable"> & { readonly count: Count };

/** The layers that a model lists: its own, then theirs. */
function layersWithin(model: Part, { path, label, trainable, count }: Around): Layer[] {
  const listed = Array.isArray(model.config.layers) ? model.config.layers : [];
  const parts = listed.flatMap((value: unknown) => partOf("", value));
  if (parts.length < listed.length) throw damaged("the config lists a layer without class_name and config");
  const names = countedNames(parts.map(({ className }) => className));
  if (new Set(names).size < names.length) throw damaged("the config lists two layers that have one place in a file");
  const inner = path === "" ? "layers" : `${path}/layers`;
  const around = { label, count, trainable: trainable && isTrainable(model.config) };
  return parts.flatMap((part, i) => layersOfPart(part, { ...around, path: `${inner}/${names[i]}` }));
}

function layersOfPart(part: Part, around: Around): Layer[] {
  const { name, className, config } = part;
  const label = around.label === "" ? name : `${around.label}_${name}`;
  around.count({ path: around.path, label });
  if (Array.isArray(config.layers)) return layersWithin(part, { ...around, label });
  const trainable = around.trainable && isTrainable(config);
  const own = { path: around.path, name, label, trainable };
  const contents = layerContentsOf(className, config);
  if (contents === null) return [{ ...own, weights: null }];
  const self = contents.weights.length > 0 ? [{ ...own, weights: contents.weights }] : [];
  const parts = contents.parts.flatMap((inner) =>
    layersOfPart(inner, { ...around, ...own, path: `${own.path}/${inner.path}` }),
  );
  return [...self, ...parts];
}

/** Keras' names for the layers of a list: their classes in snake case, counted. */
export function countedNames(classNames: readonly string[]): string[] {
  const used = new Map<string, number>();
  return classNames.map((className) => {
    const name = snakeCaseOf(className);
    const count = used.get(name) ?? 0;
    used.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  });
}

const isTrainable = ({ trainable }: LayerConfig): boolean => trainable !== false;

/** By their parts, where 2 comes before 10. */
function inOrder(paths: readonly string[]): string[] {
  // A number after how many digits it has is sorted as text.
  const keyOf = (digits: string) => String.fromCharCode(Math.min(digits.length, 31)) + digits;
  const keyed = new Map(paths.map((path) => [path.replace(/\d+/g, keyOf), path]));
  return [...keyed.keys()].sort().map((key) => keyed.get(key) ?? key);
}
