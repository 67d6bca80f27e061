// keras/layout/: which variable of a model lies where in a file.
//
// The layout of a file of Keras 3, and of Keras 2.12 and later: by the layers of a config, or by what the file itself says.
import { StateMismatchError } from "../../check/errors.js";
import { isFloat } from "../dtypes.js";
import { READ_KERAS } from "../errors.js";
import type { Attribute, Hdf5File } from "../hdf5/read.js";
import { type ResolvedLimits, Tally } from "../limits.js";
import { type Layer, namingOf, type Place, placesOf } from "./config-layers.js";
import { classOfSnakeCase, layerContentsOf } from "./layers.js";
import { numberOrder, pathsBelow } from "./paths.js";

/** Told of what is held in another way than the file has it. */
export type Note = (text: string) => void;

/** Where the variables of a model lie in a file. */
export interface Layout {
  readonly places: readonly Place[];
  /** Why the order of the trainable ones may be another than the model's; null where it is known. */
  readonly orderProblem: string | null;
  /** Why it is a guess which of them are trainable; null where it is known. */
  readonly flagsProblem: string | null;
}

/**
 * The layout of a file without a config that lists layers: what lies where, and what the names of groups say of it. `note` is told
 * what is left out.
 */
export function layoutOfFile(file: Hdf5File, note: Note): Layout {
  const all = groupsOf(file, [...file.arrays.keys()].filter(isOfLayer));
  const groups = all.filter((group) => !isOptimizer(file, group));
  for (const { path } of all.filter((group) => !groups.includes(group)))
    note(`${path} begins with a count: it is taken for the state of an optimizer, and is not among the weights.`);
  const places = groups.flatMap((group) => placesOfGroup(group, group.name, true));
  return { places, orderProblem: isOrdered(groups) ? null : NO_ORDER, flagsProblem: null };
}

const NO_ORDER = "The order of its layers is not in the file.";

interface LayoutOptions {
  readonly limits: ResolvedLimits;
  /** Whether the config is the file's own. */
  readonly isOwnConfig: boolean;
  readonly note: Note;
}

/**
 * The layout of a file by the layers of a config. A layer that has other variables than its class is known for has what lies
 * there. Where the config is the file's own, all else that the two do not share is left out, as a doubt about the order; where it was
 * passed, it is a StateMismatchError that lists it.
 */
export function layoutByLayers(
  file: Hdf5File,
  layers: readonly Layer[],
  { limits, isOwnConfig, note }: LayoutOptions,
): Layout {
  // What lies in two places is the variable of the first.
  const twins = new Set(placesOf(layers).flatMap(({ twin }) => twin ?? []));
  const floats = [...file.arrays.values()].filter(({ path, dtype }) => isFloat(dtype) && !twins.has(path));
  const sorted = floats.map(({ path }) => path).sort();
  // Of a layer that is known, those of the layers in it are theirs.
  const found = layers.map(({ path, weights }) => pathsBelow(sorted, weights?.length ? `${path}/vars` : path));
  const layouts = layers.map((layer, i) => layoutOfLayer(file, layer, found[i] ?? []));
  const expected = layouts.flatMap((layout) => layout.places);
  const names = new Tally(limits, "nameLength", "the length of all paths and names of weights");
  for (const { path, name } of expected) names.add(path.length + name.length);
  const places = expected.filter(({ path }) => file.arrays.has(path));
  const known = new Set(found.flat());
  const { folder } = namingOf(file);
  const extra = pathsBelow(sorted, folder).filter((path) => !known.has(path));
  const orderProblem = layouts.find((layout) => layout.orderProblem !== null)?.orderProblem ?? null;
  const flagsProblem = layouts.find((layout) => layout.flagsProblem !== null)?.flagsProblem ?? null;
  if (places.length === expected.length && extra.length === 0) return { places, orderProblem, flagsProblem };
  const missing = expected.filter(({ path }) => !file.arrays.has(path));
  const lacking = missing.map(({ path }) => `${path}, which the file lacks`);
  const left = extra.map((path) => `${path}, which the model lacks`);
  if (!isOwnConfig) throw new StateMismatchError(READ_KERAS, "the file is one of another model.", lacking, left);
  const doubt = `Its config and its arrays do not agree: ${shortened([...lacking, ...left])}.`;
  return { places: places.length > 0 ? places : layoutOfFile(file, note).places, orderProblem: doubt, flagsProblem };
}

const SHOWN = 3;

function shortened(texts: readonly string[]): string {
  const more = texts.length > SHOWN ? `, and ${texts.length - SHOWN} more` : "";
  return `${texts.slice(0, SHOWN).join("; ")}${more}`;
}

function layoutOfLayer(file: Hdf5File, layer: Layer, paths: readonly string[]): Layout {
  const known = placesOf([layer]);
  if (layer.weights?.length === 0) return { places: [], orderProblem: null, flagsProblem: null };
  const isKnown = (path: string): boolean => known.some((place) => place.path === path);
  const fits = layer.weights !== null && paths.every(isKnown) && known.every(({ path }) => file.arrays.has(path));
  if (fits || paths.length === 0) return { places: known, orderProblem: null, flagsProblem: null };
  const groups = groupsOf(file, paths);
  const places = groups.flatMap((group) => {
    const inner = group.path.slice(layer.path.length + 1).replaceAll("/", "_");
    return placesOfGroup(group, inner === "" ? layer.label : `${layer.label}_${inner}`, layer.trainable);
  });
  const isCounted = paths.every((path) => /\/\d+$/.test(path));
  const isClear = groups.length < 2 && (isCounted || paths.length < 2);
  const orderProblem = isClear ? null : `The order of the variables within ${layer.name} is not in the file.`;
  return { places, orderProblem, flagsProblem: `Which variables of ${layer.name} are trained is not in the file.` };
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
  for (const path of numberOrder(paths)) {
    const [, group = "", own] = /^(?:(.+)\/)?vars\/([^/]+)$/.exec(path) ?? [];
    if (own === undefined) continue;
    const list = groups.get(group);
    if (list === undefined) groups.set(group, [path]);
    else list.push(path);
  }
  return [...groups].map(([path, own]) => {
    const name =
      textOf(attributes.get(path === "" ? "vars" : `${path}/vars`)?.get("name")) ?? path.split("/").at(-1) ?? "";
    return { path, name, paths: own };
  });
}

const textOf = (attribute: Attribute | undefined): string | null => (typeof attribute === "string" ? attribute : null);

/** What a group holds, by the class that it has the name of, if that has as many variables. */
function placesOfGroup({ path, name, paths }: Group, label: string, trainable: boolean): Place[] {
  const named = [name, path.split("/").at(-1) ?? ""].map((text) => classOfSnakeCase(text.replace(/_\d+$/, "")));
  const className = named.find((each) => each !== null) ?? null;
  const weights = className === null ? [] : (layerContentsOf(className, {})?.weights ?? []);
  // Without scale or center, its statistics are the last all the same.
  const isStatistics = className === "BatchNormalization" && paths.length >= 2 && paths.length < weights.length;
  const known = weights.length === paths.length ? weights : isStatistics ? weights.slice(-paths.length) : [];
  return paths.map((own, i) => ({
    // A layer that saves its variables itself gives them names.
    ...{ path: own, name: `${label}_${known[i]?.name ?? own.split("/").at(-1)}`, constraint: null, twin: null },
    trainable: trainable && (known[i]?.trained ?? true),
  }));
}

/** Whether the order of a file's layers is the model's own: only if they are all of one class, and counted. */
function isOrdered(groups: readonly Group[]): boolean {
  const shapes = groups.map(({ path }) => path.replace(/_\d+(?=\/|$)/g, ""));
  return new Set(shapes).size <= 1 && shapes.every((path) => /^(layers\/[^/]+\/?)+(cell)?$/.test(path));
}

/** Whether a group is the state of an optimizer of the user's, such as a second one: numbered, it begins with a count. */
function isOptimizer({ arrays }: Hdf5File, { paths: [first = ""] }: Group): boolean {
  const array = first.endsWith("/0") ? arrays.get(first) : undefined; // what a layer names itself is no optimizer's
  return array !== undefined && array.shape.length === 0 && array.dtype.includes("int");
}

/** Keras keeps optimizers and metrics beside the layers. */
const isOfLayer = (path: string): boolean => !/^(optimizer|metrics)\//.test(path);
