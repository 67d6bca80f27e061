// Where the weights of a legacy file lie: each layer lists its trained ones, then the others, those of all layers in it too.
import type { Hdf5File } from "../hdf5/read.js";
import { type Layer, type Place, placesOf } from "./config-layers.js";
import type { Layout } from "./layout.js";
import { layerNames, weightPaths } from "./legacy-attributes.js";

/** The layout of the file by its own lists, and by the layers of its config if there is one. */
export function legacyLayout(file: Hdf5File, root: string, layers: readonly Layer[] | null): Layout {
  const byTop = new Map<string, Layer[]>();
  for (const layer of layers ?? []) {
    const list = byTop.get(layer.top);
    if (list === undefined) byTop.set(layer.top, [layer]);
    else list.push(layer);
  }
  const places = layerNames(file, root).flatMap((name) => {
    const prefix = (root === "" ? 0 : root.length + 1) + name.length + 1;
    const stored = weightPaths(file, root, name).map((path) => ({ path, own: path.slice(prefix) }));
    return placesInLayer(stored, name, byTop.get(name) ?? []);
  });
  return { places, orderProblem: null };
}

/** A weight as a layer lists it. */
interface Stored {
  readonly path: string;
  readonly own: string;
}

function placesInLayer(stored: readonly Stored[], layer: string, layers: readonly Layer[]): Place[] {
  const known = placesOf(layers);
  const listed = [...known.filter(({ trainable }) => trainable), ...known.filter(({ trainable }) => !trainable)];
  const fits = listed.length === stored.length && listed.every(({ name }, i) => name.endsWith(`_${lastOf(stored[i])}`));
  if (fits) {
    const paths = new Map(listed.map((place, i) => [place, stored[i]?.path ?? ""]));
    return known.map((place) => ({ ...place, twin: null, path: paths.get(place) ?? place.path }));
  }
  const trainable = layers.every((each) => each.trainable);
  return stored.map((weight) => ({
    ...{ path: weight.path, name: nameOf(weight, layer), constraint: null, twin: null },
    trainable: trainable && !STATISTICS.has(lastOf(weight)),
  }));
}

/** What no layer of Keras trains. */
const STATISTICS = new Set(["moving_mean", "moving_variance", "mean", "variance", "count"]);

/** `"dense/kernel:0"` is the kernel of dense. */
const lastOf = (weight: Stored | undefined): string =>
  plain(weight?.own ?? "")
    .split("/")
    .at(-1) ?? "";

const plain = (name: string): string => name.replace(/:\d+$/, "");

function nameOf({ own }: Stored, layer: string): string {
  const name = plain(own).replaceAll("/", "_");
  return name.startsWith(layer) ? name : `${layer}_${name}`;
}
