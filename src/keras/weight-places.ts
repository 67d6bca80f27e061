// Which variable of a model lies where in its file, in the order in which Keras counts them. Files count class names:
// the second Dense is dense_1, whatever its own name.
import { StateMismatchError } from "../check/errors.js";
import { isFloat } from "./dtypes.js";
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
  /** Its constraint as the config has it; null for none. */
  readonly constraint: unknown;
}

/** Where the variables of a model lie in a file. */
export interface Layout {
  readonly places: readonly Place[];
  /** Why the order of the trainable ones may be another than the model's; null where it is known. */
  readonly orderProblem: string | null;
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
  readonly weights: readonly LayerWeight[] | null;
}

interface LayerWeight {
  readonly name: string;
  readonly trained: boolean;
  /** As the config has it; null for none. */
  readonly constraint: unknown;
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

/** The layout of a file without a config that lists layers: what lies where, and what the names of groups say of it. */
export function layoutOfFile(file: Hdf5File): Layout {
  const groups = groupsOf(file, [...file.arrays.keys()].filter(isOfLayer));
  const places = groups.flatMap((group) => placesOfGroup(group, group.name, true));
  return { places, orderProblem: isOrdered(groups) ? null : NO_ORDER };
}

const NO_ORDER = "The order of its layers is not in the file.";

/**
 * The layout of a file by the layers of a config. A layer that has other variables than its class is known for has what lies
 * there. Where the config is the file's own, all else that the two do not share is left out, as a doubt about the order; else it
 * is a StateMismatchError that lists it.
 */
export function layoutByLayers(file: Hdf5File, layers: readonly Layer[], isOwnConfig: boolean): Layout {
  const sorted = [...file.arrays.values()].flatMap(({ path, dtype }) => (isFloat(dtype) ? [path] : [])).sort();
  const layouts = layers.map((layer) => layoutOfLayer(file, layer, pathsBelow(sorted, layer.path)));
  const expected = layouts.flatMap((layout) => layout.places);
  const places = expected.filter(({ path }) => file.arrays.has(path));
  const known = new Set(places.map(({ path }) => path));
  const extra = sorted.filter((path) => path.startsWith("layers/") && !known.has(path));
  const orderProblem = layouts.find((layout) => layout.orderProblem !== null)?.orderProblem ?? null;
  if (places.length === expected.length && extra.length === 0) return { places, orderProblem };
  const missing = expected.filter(({ path }) => !file.arrays.has(path));
  const lacking = missing.map(({ path }) => `${path}, which the file lacks`);
  const left = extra.map((path) => `${path}, which the model lacks`);
  if (!isOwnConfig || places.length === 0) {
    throw new StateMismatchError(READ_KERAS, "the file is one of another model.", lacking, left);
  }
  return { places, orderProblem: `Its config and its arrays do not agree: ${shortened([...lacking, ...left])}.` };
}

const SHOWN = 3;

function shortened(texts: readonly string[]): string {
  const more = texts.length > SHOWN ? `, and ${texts.length - SHOWN} more` : "";
  return `${texts.slice(0, SHOWN).join("; ")}${more}`;
}

function layoutOfLayer(file: Hdf5File, layer: Layer, paths: readonly string[]): Layout {
  const known = placesOf([layer]);
  const isKnown = (path: string): boolean => known.some((place) => place.path === path);
  const fits = layer.weights !== null && paths.every(isKnown) && known.every(({ path }) => file.arrays.has(path));
  if (fits || paths.length === 0) return { places: known, orderProblem: null };
  const groups = groupsOf(file, paths);
  const places = groups.flatMap((group) => {
    const inner = group.path.slice(layer.path.length + 1).replaceAll("/", "_");
    return placesOfGroup(group, inner === "" ? layer.label : `${layer.label}_${inner}`, layer.trainable);
  });
  const orderProblem = groups.length < 2 ? null : `The order of the variables within ${layer.name} is not in the file.`;
  return { places, orderProblem };
}

/** The place of each variable of layers; those of an unknown class have none. */
export function placesOf(layers: readonly Layer[]): Place[] {
  return layers.flatMap(({ path, label, trainable, weights }) =>
    (weights ?? []).map(({ name, trained, constraint }, i) => ({
      ...{ path: `${path}/vars/${i}`, name: `${label}_${name}`, constraint },
      trainable: trainable && trained,
    })),
  );
}

/** Variables that lie in one place, which are those of one layer. */
interface Group {
  readonly path: string;
  /** The layer's own name where the file says it. */
  readonly name: string;
  readonly paths: readonly string[];
}

/** Paths by the group that they lie in, groups and paths in the order of the numbers in their names. */
function groupsOf({ attributes }: Hdf5File, paths: readonly string[]): Group[] {
  const groups = new Map<string, string[]>();
  for (const path of [...paths].sort(byNumbers)) {
    const [, group = "", own] = /^(?:(.+)\/)?vars\/(\d+)$/.exec(path) ?? [];
    if (own === undefined) continue;
    const list = groups.get(group);
    if (list === undefined) groups.set(group, [path]);
    else list.push(path);
  }
  return [...groups].map(([path, own]) => {
    const name = attributes.get(`${path}/vars`)?.get("name") ?? path.split("/").at(-1) ?? "";
    return { path, name, paths: own };
  });
}

/** What a group holds, by the class that it has the name of, if that has as many variables. */
function placesOfGroup({ path, name, paths }: Group, label: string, trainable: boolean): Place[] {
  const named = [name, path.split("/").at(-1) ?? ""].map((text) => classOfSnakeCase(text.replace(/_\d+$/, "")));
  const className = named.find((each) => each !== null) ?? null;
  const weights = className === null ? [] : (layerContentsOf(className, {})?.weights ?? []);
  const known = weights.length === paths.length ? weights : [];
  return paths.map((own, i) => ({
    ...{ path: own, name: `${label}_${known[i]?.name ?? i}`, constraint: null },
    trainable: trainable && (known[i]?.trained ?? true),
  }));
}

/** Whether the order of a file's layers is the model's own: only if they are all of one class, and counted. */
function isOrdered(groups: readonly Group[]): boolean {
  const shapes = groups.map(({ path }) => path.replace(/_\d+(?=\/|$)/g, ""));
  return new Set(shapes).size <= 1 && shapes.every((path) => /^(layers\/[^/]+\/?)+(cell)?$/.test(path));
}

/** Keras keeps optimizers and metrics beside the layers. */
const isOfLayer = (path: string): boolean => !/^(optimizer|metrics)\//.test(path);

/** Those of these sorted paths that lie in a folder. */
const pathsBelow = (sorted: readonly string[], folder: string): string[] =>
  sorted.slice(firstFrom(sorted, `${folder}/`), firstFrom(sorted, `${folder}0`)); // "0" follows "/"

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
  const contents = part.isOwn ? null : layerContentsOf(className, config);
  if (contents === null) return [{ ...own, weights: null }];
  const weights = contents.weights.map(({ name: weight, trained, constraint = "" }) => ({
    ...{ name: weight, trained, constraint: config[constraint] ?? null },
  }));
  const self = weights.length > 0 ? [{ ...own, weights }] : [];
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

/** 2 comes before 10. */
function byNumbers(a: string, b: string): number {
  const [left = [], right = []] = [a, b].map((path) => path.split(/(\d+)/));
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x = "", y = ""] = [left[i], right[i]];
    const difference = i % 2 === 1 ? Number(x) - Number(y) : x < y ? -1 : Number(x > y);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
